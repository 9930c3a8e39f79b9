/** Amazon SQS: standard and FIFO queues on the engine's clock. Permissions and message moves are not implemented. */
import * as client from '@aws-sdk/client-sqs'
import type { Service } from '../service.ts'
import { operations } from '../wire/model.ts'
import type { SqsEffect, SqsReport } from './effects.ts'
import { handleOperations } from './handling.ts'
import { perform } from './perform.ts'
import { queueOperations } from './queues.ts'
import { receive } from './receive.ts'
import { receiveOperations } from './receiving.ts'
import { type SqsAction, schedule } from './schedule.ts'
import { sendOperations } from './sending.ts'
import { emptyState, type SqsOperationContext, type SqsState } from './state.ts'
import { tagOperations } from './tags.ts'

export const sqs = {
  model: operations<typeof client, SqsOperationContext>(client, {
    ...queueOperations,
    ...sendOperations,
    ...receiveOperations,
    ...handleOperations,
    ...tagOperations,
  }),
  emptyState,
  schedule,
  perform,
  receive,
} satisfies Service<SqsState, SqsAction, SqsReport, SqsEffect>
