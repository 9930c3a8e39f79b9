/** Which of Capstan's decisions are told to others, and as what: events of the source `capstan` (docs/events.md). */
import type { DeliveryDecision } from '@capstan/core/decision.ts'
import type { FleetEventDetail, OwnEvent, OwnEventDetail } from '@capstan/core/own-events.ts'
import type { DeliveryView, DeployedImage } from '@capstan/core/view.ts'
import type { UnsentEvent } from './outbox.ts'
import type { Pass } from './pass.ts'
import type { DecisionEntry } from './rows.ts'

/** The events that tell of a decision, as it was written down: one, or none for what is no news. */
export function eventsOf(
  decision: DeliveryDecision,
  entry: DecisionEntry | undefined,
  view: DeliveryView,
): UnsentEvent[] {
  const detailType = detailTypeOf(decision)
  if (!detailType || !entry) return []
  const { cluster, service, arn } = view.service
  const { id: decisionId, at, deployment, facts, reason, sentence } = entry
  const detail: OwnEventDetail = {
    service: { cluster, service, arn },
    ...(deployment !== undefined && { deployment }),
    images: imagesIn(decision, view),
    reason,
    sentence,
    facts,
    decision: decisionId,
    at,
  }
  return [{ id: `${decisionId}#${cluster}/${service}`, at, detailType, detail }]
}

/** Its name, by what has happened; an outage is told of as a whole, not by each service that it hits. */
function detailTypeOf(decision: DeliveryDecision): OwnEvent['detail-type'] | undefined {
  switch (decision.kind) {
    case 'deploy':
      return decision.resumes === undefined ? 'Capstan Deployment Started' : undefined
    case 'record':
      if (decision.reason === 'completed') return 'Capstan Deployment Completed'
      return decision.reason === 'failed' ? 'Capstan Deployment Failed' : undefined
    case 'verify':
      return 'Capstan Deployment Verified'
    case 'roll-back':
      return decision.resumes === undefined ? 'Capstan Deployment Rolled Back' : undefined
    case 'hold':
      return isPassing(decision.reason) ? undefined : 'Capstan Deployment Held'
    default:
      return undefined
  }
}

/** Holds that are only the beginning or the aftermath of what is told anyway. */
const isPassing = (reason: string): boolean =>
  ['targets-unhealthy', 'recovering', 'correlated-outage'].includes(reason)

/** The images that a decision is about, by container. */
export function imagesIn(decision: DeliveryDecision, view: DeliveryView): Record<string, DeployedImage> {
  switch (decision.kind) {
    case 'deploy':
      return Object.fromEntries(decision.changes.map(({ container, to }) => [container, to]))
    case 'roll-back':
      return { ...decision.images }
    case 'verify':
      return { ...decision.good.images }
    case 'record':
      return { ...(view.record?.inFlight?.images ?? decision.known.images) }
    default:
      return { ...view.record?.known?.images }
  }
}

/** What tells of the outage that a pass holds its service for, if it does; it names no service, for it hits many. */
export function outageOf({ decisions, service: { cluster, service } }: Pass): UnsentEvent | undefined {
  const entry = decisions.find(({ kind, reason }) => kind === 'hold' && reason === 'correlated-outage')
  if (!entry) return undefined
  const { at, facts, id, reason, sentence } = entry
  const detail: FleetEventDetail = { scope: 'fleet', reason, sentence, facts, decision: id, at, images: {} }
  return {
    id: `${id}#${cluster}/${service}`,
    at,
    detailType: 'Capstan Held' satisfies OwnEvent['detail-type'],
    detail,
  }
}
