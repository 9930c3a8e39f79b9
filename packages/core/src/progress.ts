/** What the ledger remembers after a decision is applied: the pure half of every write to a service's record. */
import type { DeliveryDecision } from './decision.ts'
import type { DeployedImage, InFlight, ServiceRecord } from './view.ts'

/** The part of a record that decisions change. */
export type Progress = Pick<ServiceRecord, 'inFlight' | 'known' | 'hold' | 'quarantine'>

/** Of a service that was never seen before. */
export const noProgress: Progress = { quarantine: {} }

/** What only the one who applies a decision can say: the deployment's id, and when its intent is written (ms). */
export interface Intent {
  readonly id: string
  readonly now: number
}

/**
 * The record after a decision. For `deploy` it is the record of the intent: in flight, to be confirmed by a later
 * `record`; one that resumes keeps its deployment's id. `wait` and `skip` change nothing.
 */
export function progressAfter(progress: Progress, decision: DeliveryDecision, intent: Intent): Progress {
  const { inFlight, hold, ...rest } = progress
  switch (decision.kind) {
    case 'deploy':
      return { ...rest, ...optional('hold', decision.hold), inFlight: intended(decision, intent) }
    case 'record':
      return afterRecord(progress, decision)
    case 'adopt':
      return {
        ...rest,
        // What failed in the deleted service did not fail in this one.
        ...(decision.reason === 'created-anew' && { quarantine: {} }),
        ...optional('inFlight', inFlight),
        ...optional('hold', decision.hold),
        known: decision.known,
      }
    case 'hold':
      return { ...rest, ...optional('inFlight', inFlight), hold: decision.hold, known: decision.known }
    case 'wait':
    case 'skip':
      return progress
  }
}

function afterRecord(progress: Progress, decision: Extract<DeliveryDecision, { kind: 'record' }>): Progress {
  const { inFlight, ...rest } = progress
  const { reason, known, primaryId, deployment } = decision
  if (reason === 'started') {
    return { ...progress, known, ...(inFlight && { inFlight: { ...inFlight, state: 'started', primaryId } }) }
  }
  const failed = (decision.failedDigests ?? []).map((digest) => [digest, `deployment ${deployment} failed`])
  // Someone may have asked for what had failed before: now it works.
  const works = reason === 'completed' ? Object.values(inFlight?.images ?? {}) : []
  const quarantine = [...Object.entries(rest.quarantine), ...failed].filter(([failing]) => {
    return !works.some(({ digest }) => digest === failing)
  })
  return { ...rest, known, quarantine: Object.fromEntries(quarantine) }
}

function intended(decision: Extract<DeliveryDecision, { kind: 'deploy' }>, { id, now }: Intent): InFlight {
  const { changes, basePrimaryId, resumes } = decision
  const images = changes.map(({ container, to }): [string, DeployedImage] => [container, to])
  return {
    id: resumes ?? id,
    images: Object.fromEntries(images),
    state: 'intended',
    intendedAt: now,
    basePrimaryId,
  }
}

function optional<Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value } {
  const object: { [K in Key]?: Value } = {}
  if (value !== undefined) object[key] = value
  return object
}
