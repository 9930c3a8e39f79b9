/** A service's tasks: where those of its primary deployment are reached, and how those that have stopped came to stop. */

import type { Container, DesiredStatus, ListTasksCommandInput, Task } from '@aws-sdk/client-ecs'
import type { ObservedStop } from '@capstan/core/health.ts'
import type { ObservedContainer, ServiceKey } from '@capstan/core/view.ts'
import type { EcsApi } from '../clients.ts'
import { settleEach, valuesOf } from '../parallel.ts'
import { pagesOf } from '../wire/pages.ts'
import { noneIfGone } from './none-if-gone.ts'
import { batchesOf, type FoundService, primaryOf } from './services.ts'

/** Where a load balancer reaches one task. */
export interface Place {
  /** Of its own network interface, where it has one. */
  readonly address?: string
  /** On the container instance that it runs on. */
  readonly hostPorts: readonly number[]
}

export interface Tasks {
  /** Of the primary deployment's tasks; `undefined` where no other deployment has tasks: then all are its own. */
  placesOfPrimary(found: FoundService): Promise<readonly Place[] | undefined>
  /** The tasks that ECS still lists as stopped (about an hour). */
  stopped(service: ServiceKey): Promise<readonly Task[]>
}

/** DescribeTasks takes this many at a time (API reference). */
const DESCRIBED_AT_ONCE = 100

/** Tasks as `ecs` tells of them. */
export function tasksOf(ecs: EcsApi): Tasks {
  return {
    async placesOfPrimary(found) {
      if (found.described.deployments?.length === 1) return undefined
      const { id } = primaryOf(found)
      const tasks = await describeTasks(ecs, found, 'RUNNING')
      return tasks.filter(({ startedBy }) => startedBy === id).map(placeOf)
    },
    stopped: (service) => describeTasks(ecs, service, 'STOPPED'),
  }
}

async function describeTasks(ecs: EcsApi, key: ServiceKey, desiredStatus: DesiredStatus) {
  const { cluster, service: serviceName } = key
  const arns = await listTaskArns(ecs, { cluster, serviceName, desiredStatus })
  return await describeTaskArns(ecs, cluster, arns)
}

/** The ARNs of the tasks that `asked` selects; none where its cluster or service is gone. */
export function listTaskArns(ecs: EcsApi, asked: ListTasksCommandInput): Promise<string[]> {
  const list = async () => {
    const arns: string[] = []
    const pages = pagesOf(
      (nextToken) => ecs.call('ListTasks', { ...asked, maxResults: 100, nextToken }),
      (page) => page.nextToken,
    )
    for await (const { taskArns = [] } of pages) arns.push(...taskArns)
    return arns
  }
  return noneIfGone(list())
}

/** The tasks of a cluster as ECS describes them; those that it does not know (any more) are left out. */
export async function describeTaskArns(
  ecs: EcsApi,
  cluster: string,
  arns: readonly string[],
): Promise<Task[]> {
  const described = await settleEach(batchesOf(arns, DESCRIBED_AT_ONCE), (tasks) =>
    noneIfGone(ecs.call('DescribeTasks', { cluster, tasks }).then((answer) => answer.tasks ?? [])),
  )
  return valuesOf(described).flat()
}

function placeOf({ attachments = [], containers = [] }: Task): Place {
  const details = attachments.flatMap((attachment) => attachment.details ?? [])
  const address = details.find(({ name }) => name === 'privateIPv4Address')?.value
  const bindings = containers.flatMap(({ networkBindings = [] }) => networkBindings)
  return {
    ...(address !== undefined && { address }),
    hostPorts: bindings.flatMap(({ hostPort }) => hostPort ?? []),
  }
}

/** One stopped task as core sees it; `containers` say which were essential, and a container that the present definition does not have counts as essential. */
export function stopOf(task: Task, containers: readonly ObservedContainer[]): ObservedStop {
  const { taskArn = '', startedBy, stopCode, stoppedReason, stoppedAt, stoppingAt } = task
  return {
    taskArn,
    ...(startedBy?.startsWith('ecs-svc/') && { deploymentId: startedBy }),
    stoppedAt: (stoppedAt ?? stoppingAt)?.getTime() ?? 0,
    ...(stopCode !== undefined && { stopCode }),
    ...(stoppedReason !== undefined && { stoppedReason }),
    exits: (task.containers ?? []).map((container) => exitOf(container, containers)),
  }
}

function exitOf({ name = '', exitCode, reason }: Container, containers: readonly ObservedContainer[]) {
  const own = containers.find((container) => container.name === name)
  return {
    container: name,
    essential: own?.essential ?? true,
    ...(exitCode !== undefined && { code: exitCode }),
    ...(reason !== undefined && { reason }),
  }
}
