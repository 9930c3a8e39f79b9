/**
 * Deploys Capstan into an account over the wire, as a deployment to AWS does: ledger, dead-letter queue, functions,
 * event rules. Everything may exist already, from an engine that kept its state: then it is brought up to date.
 */
import {
  CreateTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb'
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge'
import {
  CreateFunctionCommand,
  LambdaClient,
  PutFunctionEventInvokeConfigCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda'
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs'
import { tableDefinition, timeToLive } from '@capstan/aws/ledger/table.ts'
import { type Rule, rules } from '../../../../functions/rules.ts'
import type { SdkConfig } from '../sdk.ts'
import type { Bundle } from './bundle.ts'

const LEDGER_TABLE = 'capstan-ledger'
const DEAD_LETTER_QUEUE = 'capstan-dead-letters'
/** Drydock does not check roles; AWS wants one to be named. */
const ROLE = 'arn:aws:iam::123456789012:role/capstan'

interface Queue {
  readonly url: string
  readonly arn: string
}

/** Installs ledger, queue, functions and rules with `sdk`'s account. Throws the SDK's error of the step that failed. */
export async function install(sdk: SdkConfig, bundles: readonly Bundle[]): Promise<void> {
  const [queue] = await Promise.all([createQueue(sdk), createLedger(sdk)])
  await Promise.all(rules.map((rule) => installDoor(sdk, rule, bundleOf(rule, bundles), queue)))
}

async function createLedger(sdk: SdkConfig): Promise<void> {
  const dynamodb = new DynamoDBClient(sdk)
  await unlessExists('ResourceInUseException', () =>
    dynamodb.send(new CreateTableCommand({ TableName: LEDGER_TABLE, ...tableDefinition })),
  )
  const { TimeToLiveDescription } = await dynamodb.send(
    new DescribeTimeToLiveCommand({ TableName: LEDGER_TABLE }),
  )
  if (TimeToLiveDescription?.TimeToLiveStatus === 'ENABLED') return
  await dynamodb.send(
    new UpdateTimeToLiveCommand({ TableName: LEDGER_TABLE, TimeToLiveSpecification: timeToLive }),
  )
}

async function createQueue(sdk: SdkConfig): Promise<Queue> {
  const sqs = new SQSClient(sdk)
  const { QueueUrl: url = '' } = await sqs.send(new CreateQueueCommand({ QueueName: DEAD_LETTER_QUEUE }))
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] }),
  )
  return { url, arn: Attributes?.QueueArn ?? '' }
}

function bundleOf(rule: Rule, bundles: readonly Bundle[]): Bundle {
  const bundle = bundles.find(({ name }) => name === rule.door)
  if (!bundle)
    throw new Error(`functions/rules.ts names ${rule.door}, but functions/${rule.door}.ts was not bundled`)
  return bundle
}

async function installDoor(sdk: SdkConfig, rule: Rule, bundle: Bundle, queue: Queue): Promise<void> {
  const functionArn = await createFunction(sdk, rule, bundle, queue)
  const events = new EventBridgeClient(sdk)
  const name = `capstan-${rule.door}`
  const when =
    'schedule' in rule
      ? { ScheduleExpression: rule.schedule }
      : { EventPattern: JSON.stringify(rule.pattern) }
  await events.send(new PutRuleCommand({ Name: name, Description: rule.description, ...when }))
  const target = { Id: rule.door, Arn: functionArn, DeadLetterConfig: { Arn: queue.arn } }
  await events.send(new PutTargetsCommand({ Rule: name, Targets: [target] }))
}

async function createFunction(sdk: SdkConfig, rule: Rule, bundle: Bundle, queue: Queue): Promise<string> {
  const lambda = new LambdaClient(sdk)
  const FunctionName = functionNameOf(bundle.name)
  const settings = {
    Handler: bundle.handler,
    Runtime: 'nodejs24.x' as const,
    Role: ROLE,
    Description: rule.description,
    Timeout: rule.timeoutSeconds,
    MemorySize: 256,
    DeadLetterConfig: { TargetArn: queue.arn },
    Environment: {
      Variables: { CAPSTAN_LEDGER_TABLE: LEDGER_TABLE, CAPSTAN_DEAD_LETTER_QUEUE_URL: queue.url },
    },
  }
  const created = await unlessExists('ResourceConflictException', () =>
    lambda.send(new CreateFunctionCommand({ FunctionName, Code: { ZipFile: bundle.zip }, ...settings })),
  )
  if (!created) {
    await lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: bundle.zip }))
    await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, ...settings }))
  }
  const retries = { FunctionName, MaximumRetryAttempts: rule.retries }
  const { FunctionArn } = await lambda.send(new PutFunctionEventInvokeConfigCommand(retries))
  return (FunctionArn ?? '').replace(/:\$LATEST$/, '')
}

/** The function's name behind a door. */
export const functionNameOf = (door: string): string => `capstan-${door}`

/** Runs `create`; nothing if what it creates is there already, which AWS says by the error named `exists`. */
async function unlessExists<T>(exists: string, create: () => Promise<T>): Promise<T | undefined> {
  try {
    return await create()
  } catch (error) {
    if ((error as Error).name === exists) return undefined
    throw error
  }
}
