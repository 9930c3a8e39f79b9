/** Amazon CloudWatch: metrics, alarms on them and on other alarms, evaluated on the engine's clock. */
import * as client from '@aws-sdk/client-cloudwatch'
import type { Service } from '../service.ts'
import { operations } from '../wire/model.ts'
import { alarmOperations } from './alarm-operations.ts'
import { compositeAlarmOperations } from './composite-alarms.ts'
import { describeOperations } from './describe-alarms.ts'
import { historyOperations } from './history.ts'
import { metricAlarmOperations } from './metric-alarms.ts'
import { metricDataOperations } from './metric-data.ts'
import { metricQueryOperations } from './metric-queries.ts'
import { muteRuleOperations } from './mute-rules.ts'
import { perform } from './perform.ts'
import { type CloudwatchReport, receive } from './receive.ts'
import { type CloudwatchAction, schedule } from './schedule.ts'
import { type CloudwatchOperation, type CloudwatchState, emptyState } from './state.ts'
import { tagOperations } from './tags.ts'

export const cloudwatch = {
  model: operations<typeof client, CloudwatchOperation>(client, {
    ...metricDataOperations,
    ...metricQueryOperations,
    ...metricAlarmOperations,
    ...compositeAlarmOperations,
    ...describeOperations,
    ...alarmOperations,
    ...historyOperations,
    ...muteRuleOperations,
    ...tagOperations,
  }),
  emptyState,
  schedule,
  perform,
  receive,
} satisfies Service<CloudwatchState, CloudwatchAction, CloudwatchReport, never>
