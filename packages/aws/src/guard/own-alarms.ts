/**
 * Keeps the alarms that Capstan owns as they should be: compares what is with what is wanted, and makes, changes and
 * removes the difference. What does not carry Capstan's tag is someone else's, whatever it is called.
 */

import type { MetricAlarm, PutMetricAlarmCommandInput } from '@aws-sdk/client-cloudwatch'
import { SERVICE_TAG } from '@capstan/core/alarm-ties.ts'
import type { CloudWatchApi } from '../clients.ts'
import type { Alarms } from '../observe/alarms.ts'
import { batchesOf } from '../observe/services.ts'
import { settleEach, valuesOf } from '../parallel.ts'
import { pagesOf } from '../wire/pages.ts'
import { isAsWanted, OWN_PREFIX, OWNER_TAG } from './recommended-alarms.ts'

/** DeleteAlarms takes this many at a time (API reference). */
const DELETED_AT_ONCE = 100

/** What is to be done. */
export interface AlarmChanges {
  readonly put: readonly PutMetricAlarmCommandInput[]
  /** Names. */
  readonly remove: readonly string[]
  /** Names that are wanted and that someone else's alarms have. */
  readonly foreign: readonly string[]
}

export interface WantedAlarms {
  readonly alarms: readonly PutMetricAlarmCommandInput[]
  /** Services (`cluster/service`) that could not be looked at: their alarms are left as they are. */
  readonly unseen: readonly string[]
}

/** Makes the alarms as `wanted`. Returns what was done. Throws what CloudWatch throws, once the rest is through. */
export async function keepOwnAlarms(
  cloudwatch: CloudWatchApi,
  tags: Alarms['tags'],
  wanted: WantedAlarms,
): Promise<AlarmChanges> {
  const existing = await listOwn(cloudwatch)
  const suspects = existing.filter((alarm) => !wanted.alarms.some((each) => isSettled(alarm, each)))
  const changes = changesTo(existing, wanted, await tags(suspects))
  const puts = await settleEach(changes.put, (input) => cloudwatch.call('PutMetricAlarm', input))
  for (const AlarmNames of batchesOf(changes.remove, DELETED_AT_ONCE))
    await cloudwatch.call('DeleteAlarms', { AlarmNames })
  valuesOf(puts)
  return changes
}

async function listOwn(cloudwatch: CloudWatchApi): Promise<MetricAlarm[]> {
  const alarms: MetricAlarm[] = []
  const asked = { AlarmTypes: ['MetricAlarm' as const], AlarmNamePrefix: OWN_PREFIX, MaxRecords: 100 }
  const pages = pagesOf(
    (NextToken) => cloudwatch.call('DescribeAlarms', { ...asked, NextToken }),
    (page) => page.NextToken,
  )
  for await (const { MetricAlarms = [] } of pages) alarms.push(...MetricAlarms)
  return alarms
}

const isSettled = (alarm: MetricAlarm, wanted: PutMetricAlarmCommandInput): boolean =>
  alarm.AlarmName === wanted.AlarmName && isAsWanted(alarm, wanted)

/** The difference, given the tags by ARN of the alarms that are not as wanted. Pure. */
export function changesTo(
  existing: readonly MetricAlarm[],
  { alarms, unseen }: WantedAlarms,
  tags: ReadonlyMap<string, Readonly<Record<string, string>>>,
): AlarmChanges {
  const tagsOf = ({ AlarmArn = '' }: MetricAlarm) => tags.get(AlarmArn) ?? {}
  const isOwn = (alarm: MetricAlarm) => tagsOf(alarm)[OWNER_TAG] === 'capstan'
  const byName = new Map(existing.map((alarm) => [alarm.AlarmName, alarm]))
  const isForeign = ({ AlarmName }: PutMetricAlarmCommandInput) => {
    const there = byName.get(AlarmName)
    return there !== undefined && !isOwn(there)
  }
  const changed = alarms.filter((wanted) => {
    const there = byName.get(wanted.AlarmName)
    return !(there && isAsWanted(there, wanted))
  })
  const names = new Set(alarms.map(({ AlarmName }) => AlarmName))
  const left = existing.filter((alarm) => !names.has(alarm.AlarmName) && isOwn(alarm))
  return {
    put: changed.filter((wanted) => !isForeign(wanted)),
    remove: left
      .filter((alarm) => !unseen.includes(tagsOf(alarm)[SERVICE_TAG] ?? ''))
      .flatMap(({ AlarmName }) => AlarmName ?? []),
    foreign: changed.filter(isForeign).flatMap(({ AlarmName }) => AlarmName ?? []),
  }
}
