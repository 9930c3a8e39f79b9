/** What discovery calls: a door of deliveries carries none of Route 53, and one of discovery no ECR or CloudWatch. */
import type * as ec2 from '@aws-sdk/client-ec2'
import type * as cloudMap from '@aws-sdk/client-servicediscovery'
import {
  callerOf,
  createQueueClient,
  createTableClient,
  type EcsApi,
  type ElbApi,
  type SqsApi,
} from '../clients.ts'
import type { Environment } from '../environment.ts'
import { type Api, apiOf, type CallCounts, type ShapedApi } from '../wire/api.ts'
import type { Caller } from '../wire/connection.ts'
import type { Documents } from '../wire/documents.ts'
import type { InputOf } from '../wire/operations.ts'
import type { ROUTE53_SHAPES, Route53Inputs } from '../wire/route53-protocol.ts'
import { CLOUD_MAP, EC2, type EC2_SHAPES, ECS, ELB, ROUTE53 } from '../wire/services.ts'

export type CloudMapApi = Api<typeof cloudMap>
export type Ec2Api = ShapedApi<
  typeof EC2_SHAPES,
  { readonly [Name in keyof typeof EC2_SHAPES]: InputOf<typeof ec2, Name> }
>
export type Route53Api = ShapedApi<typeof ROUTE53_SHAPES, Route53Inputs>

export interface DiscoveryClients {
  readonly route53: Route53Api
  /** Cloud Map. */
  readonly discovery: CloudMapApi
  readonly ec2: Ec2Api
  readonly ecs: EcsApi
  readonly elb: ElbApi
  readonly dynamodb: Documents
  readonly sqs: SqsApi
  /** Of all of them. */
  readonly calls: CallCounts
}

/**
 * Connects to what discovery needs. Calls of Route 53 and Cloud Map are each one request: `patiently` makes them again,
 * which knows until when, and that others write too. The usual patience would make three requests of each call within a
 * second, against a limit that is the whole account's.
 */
export function createDiscoveryClients(
  environment: Environment,
  caller: Caller = callerOf(environment),
): DiscoveryClients {
  const calls: CallCounts = {}
  return {
    route53: apiOf(ROUTE53, caller, { calls, maxAttempts: 1 }),
    discovery: apiOf(CLOUD_MAP, caller, { calls, maxAttempts: 1 }),
    ec2: apiOf(EC2, caller, { calls }),
    ecs: apiOf(ECS, caller, { calls }),
    elb: apiOf(ELB, caller, { calls }),
    dynamodb: createTableClient(environment, calls, caller),
    sqs: createQueueClient(environment, calls, caller),
    calls,
  }
}
