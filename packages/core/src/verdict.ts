/** Judges a service's health from what is seen of it: four outcomes, each with its evidence. */
import { attribute, attributeAlarm, causeOfAlarm } from './attribution.ts'
import type { RollBackReason } from './decision.ts'
import { formatDuration } from './duration.ts'
import type { ObservedAlarm, ObservedHealth, ObservedStop, ObservedTargets } from './health.ts'
import { classifyStop, type StopKind } from './stops.ts'
import type { DeliveryView, HoldReason } from './view.ts'

/** In which crashes are counted, and infrastructure stops looked at. */
const STOPS_WINDOW_MS = 600_000

/** One thing that is wrong. */
export interface Evidence {
  readonly kind: Exclude<RollBackReason, 'requested' | 'unfinished-intent'> | 'infrastructure'
  /** What tells it from the next one of its kind. */
  readonly cause: string
  /** For people: the end of a sentence. */
  readonly note: string
  /** Why it is not the present deployment's doing; absent where it is. */
  readonly held?: HoldReason
}

/**
 * `unhealthy`: something is wrong because of what runs. `infrastructure`: tasks were taken away from it.
 * `inconclusive`: something is wrong, or not yet right, and nothing says that what runs is to blame.
 */
export interface Verdict {
  readonly outcome: 'healthy' | 'unhealthy' | 'inconclusive' | 'infrastructure'
  /** What it rests on, what counts most first; none for `healthy`. */
  readonly evidence: readonly Evidence[]
}

type Seen = DeliveryView & { readonly health: ObservedHealth }

// Why nothing is rolled back, in the order in which a person should hear of it. What is about to count comes first,
// since the ledger remembers one reason and the time of its beginning.
const TELLING: readonly HoldReason[] = [
  'targets-unhealthy',
  'after-outage',
  'correlated-outage',
  'infrastructure',
  'already-alarming',
]

/** Why nothing is rolled back although what runs is to blame. */
const AGAINST_ROLLBACK: readonly HoldReason[] = [
  'paused',
  'guard-off',
  'rollback-unhealthy',
  'already-rolled-back',
  'nothing-to-roll-back-to',
]

/** Judges the primary deployment of a view in which health was looked at. `now` is in ms since the epoch. */
export function judgeHealth(view: Seen, now: number): Verdict {
  const evidence = [
    ...failedEvidence(view, now),
    ...view.health.alarms.flatMap((alarm) => alarmEvidence(view, alarm, now)),
    ...crashEvidence(view, now),
    ...targetsEvidence(view, now),
    ...infrastructureEvidence(view, now),
  ].sort((a, b) => rankOf(a) - rankOf(b))
  const first = evidence[0]
  if (first === undefined) return { outcome: hasItsTasks(view) ? 'healthy' : 'inconclusive', evidence }
  if (first.held === undefined) return { outcome: 'unhealthy', evidence }
  return { outcome: first.held === 'infrastructure' ? 'infrastructure' : 'inconclusive', evidence }
}

/** When the present deployment's tasks crashed, as far as ECS still lists them (ms). */
export function crashesOf(view: Seen): number[] {
  return stopsOf(view, 'application').map(({ stoppedAt }) => stoppedAt)
}

function rankOf({ held }: Evidence): number {
  if (held === undefined) return -1
  const rank = TELLING.indexOf(held)
  return rank === -1 ? TELLING.length : rank
}

function hasItsTasks({ health, service }: Seen): boolean {
  return health.running >= service.desiredCount
}

function failedEvidence(view: Seen, now: number): Evidence[] {
  const { id, rolloutState, rolloutStateReason } = view.service.primary
  if (rolloutState !== 'FAILED') return []
  const cause = `failed:${id}`
  const note = `ECS says that the deployment failed${rolloutStateReason ? `: ${ended(rolloutStateReason)}` : ''}`
  return [{ kind: 'deployment-failed', cause, note, ...heldBy(attribute(view, view.health.fleet, now)) }]
}

