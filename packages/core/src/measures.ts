/**
 * What a pass of decisions measures, for dashboards and the four measures of DORA: data, made of what the ledger takes, so
 * that each thing is counted once however often events come. docs/decisions/027-metrics.md says why each is as it is.
 */
import type { DeliveryDecision } from './decision.ts'
import { isGood } from './good.ts'
import { nameOf } from './service-key.ts'
import type { DeliveryView, DeployedImage, Hold, InFlight } from './view.ts'

/** One value of one metric. */
export interface Measure {
  readonly name: MetricName
  readonly unit: 'Count' | 'Seconds' | 'Milliseconds'
  readonly value: number
}

export type MetricName =
  | 'Deployments' // ECS has begun a deployment of Capstan's
  | 'Rollbacks' // Capstan or ECS itself goes back
  | 'FailedDeployments' // 1: it failed or was rolled back; 0: it was verified. Its average is the change failure rate
  | 'PushToStarted' // from the push of its newest image until ECS began
  | 'PushToDeployed' // until ECS had completed it
  | 'PushToVerified' // until it counted as good: the lead time for changes
  | 'TimeToRestore' // from the verdict until the rollback was completed
  | 'Skips' // nothing is done, for another reason than before
  | 'DiscoveryLag' // from RUNNING until a task's record was written

/** Values that are told apart by one thing besides being told all together. */
export interface Measures {
  /** A service as `cluster/service`, or the reason of a decision; absent where they are only told together. */
  readonly by?: { readonly service: string } | { readonly reason: string }
  readonly metrics: readonly Measure[]
}

type Decided<K extends DeliveryDecision['kind']> = Extract<DeliveryDecision, { kind: K }>

const count = (name: MetricName, value = 1): Measure => ({ name, unit: 'Count', value })

/** Nothing where either time (ms) is not known. */
function seconds(name: MetricName, from: number | undefined, to: number | undefined): Measure[] {
  if (from === undefined || to === undefined) return []
  return [{ name, unit: 'Seconds', value: Math.max(0, to - from) / 1000 }]
}

/** What `decisions`, made of `view` and written down together, measure. */
export function measuresOf(view: DeliveryView, decisions: readonly DeliveryDecision[]): Measures[] {
  const metrics = decisions.flatMap((decision) => metricsOf(view, decision, decisions))
  const skips = decisions.filter((decision) => decision.kind === 'skip')
  return [
    ...(metrics.length > 0 ? [{ by: { service: nameOf(view.service) }, metrics }] : []),
    ...skips.map(({ reason }) => ({ by: { reason }, metrics: [count('Skips')] })),
  ]
}

function metricsOf(
  view: DeliveryView,
  decision: DeliveryDecision,
  all: readonly DeliveryDecision[],
): Measure[] {
  switch (decision.kind) {
    case 'record':
      return recordMetrics(view, decision)
    case 'bake':
      return restoreMetrics(view, decision, all)
    case 'verify':
      return verifyMetrics(view, decision)
    default:
      return []
  }
}

/**
 * What became of what is in flight: by the first record that says so it has begun, whoever wrote its intent.
 *
 * | in flight          | started   | completed           | failed                          | overtaken |
 * | ------------------ | --------- | ------------------- | ------------------------------- | --------- |
 * | deploy, intended   | begun     | begun and deployed  | begun and failed                |           |
 * | deploy, started    |           | deployed            | failed                          |           |
 * | rollback, intended | rollback  | rollback            |                                 |           |
 * | rollback, started  |           |                     |                                 |           |
 */
function recordMetrics(view: DeliveryView, decision: Decided<'record'>): Measure[] {
  const { inFlight } = view.record ?? {}
  const { reason } = decision
  if (inFlight === undefined || reason === 'overtaken') return []
  const isFirst = inFlight.state === 'intended'
  if (inFlight.rollback !== undefined)
    return isFirst && reason !== 'failed' ? rollbackMetrics(view, inFlight) : []
  const pushed = pushTime(view, changesOf(inFlight.images, view.record?.known?.images))
  const began = view.service.primary.createdAt
  return [
    ...(isFirst ? [count('Deployments')] : []),
    ...(isFirst && reason !== 'failed' ? seconds('PushToStarted', pushed, began) : []),
    ...(reason === 'completed' ? seconds('PushToDeployed', pushed, decision.known.completedAt) : []),
    ...(reason === 'failed' ? [count('FailedDeployments')] : []),
    // It is held where ECS has gone back by itself.
    ...(reason === 'failed' && decision.hold !== undefined ? [count('Rollbacks')] : []),
  ]
}

/** What is rolled back has failed, unless that was counted when ECS said so, or it is no deployment of Capstan's. */
function rollbackMetrics({ service }: DeliveryView, { basePrimaryId, rollback }: InFlight): Measure[] {
  const { cause = '', how, of = '' } = rollback ?? {}
  const before = service.deployments.find(({ id }) => id === basePrimaryId)
  const isCounted = cause.startsWith('failed:') || (how === 'update' && before?.rolloutState === 'FAILED')
  const isOurs = !of.startsWith('ecs-svc/')
  return [count('Rollbacks'), ...(isOurs && !isCounted ? [count('FailedDeployments')] : [])]
}

/** The first state that is watched after one went back is what restored the service. */
function restoreMetrics(
  view: DeliveryView,
  { bake }: Decided<'bake'>,
  all: readonly DeliveryDecision[],
): Measure[] {
  const { record, service } = view
  const hold = all.reduce<Hold | undefined>((before, decision) => {
    return decision.kind === 'record' ? (decision.hold ?? before) : before
  }, record?.hold)
  const isFirst = hold?.reason === 'rolled-back' && (record?.bake?.since ?? 0) < hold.since
  if (!isFirst || bake.primaryId !== service.primary.id) return []
  return seconds('TimeToRestore', hold.since, service.primary.updatedAt)
}

/** What was good before, as a rollback brings back, is no change; neither is what Capstan did not deploy. */
function verifyMetrics(view: DeliveryView, { good }: Decided<'verify'>): Measure[] {
  const { record } = view
  if (good.deployment === undefined || isGood(record?.good, good.images)) return []
  const pushed = pushTime(view, changesOf(good.images, record?.good?.[0]?.images))
  return [count('FailedDeployments', 0), ...seconds('PushToVerified', pushed, good.verifiedAt)]
}

type Images = Readonly<Record<string, DeployedImage>>

function changesOf(images: Images, before: Images = {}): DeployedImage[] {
  const changed = Object.entries(images).filter(([name, { digest }]) => before[name]?.digest !== digest)
  return changed.map(([, image]) => image)
}

/** When the newest of the images was pushed (ms). How old an image is that an operator asks for says nothing. */
function pushTime(
  { record, repositories }: DeliveryView,
  images: readonly DeployedImage[],
): number | undefined {
  if (record?.hold?.reason === 'requested') return undefined
  const times = images.flatMap(({ digest, repository }) => {
    return repositories[repository]?.find((image) => image.digest === digest)?.pushedAt ?? []
  })
  return times.length > 0 ? Math.max(...times) : undefined
}
