/** Elastic Load Balancing v2: the control plane. Requests are served by host/balancer/, by the rules that are kept here. */
import * as client from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Service } from '../service.ts'
import { operations } from '../wire/model.ts'
import type { ElbEffect, ElbReport } from './effects.ts'
import { limitOperations } from './limits.ts'
import { listenerOperations } from './listeners.ts'
import { loadBalancerOperations } from './load-balancers.ts'
import { perform } from './perform.ts'
import { receive } from './receive.ts'
import { ruleOperations } from './rules.ts'
import { type ElbAction, schedule } from './schedule.ts'
import { type ElbOperation, type ElbState, emptyState } from './state.ts'
import { tagOperations } from './tags.ts'
import { targetGroupOperations } from './target-groups.ts'
import { targetOperations } from './targets.ts'

export const elb: Service<ElbState, ElbAction, ElbReport, ElbEffect> & { readonly receive: typeof receive } =
  {
    model: operations<typeof client, ElbOperation>(client, {
      ...loadBalancerOperations,
      ...listenerOperations,
      ...ruleOperations,
      ...targetGroupOperations,
      ...targetOperations,
      ...tagOperations,
      ...limitOperations,
    }),
    emptyState,
    schedule,
    perform,
    receive,
  }
