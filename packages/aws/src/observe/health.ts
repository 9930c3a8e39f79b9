/** Looks at a service's health: its alarms, its targets, its stopped tasks, its rollout, and how the fleet fares. */

import type { Task } from '@aws-sdk/client-ecs'
import { dimensionOf, tieAlarms, watchKeys } from '@capstan/core/alarm-ties.ts'
import type { ObservedAlarm, ObservedFleet, ObservedHealth } from '@capstan/core/health.ts'
import type { DeliveryView, ServiceKey } from '@capstan/core/view.ts'
import type { CloudWatchApi, ElbApi } from '../clients.ts'
import { evidenceOf, observedAlarm } from './alarm-evidence.ts'
import type { Alarms, ListedAlarm } from './alarms.ts'
import { type FleetState, fleetOf } from './fleet.ts'
import type { LoadBalancers } from './load-balancers.ts'
import type { ServiceDeployments } from './service-deployments.ts'
import { type FoundService, primaryOf, targetGroupsOf } from './services.ts'
import { sharingOf } from './sharing.ts'
import { observeTargets } from './targets.ts'
import { stopOf, type Tasks } from './tasks.ts'
import { globKeys } from './watches.ts'

export interface HealthTools {
  readonly alarms: Alarms
  readonly cloudwatch: CloudWatchApi
  readonly elb: ElbApi
  readonly loadBalancers: LoadBalancers
  readonly serviceDeployments: ServiceDeployments
  readonly tasks: Tasks
}

/** What is read but once for all services that are looked at together. */
export interface Shared {
  readonly alarms: () => Promise<readonly ListedAlarm[]>
  /** How all services fare. */
  readonly fleet: () => Promise<FleetState>
  /** Whether any mute rule is active. */
  readonly isMuting: () => Promise<boolean>
  /** The tasks of a service that ECS still lists as stopped. */
  readonly stopped: (service: ServiceKey) => Promise<readonly Task[]>
}

/** A service's health, with the keys by which its alarms find it from now on. */
export interface HealthLook {
  readonly health: ObservedHealth
  readonly watches: readonly string[]
}

/** Looks at the health of one service. */
export async function observeHealth(
  found: FoundService,
  view: DeliveryView,
  shared: Shared,
  tools: HealthTools,
): Promise<HealthLook> {
  const [seen, targets, stopped, serviceDeployment] = await Promise.all([
    observeAlarms(found, view, shared, tools),
    observeTargets(tools.elb, found, tools.tasks),
    shared.stopped(found),
    isRollingOut(view) ? tools.serviceDeployments.latest(found) : undefined,
  ])
  const stops = stopped.map((task) => stopOf(task, view.service.containers))
  const isCalm =
    seen.alarms.every(({ state }) => state !== 'ALARM') &&
    targets.every(({ unhealthy }) => unhealthy === 0) &&
    !stops.some(({ deploymentId }) => deploymentId === view.service.primary.id) &&
    view.service.primary.rolloutState !== 'FAILED'
  const fleet = isCalm ? CALM : fleetOf(found, await shared.fleet())
  const running = primaryOf(found).runningCount ?? 0
  const health = { alarms: seen.alarms, targets, stops, running, fleet }
  return {
    health: { ...health, ...(serviceDeployment && { serviceDeployment }) },
    watches: seen.watches,
  }
}

/** Of a fleet that nobody has to ask about, since nothing is wrong with the service. */
const CALM: ObservedFleet = { watched: 1, alarming: 0, rolledBackLately: 0 }

const isRollingOut = ({ service, record }: DeliveryView): boolean =>
  record?.inFlight !== undefined ||
  service.primary.rolloutState === 'IN_PROGRESS' ||
  service.deployments.length > 1

async function observeAlarms(
  found: FoundService,
  view: DeliveryView,
  shared: Shared,
  tools: HealthTools,
): Promise<{ alarms: ObservedAlarm[]; watches: string[] }> {
  const { keys, balancers } = await keysOf(found, view, tools)
  const listed = await shared.alarms()
  const { tied } = tieAlarms(listed, keys)
  const ringing = tied.filter(({ alarm }) => alarm.seen.StateValue === 'ALARM')
  const [others, evidence] = await Promise.all([
    sharingOf(ringing, { tied, listed, keys, balancers }, tools.loadBalancers),
    evidenceOf(
      ringing.map(({ alarm }) => alarm.seen),
      shared.isMuting,
      tools.cloudwatch,
    ),
  ])
  const alarms = tied.map(({ alarm: { name, seen }, ties }) => ({
    ...observedAlarm(seen, evidence),
    ties,
    sharedWith: others.get(name) ?? 0,
  }))
  return { alarms, watches: [...watchKeys(keys, tied), ...globKeys(view.settings.guard.alarms)].sort() }
}

/** What the service is known by to alarms; `balancers` are the ARNs of the load balancers in front of it. */
async function keysOf(found: FoundService, view: DeliveryView, { loadBalancers }: HealthTools) {
  const groups = targetGroupsOf(found)
  const inFront = await Promise.all(groups.map((arn) => loadBalancers.inFrontOf(arn)))
  const balancers = [...new Set(inFront.filter((arn) => arn !== undefined))]
  const keys = {
    service: found,
    targetGroups: groups.flatMap((arn) => dimensionOf(arn) ?? []),
    loadBalancers: balancers.flatMap((arn) => dimensionOf(arn) ?? []),
    alarms: view.settings.guard.alarms,
  }
  return { keys, balancers }
}
