/** Whom an alarm's event concerns: the services whose record watches it, or the one that its tag names. */
import { SERVICE_TAG } from '@capstan/core/alarm-ties.ts'
import type { AlarmStateChanged } from '@capstan/core/events.ts'
import { parseServiceName } from '@capstan/core/service-key.ts'
import type { ServiceKey, ServiceRecord } from '@capstan/core/view.ts'
import type { Alarms } from './alarms.ts'
import { isWatchedBy } from './watches.ts'

/** The services to look at; none for an alarm that is about something else. */
export async function concernedBy(
  event: AlarmStateChanged,
  records: readonly ServiceRecord[],
  alarms: Alarms,
): Promise<ServiceKey[]> {
  const watching = records.filter(({ watches = [] }) => isWatchedBy(event, watches))
  if (watching.length) return watching
  const { arn: AlarmArn, at } = event
  const tags = await alarms.tags([{ AlarmArn, StateTransitionedTimestamp: new Date(at) }])
  const tagged = parseServiceName(tags.get(AlarmArn)?.[SERVICE_TAG]?.trim() ?? '')
  return tagged ? [tagged] : []
}
