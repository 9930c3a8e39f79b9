/** How the whole fleet fares: what tells a bad image from an outage that hits many services at once. Pure. */
import type { ObservedFleet } from '@capstan/core/health.ts'
import { nameOf } from '@capstan/core/service-key.ts'
import type { ServiceKey, ServiceRecord } from '@capstan/core/view.ts'
import type { ListedAlarm } from './alarms.ts'
import { isWatchedBy } from './watches.ts'

/** A rollback so short ago (ms) belongs to the same event as the alarms of now. */
const LATELY_MS = 5 * 60_000

/** The services of `records` by their alarms in ALARM; `service` is known to be among the alarming. */
export function fleetOf(
  service: ServiceKey,
  records: readonly ServiceRecord[],
  alarms: readonly ListedAlarm[],
  now: number,
): ObservedFleet {
  const ringing = alarms.filter(({ seen }) => seen.StateValue === 'ALARM')
  const watched = records.filter(({ watches = [] }) => watches.length > 0)
  const isAlarming = (record: ServiceRecord) =>
    nameOf(record) === nameOf(service) || ringing.some((alarm) => isWatchedBy(alarm, record.watches ?? []))
  const isBackLately = ({ rolledBack }: ServiceRecord) =>
    rolledBack !== undefined && now - rolledBack.at < LATELY_MS
  return {
    watched: Math.max(1, watched.length),
    alarming: watched.filter(isAlarming).length,
    rolledBackLately: records.filter((record) => isBackLately(record) && !isAlarming(record)).length,
  }
}