function alarmEvidence(view: Seen, alarm: ObservedAlarm, now: number): Evidence[] {
  if (alarm.state !== 'ALARM') return []
  const held = attributeAlarm(view, view.health.fleet, alarm, now)
  const muted = alarm.muted === undefined ? '' : `, muted by ${alarm.muted}`
  const note = `alarm ${alarm.name} is in ALARM${muted}: ${ended(alarm.reason)}`
  return [{ kind: 'alarm', cause: causeOfAlarm(alarm), note, ...heldBy(held) }]
}

function crashEvidence(view: Seen, now: number): Evidence[] {
  const crashes = recent(stopsOf(view, 'application'), now)
  const last = crashes.toSorted((a, b) => a.stoppedAt - b.stoppedAt).at(-1)
  if (last === undefined || crashes.length < view.settings.guard.crashes) return []
  const cause = `crash-loop:${view.service.primary.id}`
  const within = formatDuration(STOPS_WINDOW_MS)
  const note = `${crashes.length} tasks crashed within ${within}; of the last one, ${classifyStop(last).what}`
  return [{ kind: 'crash-loop', cause, note, ...heldBy(attribute(view, view.health.fleet, now)) }]
}

/**
 * Targets that are unhealthy count once the deployment is completed and they stay so: until then they may be starting,
 * and ECS itself replaces them.
 */
function targetsEvidence(view: Seen, now: number): Evidence[] {
  const { id, rolloutState } = view.service.primary
  const bad = view.health.targets.find(isMostlyUnhealthy)
  if (bad === undefined || rolloutState === 'IN_PROGRESS') return []
  const cause = `targets:${id}`
  const lasts = hasLasted(view, cause, now)
  const held = attribute(view, view.health.fleet, now) ?? (lasts ? undefined : 'targets-unhealthy')
  const reasons = bad.reasons.length === 0 ? '' : ` (${bad.reasons.join(', ')})`
  const all = bad.healthy + bad.unhealthy + bad.initial
  const note = `${bad.unhealthy} of ${all} targets of ${bad.targetGroup} are unhealthy${reasons}`
  return [{ kind: 'targets-unhealthy', cause, note, ...heldBy(held) }]
}

/** Whether targets were unhealthy for long enough: the ledger knows since when, or that they were to blame before. */
function hasLasted({ record, settings }: Seen, cause: string, now: number): boolean {
  const trouble = record?.trouble
  if (trouble?.cause !== cause) return false
  if (trouble.reason === 'targets-unhealthy') return now - trouble.since >= settings.guard.dwellMs
  return AGAINST_ROLLBACK.includes(trouble.reason)
}

function isMostlyUnhealthy({ healthy, unhealthy, initial }: ObservedTargets): boolean {
  return unhealthy * 2 > healthy + unhealthy + initial
}

function infrastructureEvidence(view: Seen, now: number): Evidence[] {
  const taken = recent(stopsOf(view, 'infrastructure'), now)
  const [first] = taken
  if (first === undefined || hasItsTasks(view)) return []
  const { desiredCount, primary } = view.service
  const note = `${view.health.running} of ${desiredCount} tasks run; of one that stopped, ${classifyStop(first).what}`
  return [{ kind: 'infrastructure', cause: `infrastructure:${primary.id}`, note, held: 'infrastructure' }]
}

function stopsOf({ health, service }: Seen, kind: StopKind): ObservedStop[] {
  return health.stops.filter(
    (stop) => stop.deploymentId === service.primary.id && classifyStop(stop).kind === kind,
  )
}

function recent(stops: readonly ObservedStop[], now: number): ObservedStop[] {
  return stops.filter(({ stoppedAt }) => now - stoppedAt <= STOPS_WINDOW_MS)
}

function heldBy(held: HoldReason | undefined): { held?: HoldReason } {
  return held === undefined ? {} : { held }
}

/** A sentence of someone else's, to go on from. */
function ended(sentence: string): string {
  return sentence.trim().replace(/\.$/, '')
}
