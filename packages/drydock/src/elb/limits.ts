/** DescribeAccountLimits: the quotas that hold here, which are AWS's defaults. */
import type * as client from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Handlers } from '../wire/handlers.ts'
import { page } from './pages.ts'
import type { ElbOperation } from './state.ts'

const LIMITS = {
  'application-load-balancers': 50,
  'condition-values-per-alb-rule': 5,
  'condition-wildcards-per-alb-rule': 6,
  'listeners-per-application-load-balancer': 50,
  'listeners-per-network-load-balancer': 50,
  'network-load-balancers': 50,
  'rules-per-application-load-balancer': 100,
  'target-groups': 3000,
  'target-groups-per-action-on-application-load-balancer': 5,
  'target-groups-per-action-on-network-load-balancer': 5,
  'targets-per-target-group': 1000,
}

export const limitOperations = {
  DescribeAccountLimits(input) {
    const limits = Object.entries(LIMITS).map(([Name, max]) => ({ Name, Max: String(max) }))
    const { items, ...more } = page(limits, ({ Name }) => Name, input)
    return { Limits: items, ...more }
  },
} satisfies Partial<Handlers<typeof client, ElbOperation>>
