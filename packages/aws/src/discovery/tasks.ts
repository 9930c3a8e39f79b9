/** Tasks as ECS tells of them: those of one source, and which families run without a service. */

import type { Task } from '@aws-sdk/client-ecs'
import { seenTaskOf } from '@capstan/core/discovery/events.ts'
import { sourceName } from '@capstan/core/discovery/names.ts'
import type { SeenTask, SourceKey } from '@capstan/core/discovery/view.ts'
import type { EcsApi } from '../clients.ts'
import { listClusters } from '../observe/services.ts'
import type { TaskDefinitions } from '../observe/task-definitions.ts'
import { describeTaskArns, listTaskArns } from '../observe/tasks.ts'
import { settleEach, valuesOf } from '../parallel.ts'
import { ownerOf } from './sources.ts'

export interface SourceTasks {
  /** The tasks of a source that ECS wants to run; none where its cluster or service is gone. */
  listTasks(source: SourceKey): Promise<SeenTask[]>
  /** Tasks of a source by their ARNs; those that ECS does not know (it forgets stopped ones after an hour) are left out. */
  describeTasks(source: SourceKey, arns: readonly string[]): Promise<SeenTask[]>
  /** Whether an essential container of a task definition has a health check, by which ECS judges its tasks. */
  isChecked(taskDefinitionArn: string): Promise<boolean>
  /** The families of all tasks that ECS wants to run and that belong to no service. */
  runningFamilies(): Promise<SourceKey[]>
}

/** Whose a task is never changes; this many ARNs are a few megabytes. */
const MOST_TASKS = 20_000

/** Tasks as `ecs` tells of them. */
export function sourceTasksOf(ecs: EcsApi, taskDefinitions: TaskDefinitions): SourceTasks {
  const known = new Map<string, SourceKey>()
  return {
    async listTasks(source) {
      const arns = await listTaskArns(ecs, {
        cluster: source.cluster,
        ...asked(source),
        desiredStatus: 'RUNNING',
      })
      return await describeOf(ecs, source, arns)
    },
    describeTasks: (source, arns) => describeOf(ecs, source, arns),
    async isChecked(taskDefinitionArn) {
      const { definition } = await taskDefinitions.get(taskDefinitionArn)
      const { containerDefinitions = [] } = definition
      return containerDefinitions.some(
        ({ essential = true, healthCheck }) => essential && healthCheck !== undefined,
      )
    },
    async runningFamilies() {
      const clusters = await listClusters(ecs)
      const found = valuesOf(await settleEach(clusters, (cluster) => sourcesIn(ecs, cluster, known)))
      const families = found.flat().filter((source) => ownerOf(source).kind === 'family')
      return [...new Map(families.map((source) => [sourceName(source), source])).values()]
    },
  }
}

function asked(source: SourceKey) {
  const owner = ownerOf(source)
  return owner.kind === 'service' ? { serviceName: owner.key.service } : { family: owner.family }
}

async function describeOf(ecs: EcsApi, source: SourceKey, arns: readonly string[]): Promise<SeenTask[]> {
  const tasks = await describeTaskArns(ecs, source.cluster, arns)
  const own = sourceName(source)
  // A family's tasks may be a service's, and are then that service's alone.
  return seenTasks(tasks).filter((task) => sourceName(task.source) === own)
}

const seenTasks = (tasks: readonly Task[]): SeenTask[] => tasks.flatMap((task) => seenTaskOf(task) ?? [])

/** Whose the running tasks of a cluster are. ListTasks does not tell, so each task is described once. */
async function sourcesIn(ecs: EcsApi, cluster: string, known: Map<string, SourceKey>): Promise<SourceKey[]> {
  const arns = await listTaskArns(ecs, { cluster, desiredStatus: 'RUNNING' })
  const news = await describeTaskArns(
    ecs,
    cluster,
    arns.filter((arn) => !known.has(arn)),
  )
  const seen = new Map(seenTasks(news).map(({ arn, source }) => [arn, source]))
  const sources = arns.flatMap((arn) => known.get(arn) ?? seen.get(arn) ?? [])
  for (const [arn, source] of seen) known.set(arn, source)
  for (const arn of [...known.keys()].slice(0, Math.max(0, known.size - MOST_TASKS))) known.delete(arn)
  return sources
}
