/** The AWS services by one caller, connected to once per cold start; every call is counted and every error translated. */
import type * as cloudwatch from '@aws-sdk/client-cloudwatch'
import type * as ecr from '@aws-sdk/client-ecr'
import type * as ecs from '@aws-sdk/client-ecs'
import type * as elb from '@aws-sdk/client-elastic-load-balancing-v2'
import type * as events from '@aws-sdk/client-eventbridge'
import type * as sqs from '@aws-sdk/client-sqs'
import { Failure } from '@capstan/core/failure.ts'
import type { Environment } from './environment.ts'
import { type Api, apiOf, type Call, type CallCounts, type ShapedApi } from './wire/api.ts'
import type { Caller } from './wire/connection.ts'
import { type CredentialsProvider, environmentCredentials } from './wire/credentials.ts'
import { type Documents, documentsOf, type Row } from './wire/documents.ts'
import type { InputOf } from './wire/operations.ts'
import { CLOUDWATCH, DYNAMODB, ECR, ECS, ELB, type ELB_SHAPES, EVENTBRIDGE, SQS } from './wire/services.ts'

export type CloudWatchApi = Api<typeof cloudwatch>
export type EcrApi = Api<typeof ecr>
export type EcsApi = Api<typeof ecs>
export type EventBridgeApi = Api<typeof events>
export type SqsApi = Api<typeof sqs>
export type ElbApi = ShapedApi<
  typeof ELB_SHAPES,
  { readonly [Name in keyof typeof ELB_SHAPES]: InputOf<typeof elb, Name> }
>

export interface Clients {
  readonly ecs: EcsApi
  readonly ecr: EcrApi
  readonly elb: ElbApi
  readonly cloudwatch: CloudWatchApi
  readonly events: EventBridgeApi
  readonly dynamodb: Documents
  readonly calls: CallCounts
}

/** Who calls, and from where, beyond what the environment says. */
export interface CallerOptions {
  /** Those of the environment's variables unless told. */
  readonly credentials?: CredentialsProvider
  /** Found where the environment names none. Rejects with `Failure` INVALID_CONFIG unless told. */
  readonly findRegion?: () => Promise<string>
}

/** The caller that the environment and `options` describe. */
export function callerOf({ region, endpoint }: Environment, options: CallerOptions = {}): Caller {
  const { credentials = environmentCredentials, findRegion = noRegion } = options
  return {
    region: region === undefined ? findRegion : async () => region,
    ...(endpoint !== undefined && { endpoint }),
    credentials,
  }
}

async function noRegion(): Promise<string> {
  throw new Failure('INVALID_CONFIG', 'There is no region. Set AWS_REGION.')
}

/** Connects to what deliveries need. */
export function createClients(environment: Environment, caller: Caller = callerOf(environment)): Clients {
  const calls: CallCounts = {}
  return {
    ecs: apiOf(ECS, caller, { calls }),
    ecr: apiOf(ECR, caller, { calls }),
    elb: apiOf(ELB, caller, { calls }),
    cloudwatch: apiOf(CLOUDWATCH, caller, { calls }),
    events: apiOf(EVENTBRIDGE, caller, { calls }),
    dynamodb: createTableClient(environment, calls, caller),
    calls,
  }
}

/** The ledger's table. DynamoDB says of a table only that it was not found, not which: errors name it. */
export function createTableClient(
  environment: Environment,
  calls: CallCounts,
  caller: Caller = callerOf(environment),
  placed?: (row: Row) => Row,
): Documents {
  const where = ` on the table ${environment.ledgerTable}`
  return documentsOf(apiOf<{ readonly call: Call }>(DYNAMODB, caller, { calls, where }).call, placed)
}

/** Queues: the dead-letter queue, which only a function's handler needs, and discovery's. */
export function createQueueClient(
  environment: Environment,
  calls: CallCounts = {},
  caller: Caller = callerOf(environment),
): SqsApi {
  return apiOf(SQS, caller, { calls })
}
