/** Alarm mute rules. Source: API Reference, PutAlarmMuteRule. */
import type * as client from '@aws-sdk/client-cloudwatch'
import type { Handlers } from '../wire/handlers.ts'
import { assertLength, assertOneOf, assertRange, invalid, noSuchResource } from './errors.ts'
import { durationMs, muteStatus, muteType } from './mute-schedule.ts'
import { pageOf } from './paging.ts'
import type { CloudwatchOperation, MuteRule } from './state.ts'
import { readTags } from './tags.ts'

const MOST_TARGETS = 100
const STATUSES = ['SCHEDULED', 'ACTIVE', 'EXPIRED']

export const muteRuleOperations = {
  PutAlarmMuteRule(input, context) {
    const { Name: name = '', Description: description, StartDate, ExpireDate } = input
    const {
      Expression: expression = '',
      Duration: duration = '',
      Timezone: timezone,
    } = input.Rule?.Schedule ?? {}
    assertLength('name', name, 1, 255)
    assertLength('description', description, 0, 1024)
    const alarmNames = [...(input.MuteTargets?.AlarmNames ?? [])]
    if (alarmNames.length > MOST_TARGETS) throw invalid(`A mute rule targets at most ${MOST_TARGETS} alarms.`)
    const [startAt, expireAt] = [StartDate?.getTime(), ExpireDate?.getTime()]
    const before = context.state.muteRules[name]
    const rule: MuteRule = {
      name,
      arn: `arn:aws:cloudwatch:${context.region}:${context.accountId}:alarm-mute-rule:${name}`,
      expression,
      duration,
      alarmNames,
      updatedAt: context.now,
      tags: before?.tags ?? readTags(input.Tags),
      ...(description !== undefined && { description }),
      ...(timezone !== undefined && { timezone }),
      ...(startAt !== undefined && { startAt }),
      ...(expireAt !== undefined && { expireAt }),
    }
    assertSchedule(rule)
    context.state.muteRules[name] = rule
  },

  GetAlarmMuteRule({ AlarmMuteRuleName: name = '' }, { state, now }) {
    const rule = state.muteRules[name]
    if (!rule) throw noSuchResource('AlarmMuteRule', name)
    const { description, expression, duration, timezone, startAt } = rule
    return {
      ...summaryOf(rule, now),
      Name: name,
      ...(description !== undefined && { Description: description }),
      Rule: {
        Schedule: {
          Expression: expression,
          Duration: duration,
          ...(timezone !== undefined && { Timezone: timezone }),
        },
      },
      ...(rule.alarmNames.length && { MuteTargets: { AlarmNames: [...rule.alarmNames] } }),
      ...(startAt !== undefined && { StartDate: new Date(startAt) }),
    }
  },

  ListAlarmMuteRules({ AlarmName, Statuses, MaxRecords = 50, NextToken }, { state, now }) {
    assertRange('maxRecords', MaxRecords, 1, 100)
    for (const status of Statuses ?? []) assertOneOf('statuses', status, STATUSES)
    const found = Object.values(state.muteRules)
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .filter(({ alarmNames }) => AlarmName === undefined || alarmNames.includes(AlarmName))
      .filter((rule) => !Statuses?.length || Statuses.includes(muteStatus(rule, now)))
    const { page, nextToken } = pageOf(found, MaxRecords, NextToken)
    const AlarmMuteRuleSummaries = page.map((rule) => summaryOf(rule, now))
    return { AlarmMuteRuleSummaries, ...(nextToken !== undefined && { NextToken: nextToken }) }
  },

  /** Idempotent: a rule that is not there is deleted too. */
  DeleteAlarmMuteRule({ AlarmMuteRuleName: name = '' }, { state }) {
    delete state.muteRules[name]
  },
} satisfies Partial<Handlers<typeof client, CloudwatchOperation>>

function assertSchedule(rule: MuteRule): void {
  const { expression, duration, timezone, startAt, expireAt } = rule
  assertLength('rule.schedule.expression', expression, 1, 256)
  assertLength('rule.schedule.timezone', timezone, 1, 50)
  if (durationMs(duration) === undefined)
    throw invalid(`The duration ${duration} must be an ISO 8601 duration from PT1M to P15D.`)
  if (!muteType(rule))
    throw invalid(
      `The schedule ${expression} in time zone ${timezone ?? 'UTC'} is not a valid cron or at expression.`,
    )
  if (startAt !== undefined && expireAt !== undefined && startAt >= expireAt)
    throw invalid('StartDate must be before ExpireDate.')
}

function summaryOf(rule: MuteRule, now: number) {
  return {
    AlarmMuteRuleArn: rule.arn,
    ...(rule.expireAt !== undefined && { ExpireDate: new Date(rule.expireAt) }),
    Status: muteStatus(rule, now),
    MuteType: muteType(rule) ?? 'RECURRING',
    LastUpdatedTimestamp: new Date(rule.updatedAt),
  }
}
