/** What happened to alarms: kept for two weeks, as CloudWatch keeps it, and never more than the newest 10,000 items. */
import type * as client from '@aws-sdk/client-cloudwatch'
import type { AlarmHistoryItem } from '@aws-sdk/client-cloudwatch'
import type { Handlers } from '../wire/handlers.ts'
import { assertOneOf, assertRange } from './errors.ts'
import { pageOf } from './paging.ts'
import { SWEEP_MS } from './retention.ts'
import type { Alarm, CloudwatchContext, CloudwatchOperation, HistoryItem } from './state.ts'

const TWO_WEEKS_MS = 14 * 86_400_000
const MOST_ITEMS = 10_000

export const historyOperations = {
  DescribeAlarmHistory(input, { state }) {
    const { AlarmName, AlarmTypes = ['MetricAlarm'], HistoryItemType, StartDate, EndDate } = input
    assertRange('maxRecords', input.MaxRecords, 1, 100)
    assertOneOf('scanBy', input.ScanBy, ['TimestampAscending', 'TimestampDescending'])
    const found = state.history.filter(
      ({ alarmName, alarmType, type, at }) =>
        (AlarmName === undefined || alarmName === AlarmName) &&
        AlarmTypes.includes(alarmType) &&
        (HistoryItemType === undefined || type === HistoryItemType) &&
        (StartDate === undefined || at >= StartDate.getTime()) &&
        (EndDate === undefined || at <= EndDate.getTime()),
    )
    if (input.ScanBy !== 'TimestampAscending') found.reverse()
    const { page, nextToken } = pageOf(found, input.MaxRecords ?? 100, input.NextToken)
    return { AlarmHistoryItems: page.map(viewOf), ...(nextToken !== undefined && { NextToken: nextToken }) }
  },
} satisfies Partial<Handlers<typeof client, CloudwatchOperation>>

function viewOf({ alarmName, alarmType, at, type, summary, data }: HistoryItem): AlarmHistoryItem {
  return {
    AlarmName: alarmName,
    AlarmType: alarmType,
    Timestamp: new Date(at),
    HistoryItemType: type,
    HistorySummary: summary,
    HistoryData: data,
  }
}

/** Adds an item; `data` is kept as JSON text. */
export function remember(
  { state, now }: CloudwatchContext,
  { name, type: alarmType }: Alarm,
  type: HistoryItem['type'],
  summary: string,
  data: object,
): void {
  state.sweepAt ??= now + SWEEP_MS
  state.history.push({ alarmName: name, alarmType, at: now, type, summary, data: JSON.stringify(data) })
  if (state.history.length > MOST_ITEMS) state.history.splice(0, state.history.length - MOST_ITEMS)
}

/** Forgets what is older than two weeks. */
export function sweepHistory({ state, now }: CloudwatchContext): void {
  const first = state.history.findIndex(({ at }) => at > now - TWO_WEEKS_MS)
  state.history.splice(0, first < 0 ? state.history.length : first)
}
