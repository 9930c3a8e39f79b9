/** What the ledger remembers after a decision is applied: the pure half of every write to a service's record. */
import type { DeliveryDecision } from './decision.ts'
import { goodAfter, isGood } from './good.ts'
import type { DeployedImage, InFlight, RolledBack, ServiceRecord } from './view.ts'

/** The part of a record that decisions change. */
export type Progress = Pick<
  ServiceRecord,
  | 'inFlight'
  | 'known'
  | 'hold'
  | 'quarantine'
  | 'bake'
  | 'good'
  | 'trouble'
  | 'rolledBack'
  | 'unverifiedSince'
>
type Decided<K extends DeliveryDecision['kind']> = Extract<DeliveryDecision, { kind: K }>

/** Of a service that was never seen before. */
const noProgress: Progress = { quarantine: {} }

/** The part of a record that decisions change, alone. */
export function progressOf(record: ServiceRecord | undefined): Progress {
  if (record === undefined) return noProgress
  const { cluster, service, version, repositories, lastDecision, problems, ...rest } = record
  const { pause, warnings, watches, ...progress } = rest
  return progress
}

/** The record with another progress: what that lacks is gone. */
export function withProgress(record: ServiceRecord, progress: Progress): ServiceRecord {
  const { inFlight, known, hold, bake, good, trouble, rolledBack, unverifiedSince, ...rest } = record
  return { ...rest, ...progress }
}

/** What only the one who applies a decision can say: the deployment's id, and when its intent is written (ms). */
export interface Intent {
  readonly id: string
  readonly now: number
}

/**
 * The record after a decision. For `deploy` and `roll-back` it is the record of the intent: in flight, to be confirmed
 * by a later `record`; one that resumes keeps its deployment's id. `wait` and `skip` change nothing.
 */
export function progressAfter(progress: Progress, decision: DeliveryDecision, intent: Intent): Progress {
  switch (decision.kind) {
    case 'deploy':
      return afterDeploy(progress, decision, intent)
    case 'roll-back':
      return afterRollBack(progress, decision, intent)
    case 'record':
      return afterRecord(progress, decision, intent)
    case 'adopt':
      return afterAdopt(progress, decision)
    case 'hold':
      return afterHold(progress, decision)
    case 'bake':
      return { ...progress, bake: decision.bake }
    case 'verify':
      return afterVerify(progress, decision)
    case 'clear':
      return afterClear(progress, intent)
    case 'wait':
    case 'skip':
      return progress
  }
}

function afterDeploy(progress: Progress, decision: Decided<'deploy'>, intent: Intent): Progress {
  const { hold, rolledBack, ...rest } = progress
  const { changes, basePrimaryId, resumes, breakGlass } = decision
  const images = changes.map(({ container, to }): [string, DeployedImage] => [container, to])
  // A rollback that it takes the place of did not come about.
  const isInstead = rest.inFlight?.rollback !== undefined
  return {
    unverifiedSince: intent.now,
    ...rest,
    ...optional('hold', decision.hold),
    ...optional('rolledBack', isInstead ? undefined : rolledBack),
    inFlight: {
      ...intended(resumes, basePrimaryId, Object.fromEntries(images), intent),
      ...optional('breakGlass', breakGlass),
    },
  }
}

function afterRollBack(
  { bake, ...rest }: Progress,
  decision: Decided<'roll-back'>,
  intent: Intent,
): Progress {
  const { basePrimaryId, breakGlass, hold, images, resumes, rollback } = decision
  const { cause, taskDefinitionArn } = rollback
  const note = decision.evidence.join('; ')
  return {
    ...rest,
    hold,
    quarantine: { ...rest.quarantine, ...decision.quarantine },
    rolledBack: { taskDefinitionArn, at: intent.now, cause },
    trouble: { reason: 'recovering', cause, since: intent.now, note },
    inFlight: {
      ...intended(resumes, basePrimaryId, images, intent),
      rollback,
      ...optional('breakGlass', breakGlass),
    },
  }
}

function intended(
  resumes: string | undefined,
  basePrimaryId: string,
  images: InFlight['images'],
  { id, now }: Intent,
): InFlight {
  return { id: resumes ?? id, images, state: 'intended', intendedAt: now, basePrimaryId }
}

