/** Amazon EC2, as far as tasks of ECS and what describes their network need it. */
import * as client from '@aws-sdk/client-ec2'
import type { Service, Timed } from '../service.ts'
import { operations } from '../wire/model.ts'
import type { Ec2Effect, Ec2Report } from './effects.ts'
import { dryRun } from './errors.ts'
import { instanceOperations } from './instances.ts'
import { interfaceOperations } from './network-interfaces.ts'
import { receive } from './receive.ts'
import { routingOperations } from './routing.ts'
import { ruleOperations } from './security-group-rules.ts'
import { securityGroupOperations } from './security-groups.ts'
import { type Ec2OperationContext, type Ec2State, emptyState } from './state.ts'
import { subnetOperations } from './subnets.ts'
import { tagOperations } from './tags.ts'
import { vpcOperations } from './vpcs.ts'
import { zoneOperations } from './zones.ts'

const handlers = {
  ...interfaceOperations,
  ...instanceOperations,
  ...vpcOperations,
  ...subnetOperations,
  ...securityGroupOperations,
  ...ruleOperations,
  ...routingOperations,
  ...zoneOperations,
  ...tagOperations,
}

export const ec2 = {
  model: operations<typeof client, Ec2OperationContext>(client, refusingDryRuns(handlers)),
  emptyState,
  receive,
} satisfies Service<Ec2State, Timed, Ec2Report, Ec2Effect>

type AnyHandler = (input: { readonly DryRun?: boolean }, context: Ec2OperationContext) => unknown

/** Every operation can be asked for without being done (EC2 API Reference: common parameters); all callers may do all. */
function refusingDryRuns<H extends object>(all: H): H {
  const refusing = Object.entries(all).map(([name, handler]: [string, AnyHandler]) => {
    const wrapped: AnyHandler = (input, context) => {
      if (input.DryRun) throw dryRun()
      return handler(input, context)
    }
    return [name, wrapped] as const
  })
  return Object.fromEntries(refusing) as H
}
