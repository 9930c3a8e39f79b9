/** CloudWatch's alarms, all of one region at once: DescribeAlarms cannot be asked for those of a service. */

import type { CompositeAlarm, MetricAlarm } from '@aws-sdk/client-cloudwatch'
import { type PlainAlarm, plainAlarm } from '@capstan/core/alarm-ties.ts'
import { boundedCache } from '../bounded-cache.ts'
import type { CloudWatchApi } from '../clients.ts'
import { settleEach, valuesOf } from '../parallel.ts'
import { pagesOf } from '../wire/pages.ts'
import { noneIfGone } from './none-if-gone.ts'

/** An alarm as DescribeAlarms tells of it: one on metrics, or one on other alarms. */
export type SeenAlarm = MetricAlarm & CompositeAlarm

/** The same with its plain form, by which it is tied to services. */
export interface ListedAlarm extends PlainAlarm {
  readonly seen: SeenAlarm
}

export interface Alarms {
  /** Every alarm, of both types; those that nothing but a tag can tie, with their tags if they changed since `since`. */
  list(since: number): Promise<readonly ListedAlarm[]>
  /** The tags of alarms by ARN: asked for once for each change of their state, and so of few alarms. */
  tags(alarms: readonly SeenAlarm[]): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>>
}

const MOST_TAGGED = 5000
/** DescribeAlarms gives this many at a time (API reference). */
const PAGE = 100

/** Alarms as `cloudwatch` tells of them. */
export function alarmsOf(cloudwatch: CloudWatchApi): Alarms {
  const cache = boundedCache(MOST_TAGGED, (key) => listTags(cloudwatch, key.slice(key.indexOf(' ') + 1)))
  const tags: Alarms['tags'] = async (alarms) => {
    const found = await settleEach(alarms, async (alarm) => {
      return [alarm.AlarmArn ?? '', await cache.get(`${transitionOf(alarm)} ${alarm.AlarmArn}`)] as const
    })
    return new Map(valuesOf(found))
  }
  return {
    tags,
    async list(since) {
      const alarms = await describeAlarms(cloudwatch)
      const moved = alarms.filter((alarm) => isOpen(alarm) && hasMoved(alarm, since))
      const tagged = await tags(moved)
      return alarms.map((seen) => ({ ...plainAlarm(seen, tagged.get(seen.AlarmArn ?? '')), seen }))
    },
  }
}

async function describeAlarms(cloudwatch: CloudWatchApi): Promise<SeenAlarm[]> {
  const alarms: SeenAlarm[] = []
  const asked = { AlarmTypes: ['MetricAlarm' as const, 'CompositeAlarm' as const], MaxRecords: PAGE }
  const pages = pagesOf(
    (NextToken) => cloudwatch.call('DescribeAlarms', { ...asked, NextToken }),
    (page) => page.NextToken,
  )
  for await (const { MetricAlarms = [], CompositeAlarms = [] } of pages)
    alarms.push(...MetricAlarms, ...CompositeAlarms)
  return alarms
}

/** Whether no dimension says which service the alarm is about. */
function isOpen(alarm: SeenAlarm): boolean {
  const told = plainAlarm(alarm).metrics.some(
    ({ dimensions }) => dimensions.TargetGroup !== undefined || dimensions.ServiceName !== undefined,
  )
  return !told
}

const hasMoved = (alarm: SeenAlarm, since: number): boolean =>
  alarm.StateValue === 'ALARM' || transitionOf(alarm) >= since

/** When the alarm came into its state (ms). */
export function transitionOf({ StateTransitionedTimestamp, StateUpdatedTimestamp }: SeenAlarm): number {
  return (StateTransitionedTimestamp ?? StateUpdatedTimestamp)?.getTime() ?? 0
}

async function listTags(cloudwatch: CloudWatchApi, ResourceARN: string): Promise<Record<string, string>> {
  const asked = cloudwatch.call('ListTagsForResource', { ResourceARN })
  const tags = await noneIfGone(asked.then((answer) => answer.Tags ?? []))
  return Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]))
}
