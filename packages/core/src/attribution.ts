/** Whether what is wrong with a service can be put down to the deployment that runs, and if not, why not. */
import type { ObservedAlarm, ObservedFleet } from './health.ts'
import type { DeliveryView, HoldReason } from './view.ts'

/** Fewer services than this in trouble at once are no outage, whatever their share. */
const FEWEST_IN_OUTAGE = 3

/**
 * Why an alarm in ALARM is not the present deployment's doing; `undefined` where it is. The first row that fits counts.
 *
 * | the alarm                                                          | reason            |
 * | ------------------------------------------------------------------ | ----------------- |
 * | is muted or suppressed                                             | muted             |
 * | rings because nothing was measured                                 | missing-data      |
 * | is about fewer requests than `minimumRequests`                     | no-traffic        |
 * | is tied by what others share, and is about others as much          | shared-alarm      |
 * | any, while much of the fleet is in trouble                         | correlated-outage |
 * | any, for a bake time after that                                    | after-outage      |
 * | rang before the deployment was created                             | already-alarming  |
 * | any, when the deployment was completed longer ago than `watchMs`   | nothing-recent    |
 *
 * An alarm that rang before the deployment, but after an earlier one that was never verified, counts all the same once
 * it has rung for the whole bake time of this one: neither of them was good.
 */
export function attributeAlarm(
  view: DeliveryView,
  fleet: ObservedFleet,
  alarm: ObservedAlarm,
  now: number,
): HoldReason | undefined {
  if (alarm.muted !== undefined) return 'muted'
  if (alarm.missingData) return 'missing-data'
  const { minimumRequests } = view.settings.guard
  if (alarm.requests !== undefined && alarm.requests < minimumRequests) return 'no-traffic'
  if (isShared(alarm)) return 'shared-alarm'
  const outage = attributeToFleet(view, fleet, now)
  if (outage !== undefined) return outage
  if (rangBefore(view, alarm, now)) return 'already-alarming'
  return attributeToAge(view, now)
}

/** The same for trouble of any other kind, which is of the present deployment's own tasks. */
export function attribute(view: DeliveryView, fleet: ObservedFleet, now: number): HoldReason | undefined {
  return attributeToFleet(view, fleet, now) ?? attributeToAge(view, now)
}

/** What tells one ringing of an alarm from the next. */
export function causeOfAlarm({ arn, transitionedAt }: ObservedAlarm): string {
  return `${arn}@${transitionedAt}`
}

// A person who names or tags an alarm says whose it is; a target group is one service's.
function isShared({ ties, sharedWith }: ObservedAlarm): boolean {
  return sharedWith > 0 && ties.every((tie) => tie === 'load-balancer' || tie === 'child')
}

/** Who recovers last from an outage is not to blame for it: after it, trouble counts only if it lasts a bake time more. */
function attributeToFleet(
  { record, settings }: DeliveryView,
  fleet: ObservedFleet,
  now: number,
): HoldReason | undefined {
  if (isOutage(fleet, settings.guard.share)) return 'correlated-outage'
  const trouble = record?.trouble
  if (trouble?.reason === 'correlated-outage') return 'after-outage'
  if (trouble?.reason !== 'after-outage') return undefined
  return now - trouble.since < settings.guard.bakeMs ? 'after-outage' : undefined
}

function isOutage({ watched, alarming, rolledBackLately }: ObservedFleet, share: number): boolean {
  const inTrouble = alarming + rolledBackLately
  return inTrouble >= FEWEST_IN_OUTAGE && inTrouble > share * watched
}

function rangBefore({ record, service, settings }: DeliveryView, alarm: ObservedAlarm, now: number): boolean {
  const { id, createdAt } = service.primary
  if (alarm.transitionedAt >= createdAt) return false
  const { bake, unverifiedSince } = record ?? {}
  const isOfAnUnverified = unverifiedSince !== undefined && alarm.transitionedAt >= unverifiedSince
  const isBaked = bake?.primaryId === id && now - bake.since >= settings.guard.bakeMs
  return !(isOfAnUnverified && isBaked)
}

function attributeToAge({ record, service, settings }: DeliveryView, now: number): HoldReason | undefined {
  const { createdAt, id } = service.primary
  const known = record?.known
  const completedAt = known?.primaryId === id ? known.completedAt : undefined
  return now - (completedAt ?? createdAt) > settings.guard.watchMs ? 'nothing-recent' : undefined
}
