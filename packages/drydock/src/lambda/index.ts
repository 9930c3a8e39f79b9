/** AWS Lambda: functions on Node.js that really run, and the queue of asynchronous invocations. */
import * as client from '@aws-sdk/client-lambda'
import type { Service } from '../service.ts'
import { operations } from '../wire/model.ts'
import { concurrencyOperations } from './concurrency.ts'
import type { EventSourceEffect, LambdaEffect, LambdaReport } from './effects.ts'
import { eventInvokeOperations } from './event-invoke.ts'
import { eventSourceOperations } from './event-sources.ts'
import { functionOperations } from './functions.ts'
import { invokeOperations } from './invoke.ts'
import { policyOperations } from './policy.ts'
import { receive } from './receive.ts'
import { type LambdaAction, perform, schedule } from './schedule.ts'
import { emptyState, type LambdaOperationContext, type LambdaState } from './state.ts'

export const lambda = {
  model: operations<typeof client, LambdaOperationContext>(client, {
    ...functionOperations,
    ...invokeOperations,
    ...concurrencyOperations,
    ...eventInvokeOperations,
    ...policyOperations,
    ...eventSourceOperations,
  }),
  emptyState,
  schedule,
  perform,
  receive,
} satisfies Service<LambdaState, LambdaAction, LambdaReport, LambdaEffect | EventSourceEffect>
