/**
 * Deploys Capstan into an account over the wire, as a deployment to AWS does: ledger, queues, functions, event rules.
 * Everything may exist already, from an engine that kept its state: then it is brought up to date.
 */
import {
  CreateTableCommand,
  DescribeTableCommand,
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
import { tableDefinition, timeToLive } from '@capstan/aws/ledger/table.ts'
import { type Rule, rules } from '../../../../functions/rules.ts'
import type { SdkConfig } from '../sdk.ts'
import type { Bundle } from './bundle.ts'
import {
  createDeadLetterQueue,
  createDoorQueue,
  type Queue,
  readFrom,
  unlessExists,
} from './install-queues.ts'
import { createRole, type ResourceArns } from './install-roles.ts'

const LEDGER_TABLE = 'capstan-ledger'
/** The door whose queue is discovery's. */
const DISCOVERY_DOOR = 'task-state-changed'

/** What doors share. */
interface Queues {
  readonly deadLetters: Queue
  /** The queues before doors that have one, by door. */
  readonly ofDoors: ReadonlyMap<string, Queue>
}

/** Installs ledger, queues, roles, functions and rules with `sdk`'s account. Throws the SDK's error of the step that failed. */
export async function install(sdk: SdkConfig, bundles: readonly Bundle[]): Promise<void> {
  const [queues, ledger] = await Promise.all([createQueues(sdk), createLedger(sdk)])
  const arns = {
    ledger,
    'dead-letter-queue': queues.deadLetters.arn,
    'discovery-queue': queues.ofDoors.get(DISCOVERY_DOOR)?.arn ?? '',
  }
  await Promise.all(rules.map((rule) => installDoor(sdk, rule, bundleOf(rule, bundles), queues, arns)))
}

async function createQueues(sdk: SdkConfig): Promise<Queues> {
  const deadLetters = await createDeadLetterQueue(sdk)
  const creating = rules.map(async (rule) => {
    const settings = queueSettingsOf(rule)
    if (!settings) return []
    return [
      [rule.door, await createDoorQueue(sdk, functionNameOf(rule.door), settings, deadLetters)],
    ] as const
  })
  return { deadLetters, ofDoors: new Map((await Promise.all(creating)).flat()) }
}

/** Resolves with the table's ARN. */
async function createLedger(sdk: SdkConfig): Promise<string> {
  const dynamodb = new DynamoDBClient(sdk)
  await unlessExists('ResourceInUseException', () =>
    dynamodb.send(new CreateTableCommand({ TableName: LEDGER_TABLE, ...tableDefinition })),
  )
  const { TimeToLiveDescription } = await dynamodb.send(
    new DescribeTimeToLiveCommand({ TableName: LEDGER_TABLE }),
  )
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: LEDGER_TABLE }))
  const arn = Table?.TableArn ?? ''
  if (TimeToLiveDescription?.TimeToLiveStatus === 'ENABLED') return arn
  await dynamodb.send(
    new UpdateTimeToLiveCommand({ TableName: LEDGER_TABLE, TimeToLiveSpecification: timeToLive }),
  )
  return arn
}

const queueSettingsOf = (rule: Rule) => ('pattern' in rule ? rule.queue : undefined)

function bundleOf(rule: Rule, bundles: readonly Bundle[]): Bundle {
  const bundle = bundles.find(({ name }) => name === rule.door)
  if (!bundle)
    throw new Error(`functions/rules.ts names ${rule.door}, but functions/${rule.door}.ts was not bundled`)
  return bundle
}

async function installDoor(
  sdk: SdkConfig,
  rule: Rule,
  bundle: Bundle,
  queues: Queues,
  arns: ResourceArns,
): Promise<void> {
  const role = await createRole(sdk, rule, arns)
  const functionArn = await createFunction(sdk, rule, bundle, role, queues)
  const [queue, settings] = [queues.ofDoors.get(rule.door), queueSettingsOf(rule)]
  if (queue && settings) await readFrom(sdk, queue, functionArn, settings)
  const events = new EventBridgeClient(sdk)
  const name = `capstan-${rule.door}`
  const when =
    'schedule' in rule
      ? { ScheduleExpression: rule.schedule }
      : { EventPattern: JSON.stringify(rule.pattern) }
  await events.send(new PutRuleCommand({ Name: name, Description: rule.description, ...when }))
  const target = {
    Id: rule.door,
    Arn: queue?.arn ?? functionArn,
    DeadLetterConfig: { Arn: queues.deadLetters.arn },
  }
  await events.send(new PutTargetsCommand({ Rule: name, Targets: [target] }))
}

/** The variables that a door finds what it needs by. */
function variablesOf({ permissions }: Rule, { deadLetters, ofDoors }: Queues): Record<string, string> {
  const discovery = ofDoors.get(DISCOVERY_DOOR)
  const sends = permissions.some(({ resource }) => resource === 'discovery-queue')
  return {
    CAPSTAN_LEDGER_TABLE: LEDGER_TABLE,
    CAPSTAN_DEAD_LETTER_QUEUE_URL: deadLetters.url,
    ...(discovery && sends && { CAPSTAN_DISCOVERY_QUEUE_URL: discovery.url }),
  }
}

async function createFunction(
  sdk: SdkConfig,
  rule: Rule,
  bundle: Bundle,
  role: string,
  queues: Queues,
): Promise<string> {
  const lambda = new LambdaClient(sdk)
  const FunctionName = functionNameOf(bundle.name)
  const settings = {
    Handler: bundle.handler,
    Runtime: 'nodejs24.x' as const,
    Role: role,
    Description: rule.description,
    Timeout: rule.timeoutSeconds,
    MemorySize: 256,
    DeadLetterConfig: { TargetArn: queues.deadLetters.arn },
    Environment: { Variables: variablesOf(rule, queues) },
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
