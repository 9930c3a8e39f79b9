/** Amazon CloudWatch Logs: groups, streams, events in bounded memory, and the simple filter patterns. */
import * as client from '@aws-sdk/client-cloudwatch-logs'
import type { Service } from '../service.ts'
import { operations } from '../wire/model.ts'
import { groupOperations } from './groups.ts'
import { putOperations } from './put-events.ts'
import { readOperations } from './read-events.ts'
import { type LogsReport, receive } from './receive.ts'
import { type LogsAction, schedule } from './schedule.ts'
import { emptyState, type LogsOperation, type LogsState } from './state.ts'
import { sweep } from './store.ts'
import { streamOperations } from './streams.ts'
import { tagOperations } from './tags.ts'

export const logs = {
  model: operations<typeof client, LogsOperation>(client, {
    ...groupOperations,
    ...streamOperations,
    ...putOperations,
    ...readOperations,
    ...tagOperations,
  }),
  emptyState,
  schedule,
  perform: (_, { state, now }) => sweep(state, now),
  receive,
} satisfies Service<LogsState, LogsAction, LogsReport>
