/** The SDK clients, made once per cold start; every call is counted and every error translated, here and only here. */
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { ECRClient } from '@aws-sdk/client-ecr'
import { ECSClient } from '@aws-sdk/client-ecs'
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2'
import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { SQSClient } from '@aws-sdk/client-sqs'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import type { InitializeMiddleware, Logger, Pluggable } from '@smithy/types'
import type { Environment } from './environment.ts'
import { toFailure } from './sdk-error.ts'

/** How often each operation was called, retries by the SDK not counted: `{ 'ECSClient UpdateService': 1 }`. */
export type CallCounts = Record<string, number>

export interface Clients {
  readonly ecs: ECSClient
  readonly ecr: ECRClient
  readonly elb: ElasticLoadBalancingV2Client
  readonly cloudwatch: CloudWatchClient
  readonly events: EventBridgeClient
  readonly dynamodb: DynamoDBDocumentClient
  readonly calls: CallCounts
}

/** Makes the clients of one environment. Region, credentials and retries are the SDK's defaults unless told. */
export function createClients(environment: Environment): Clients {
  const options = optionsFor(environment)
  const calls: CallCounts = {}
  const clients = {
    ecs: new ECSClient(options),
    ecr: new ECRClient(options),
    elb: new ElasticLoadBalancingV2Client(options),
    cloudwatch: new CloudWatchClient(options),
    events: new EventBridgeClient(options),
  }
  clients.ecs.middlewareStack.use(watch(calls))
  clients.ecr.middlewareStack.use(watch(calls))
  clients.elb.middlewareStack.use(watch(calls))
  clients.cloudwatch.middlewareStack.use(watch(calls))
  clients.events.middlewareStack.use(watch(calls))
  return { ...clients, dynamodb: createTableClient(environment, calls), calls }
}

/** The client of the ledger's table. */
export function createTableClient(environment: Environment, calls: CallCounts): DynamoDBDocumentClient {
  const dynamodb = new DynamoDBClient(optionsFor(environment))
  // DynamoDB says of a table only that it was not found, not which.
  dynamodb.middlewareStack.use(watch(calls, ` on the table ${environment.ledgerTable}`))
  return DynamoDBDocumentClient.from(dynamodb, { marshallOptions: { removeUndefinedValues: true } })
}

/** A client of queues: the dead-letter queue, which only a function's handler needs, and discovery's. */
export function createQueueClient(environment: Environment, calls: CallCounts = {}): SQSClient {
  const sqs = new SQSClient(optionsFor(environment))
  sqs.middlewareStack.use(watch(calls))
  return sqs
}

/**
 * Takes the SDK's warnings, such as of calls that wait for a socket. Left to itself the SDK tells by the name of a class
 * whether it has a logger, and classes have other names in a bundle. What calls answer is told elsewhere; where `info` and
 * `error` are there at all, the SDK prepares each input and output for them, which is a twentieth of a busy door's time.
 */
const logger = {
  debug: () => undefined,
  warn: (...content: unknown[]) => console.warn(...content),
} as Logger

/** What every client takes: the region, and another endpoint than AWS. */
export function optionsFor({ region, endpoint }: Environment) {
  return { logger, ...(region && { region }), ...(endpoint && { endpoint }) }
}

/** Counts a call before it goes out, and translates what it throws. */
export function watch<I extends object, O extends object>(calls: CallCounts, where = ''): Pluggable<I, O> {
  const handler: InitializeMiddleware<I, O> = (next, context) => async (args) => {
    const operation = `${context.clientName} ${context.commandName?.replace(/Command$/, '')}`
    calls[operation] = (calls[operation] ?? 0) + 1
    try {
      return await next(args)
    } catch (error) {
      throw toFailure(error, `${operation.replace('Client ', ' ')}${where}`)
    }
  }
  return {
    applyToStack: (stack) =>
      stack.add(handler, { step: 'initialize', priority: 'high', name: 'capstanCalls' }),
  }
}
