/** How the load balancers of a service find its tasks: one state for each task, by what all its target groups say. */

import type { KnownTask, SourceKey, TargetState } from '@capstan/core/discovery/view.ts'
import type { ElbApi } from '../clients.ts'
import type { FoundService } from '../observe/services.ts'
import { describeTargets } from '../observe/targets.ts'
import { settleEach, valuesOf } from '../parallel.ts'
import type { TargetDescription } from '../wire/services.ts'
import type { Hosts } from './hosts.ts'
import { ownerOf, type RecentServices } from './sources.ts'

/** The states of a source's running tasks, by task id; a task that nothing checks has none. */
export type TargetStates = (
  source: SourceKey,
  tasks: readonly KnownTask[],
) => Promise<ReadonlyMap<string, TargetState>>

/** A task's place among targets: its address, or its ports on the instance that it runs on. */
interface Placed {
  readonly id: string
  readonly address?: string
  readonly instance?: string
  readonly ports: readonly number[]
}

/** States as `elb` tells them; which target groups a service has may be ten seconds old. */
export function targetStatesOf(elb: ElbApi, services: RecentServices, hosts: Hosts): TargetStates {
  return async (source, tasks) => {
    const owner = ownerOf(source)
    const running = tasks.filter(({ desired, last }) => desired === 'RUNNING' && last === 'RUNNING')
    if (owner.kind === 'family' || !running.length) return new Map()
    const [found] = await services([owner.key])
    const groups = found ? groupsOf(found) : []
    if (!groups.length) return new Map()
    const [targets, placed] = await Promise.all([
      settleEach(groups, (arns) => readGroups(elb, arns)),
      placesOf(source.cluster, running, hosts),
    ])
    const perGroup = valuesOf(targets)
    return new Map(
      placed.flatMap((place) => {
        const state = worstOf(perGroup.flatMap((group) => stateIn(group, place) ?? []))
        return state === undefined ? [] : [[place.id, state] as const]
      }),
    )
  }
}

/** Of each load balancer its target groups: in a blue/green deployment a task is in either of the two. */
function groupsOf({ described }: FoundService): string[][] {
  return (described.loadBalancers ?? [])
    .map(({ advancedConfiguration, targetGroupArn }) =>
      [targetGroupArn, advancedConfiguration?.alternateTargetGroupArn].filter((arn) => arn !== undefined),
    )
    .filter((arns) => arns.length > 0)
}

async function readGroups(elb: ElbApi, arns: readonly string[]) {
  return valuesOf(await settleEach(arns, (arn) => describeTargets(elb, arn))).flat()
}

async function placesOf(cluster: string, tasks: readonly KnownTask[], hosts: Hosts): Promise<Placed[]> {
  const hosted = tasks.flatMap(({ containerInstanceArn, interfaceId }) =>
    interfaceId === undefined && containerInstanceArn !== undefined ? [containerInstanceArn] : [],
  )
  const instances = hosted.length ? await hosts(cluster, hosted) : new Map<string, string>()
  return tasks.map(({ addresses, containerInstanceArn = '', id, ports }) => {
    const instance = instances.get(containerInstanceArn)
    return {
      id,
      ...(addresses.private !== undefined && { address: addresses.private }),
      ...(instance !== undefined && { instance }),
      ports: ports.map(({ hostPort }) => hostPort),
    }
  })
}

/** From the worst to the best. */
const STATES: readonly TargetState[] = ['leaving', 'unhealthy', 'absent', 'initial', 'healthy']

function worstOf(states: readonly TargetState[]): TargetState | undefined {
  return STATES.find((state) => states.includes(state))
}

/**
 * How one load balancer's targets have a task; `undefined` where nothing checks it: its group is in no load balancer's use,
 * or health checks are disabled. Of several targets (a blue/green deployment's two groups) the best one counts: the
 * other one is about to go.
 */
export function stateIn(targets: readonly TargetDescription[], place: Placed): TargetState | undefined {
  const own = targets.filter((target) => isAt(target, place))
  if (!own.length) return 'absent'
  const states = own.flatMap(({ TargetHealth }) => STATE_OF[TargetHealth?.State ?? ''] ?? [])
  return STATES.findLast((state) => states.includes(state))
}

/** States of TargetHealth (ELB API reference) that say something of the task. */
const STATE_OF: Readonly<Record<string, TargetState>> = {
  initial: 'initial',
  healthy: 'healthy',
  unhealthy: 'unhealthy',
  'unhealthy.draining': 'leaving',
  draining: 'leaving',
}

function isAt({ Target }: TargetDescription, { address, instance, ports }: Placed): boolean {
  if (Target?.Id === undefined) return false
  if (Target.Id === instance) return Target.Port === undefined || ports.includes(Target.Port)
  return Target.Id === address
}
