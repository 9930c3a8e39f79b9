/** How the whole fleet fares: what tells a bad image from an outage that hits many services at once. Pure. */
import { keysOfAlarmEvent, SERVICE_TAG } from '@capstan/core/alarm-ties.ts'
import type { ObservedFleet } from '@capstan/core/health.ts'
import { nameOf, parseServiceName } from '@capstan/core/service-key.ts'
import type { ServiceKey, ServiceRecord } from '@capstan/core/view.ts'
import type { ListedAlarm } from './alarms.ts'
import { watchesAny } from './watches.ts'

/** A rollback so short ago (ms) belongs to the same event as the alarms of now. */
const LATELY_MS = 5 * 60_000

/** The services of the fleet, each looked at once, by name. */
export interface FleetState {
  readonly watched: ReadonlySet<string>
  readonly alarming: ReadonlySet<string>
  readonly rolledBackLately: ReadonlySet<string>
}

/** What all records and all alarms come to, in time that grows with their number alone. `now` is in ms. */
export function fleetState(
  records: readonly ServiceRecord[],
  alarms: readonly ListedAlarm[],
  now: number,
): FleetState {
  const ringing = alarms.filter(({ seen }) => seen.StateValue === 'ALARM')
  const keys = new Set(ringing.flatMap((alarm) => [...keysOfAlarmEvent(alarm), ...taggedBy(alarm)]))
  const names = ringing.map(({ name }) => name)
  const namesOf = (among: readonly ServiceRecord[]) => new Set(among.map(nameOf))
  return {
    watched: namesOf(records.filter(({ watches = [] }) => watches.length > 0)),
    alarming: namesOf(records.filter(({ watches = [] }) => watchesAny(watches, keys, names))),
    rolledBackLately: namesOf(
      records.filter(({ rolledBack }) => rolledBack !== undefined && now - rolledBack.at < LATELY_MS),
    ),
  }
}

/** A tag alone may say whose an alarm is. */
const taggedBy = ({ tags }: ListedAlarm): string[] => {
  const tagged = parseServiceName(tags?.[SERVICE_TAG]?.trim() ?? '')
  return tagged ? [nameOf(tagged)] : []
}

/** The fleet as seen from a service that is in trouble itself. */
export function fleetOf(service: ServiceKey, state: FleetState): ObservedFleet {
  const alarming = new Set([...state.alarming, nameOf(service)])
  return {
    watched: new Set([...state.watched, nameOf(service)]).size,
    alarming: alarming.size,
    rolledBackLately: [...state.rolledBackLately].filter((name) => !alarming.has(name)).length,
  }
}
