/** Route 53: hosted zones, their records, health checks. Questions are answered by host/dns/, by what is kept here. */
import * as client from '@aws-sdk/client-route-53'
import type { Service } from '../service.ts'
import { operations } from '../wire/model.ts'
import { changeInfoOperations } from './change-info.ts'
import { changeOperations } from './changes.ts'
import type { Route53Effect, Route53Report } from './effects.ts'
import { healthCheckOperations } from './health-checks.ts'
import { perform } from './perform.ts'
import { receive } from './receive.ts'
import { recordListOperations } from './record-lists.ts'
import { type Route53Action, schedule } from './schedule.ts'
import { emptyState, type Route53Operation, type Route53State } from './state.ts'
import { tagOperations } from './tags.ts'
import { zoneListOperations } from './zone-lists.ts'
import { zoneOperations } from './zones.ts'

export const route53: Service<Route53State, Route53Action, Route53Report, Route53Effect> & {
  readonly receive: typeof receive
} = {
  model: operations<typeof client, Route53Operation>(client, {
    ...zoneOperations,
    ...zoneListOperations,
    ...changeOperations,
    ...recordListOperations,
    ...changeInfoOperations,
    ...tagOperations,
    ...healthCheckOperations,
  }),
  emptyState,
  schedule,
  perform,
  receive,
}
