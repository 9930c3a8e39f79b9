/** Amazon EventBridge: buses, rules, targets and deliveries. Archives, pipes, API destinations are not implemented. */
import * as client from '@aws-sdk/client-eventbridge'
import type { Service } from '../service.ts'
import { operations } from '../wire/model.ts'
import { busOperations } from './buses.ts'
import type { EventsEffect, EventsReport } from './effects.ts'
import { perform } from './perform.ts'
import { permissionOperations } from './permissions.ts'
import { putEventsOperations } from './put-events.ts'
import { receive } from './receive.ts'
import { ruleOperations } from './rules.ts'
import { type EventsAction, schedule } from './schedule.ts'
import { type EventsOperationContext, type EventsState, emptyState } from './state.ts'
import { tagOperations } from './tags.ts'
import { targetOperations } from './targets.ts'

export const events = {
  model: operations<typeof client, EventsOperationContext>(client, {
    ...busOperations,
    ...ruleOperations,
    ...targetOperations,
    ...putEventsOperations,
    ...permissionOperations,
    ...tagOperations,
  }),
  emptyState,
  schedule,
  perform,
  receive,
} satisfies Service<EventsState, EventsAction, EventsReport, EventsEffect>