function afterRecord(progress: Progress, decision: Decided<'record'>, { now }: Intent): Progress {
  const { inFlight, rolledBack, unverifiedSince, ...rest } = progress
  const { reason, known, primaryId, deployment } = decision
  // Only a rollback that is completed ends what was not verified: what it went back to was.
  const isBack = inFlight?.rollback !== undefined && reason === 'completed'
  const seen = {
    ...rest,
    known,
    ...optional('rolledBack', rolledBackAfter(progress, decision, now)),
    ...optional('unverifiedSince', isBack ? undefined : unverifiedSince),
  }
  if (reason === 'started') {
    return { ...seen, ...(inFlight && { inFlight: { ...inFlight, state: 'started', primaryId } }) }
  }
  const failed = (decision.failedDigests ?? []).map((digest) => [digest, `deployment ${deployment} failed`])
  // Someone may have asked for what had failed before: now it works.
  const works = reason === 'completed' ? Object.values(inFlight?.images ?? {}) : []
  const quarantine = { ...rest.quarantine, ...Object.fromEntries(failed) }
  return {
    ...seen,
    ...optional('hold', decision.hold ?? rest.hold),
    quarantine: without(
      quarantine,
      works.map(({ digest }) => digest),
    ),
  }
}

function without(quarantine: Progress['quarantine'], digests: readonly string[]): Progress['quarantine'] {
  return Object.fromEntries(Object.entries(quarantine).filter(([digest]) => !digests.includes(digest)))
}

/**
 * A rollback is known by what carries it out; one by ECS itself is known by what a failure left behind. One that did not
 * come about is forgotten: else its cause would count as dealt with, and what is to blame would run on.
 */
function rolledBackAfter(
  { good, inFlight, rolledBack }: Progress,
  { deployment, hold, known, primaryId, reason }: Decided<'record'>,
  now: number,
): RolledBack | undefined {
  const { taskDefinitionArn } = known
  if (inFlight?.rollback !== undefined && rolledBack !== undefined) {
    if (reason === 'started' || reason === 'completed') return { ...rolledBack, primaryId, taskDefinitionArn }
    const isUndone = inFlight.state === 'intended' && primaryId === inFlight.basePrimaryId
    return reason === 'overtaken' || isUndone ? undefined : rolledBack
  }
  // ECS goes back to what completed last, and that may be bad as well: it is not gone back from only if it was good.
  const isBack = reason === 'failed' && hold !== undefined && known.primaryId === primaryId
  if (!isBack || !isGood(good, known.images)) return rolledBack
  return { primaryId, taskDefinitionArn, at: now, cause: `ecs:${deployment}` }
}

function afterAdopt({ hold, ...rest }: Progress, decision: Decided<'adopt'>): Progress {
  const { known } = decision
  // What failed or was good in the deleted service says nothing of this one.
  const kept: Progress =
    decision.reason === 'created-anew' ? { quarantine: {}, ...optional('inFlight', rest.inFlight) } : rest
  return { ...kept, ...optional('hold', decision.hold), known }
}

function afterHold(progress: Progress, decision: Decided<'hold'>): Progress {
  if (decision.reason === 'foreign-change') return { ...progress, hold: decision.hold, known: decision.known }
  const { trouble, quarantine } = decision
  return { ...progress, trouble, quarantine: { ...progress.quarantine, ...quarantine } }
}

function afterVerify({ unverifiedSince, ...rest }: Progress, decision: Decided<'verify'>): Progress {
  const { good, primaryId } = decision
  const { verifiedAt } = good
  // It was blamed where there was nothing to go back to, and recovered: now it has shown that it works.
  const works = Object.values(good.images).map(({ digest }) => digest)
  return {
    ...rest,
    quarantine: without(rest.quarantine, works),
    good: goodAfter(rest.good, good),
    bake: { since: verifiedAt, ...rest.bake, primaryId, verifiedAt },
  }
}

function afterClear({ trouble, ...rest }: Progress, { now }: Intent): Progress {
  const { bake } = rest
  if (bake === undefined || bake.verifiedAt !== undefined) return rest
  return { ...rest, bake: { ...bake, since: now } }
}

function optional<Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value } {
  const object: { [K in Key]?: Value } = {}
  if (value !== undefined) object[key] = value
  return object
}
