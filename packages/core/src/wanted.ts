/** What has to be looked at before a delivery is decided, so that nothing is asked of AWS that no decision rests on. */
import { afterwards } from './afterwards.ts'
import { isBaking, settledState } from './bake.ts'
import { decideDelivery } from './delivery.ts'
import { goodWanted, isJudged } from './guard.ts'
import { recordInFlight } from './in-flight.ts'
import { goodStates } from './rollback.ts'
import type { DeliveryView, GoodState } from './view.ts'

/**
 * Whether the decision may rest on the service's health: while it is deployed, watched or in trouble, and for as long as
 * trouble could be put down to what was deployed last. Not where something is deployed anyway and nothing is wrong so
 * far, as after most pushes: what would be judged is replaced.
 */
export function healthWanted(view: DeliveryView, now: number): boolean {
  const { record, request, rollbackRequest, settings } = view
  if (!settings.enrolled || settings.problems.length > 0 || record?.known === undefined) return false
  if (rollbackRequest !== undefined || record.inFlight?.rollback !== undefined) return true
  if (request !== undefined) return false
  if (record.trouble !== undefined) return true
  const due = recordInFlight(view, now)
  const seen = due === undefined ? view : afterwards(view, due, now)
  if (!isJudged(seen)) return false
  if (decideDelivery(view, now).some(({ kind }) => kind === 'deploy')) return false
  return seen.record?.inFlight !== undefined || isBaking(seen) || isWatched(seen, now)
}

/**
 * The good states that the decision may go back to and that were not looked at: ask whether each can still be run, put
 * that into `usable`, and decide then. Empty where nothing is to be rolled back.
 */
export function goodToCheck(view: DeliveryView, now: number): readonly GoodState[] {
  return wantedStates(view, now).filter(
    ({ taskDefinitionArn }) => view.usable?.[taskDefinitionArn] === undefined,
  )
}

function wantedStates(view: DeliveryView, now: number): readonly GoodState[] {
  const { good = [], inFlight } = view.record ?? {}
  if (view.rollbackRequest !== undefined) return goodStates(view)
  const { rollback } = inFlight ?? {}
  if (rollback !== undefined)
    return good.filter(({ taskDefinitionArn }) => taskDefinitionArn === rollback.taskDefinitionArn)
  const due = recordInFlight(view, now)
  return goodWanted(due === undefined ? view : afterwards(view, due, now), now)
}

function isWatched(view: DeliveryView, now: number): boolean {
  const completedAt = settledState(view)?.completedAt ?? view.service.primary.createdAt
  return now - completedAt <= view.settings.guard.watchMs
}
