/**
 * A crowd for scenarios of discovery at its full size: Capstan as it is installed, simulated tasks, real time, and Route 53
 * with its limits. What is told of tasks goes to a queue of the test's, which hands it on to the door.
 */
import { join } from 'node:path'
import { ECS, type Service, type Task } from '@aws-sdk/client-ecs'
import { EventBridge } from '@aws-sdk/client-eventbridge'
import { Lambda } from '@aws-sdk/client-lambda'
import { type ResourceRecordSet, Route53 } from '@aws-sdk/client-route-53'
import { SQS } from '@aws-sdk/client-sqs'
import { startCapstan } from '@capstan/cli/dev/dev.ts'
import { functionNameOf } from '@capstan/cli/dev/install.ts'
import type { SdkConfig } from '@capstan/cli/sdk.ts'
import type { Drydock, DrydockOptions } from '@capstan/drydock'
import { onTestFinished } from 'vitest'
import { checkout, until } from '../fixtures/program.ts'
import { addressOf } from './found.ts'

const DOOR = 'task-state-changed'
const SWEEP = 'reconcile-discovery'
const ZONE = 'example.com'
/** Of DescribeServices and DescribeTasks. */
const MOST_SERVICES = 10
const MOST_TASKS = 100

export const nameOf = (service: string): string => `${service}.${ZONE}`

export interface Crowd {
  readonly drydock: Drydock
  readonly sdk: Required<SdkConfig>
  readonly ecs: ECS
  readonly route53: Route53
  readonly sqs: SQS
  readonly lambda: Lambda
  readonly zoneId: string
  /** How often the door has been invoked. */
  readonly invocations: () => number
  /** Where the door's rule puts events, and where the door reads them. */
  readonly queues: { readonly told: string; readonly read: string; readonly dead: string }
}

/** Starts it, with one zone, and nobody who looks at everything each minute. It ends with the test. */
export async function gather(options: DrydockOptions): Promise<Crowd> {
  let invocations = 0
  const onFunctionLog: DrydockOptions['onFunctionLog'] = ({ functionArn, text }) => {
    if (functionArn.endsWith(functionNameOf(DOOR)) && text.startsWith('REPORT ')) invocations += 1
  }
  const { drydock, sdk } = await startCapstan(
    { port: 0, tasks: 'simulated', onFunctionLog, ...options },
    join(checkout, 'capstan.config.ts'),
  )
  onTestFinished(() => drydock.close())
  const [ecs, route53, sqs, events] = [new ECS(sdk), new Route53(sdk), new SQS(sdk), new EventBridge(sdk)]
  const lambda = new Lambda(sdk)
  const { HostedZone } = await route53.createHostedZone({ Name: ZONE, CallerReference: 'crowd' })
  // What the door does must be right by itself.
  await events.disableRule({ Name: functionNameOf(SWEEP) })
  const told = await queueOf(sqs, 'told')
  const [read, dead] = [await queueOf(sqs, functionNameOf(DOOR)), await queueOf(sqs, 'capstan-dead-letters')]
  await events.putTargets({ Rule: functionNameOf(DOOR), Targets: [{ Id: DOOR, Arn: told.arn }] })
  await ecs.createCluster({})
  await ecs.registerTaskDefinition({
    ...{ family: 'crowd', networkMode: 'awsvpc' },
    containerDefinitions: [{ name: 'app', image: 'web:1', memory: 128 }],
  })
  const zoneId = (HostedZone?.Id ?? '').replace('/hostedzone/', '')
  const queues = { told: told.url, read: read.url, dead: dead.url }
  return { drydock, sdk, ecs, route53, sqs, lambda, zoneId, queues, invocations: () => invocations }
}

async function queueOf(sqs: SQS, QueueName: string): Promise<{ readonly url: string; readonly arn: string }> {
  const { QueueUrl: url = '' } = await sqs.createQueue({ QueueName })
  const { Attributes } = await sqs.getQueueAttributes({ QueueUrl: url, AttributeNames: ['QueueArn'] })
  return { url, arn: Attributes?.QueueArn ?? '' }
}

/** A service whose tasks are to be found by its own name. */
export async function createService(
  { ecs }: Crowd,
  serviceName: string,
  desiredCount: number,
): Promise<void> {
  await ecs.createService({
    serviceName,
    taskDefinition: 'crowd',
    desiredCount,
    networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-12345678'] } },
    tags: [{ key: 'capstan:dns', value: nameOf(serviceName) }],
  })
}

/** Whether all services run what they are to run, and nothing else. */
export async function isSteady({ ecs }: Crowd, names: readonly string[]): Promise<boolean> {
  const described = await Promise.all(
    chunks(names, MOST_SERVICES).map((services) => ecs.describeServices({ services: [...services] })),
  )
  return described.flatMap(({ services = [] }) => services).every(isServiceSteady)
}

const isServiceSteady = ({ deployments = [], desiredCount, pendingCount, runningCount }: Service): boolean =>
  deployments.length === 1 && pendingCount === 0 && runningCount === desiredCount

/** The tasks of a service that ECS wants to run, or to be stopped. */
export async function tasksOf(
  { ecs }: Crowd,
  serviceName: string,
  desiredStatus: 'RUNNING' | 'STOPPED' = 'RUNNING',
): Promise<Task[]> {
  const arns: string[] = []
  for (let nextToken: string | undefined; ; ) {
    const page = await ecs.listTasks({ serviceName, desiredStatus, ...(nextToken && { nextToken }) })
    arns.push(...(page.taskArns ?? []))
    nextToken = page.nextToken
    if (!nextToken) break
  }
  const described = await Promise.all(
    chunks(arns, MOST_TASKS).map((tasks) => ecs.describeTasks({ tasks: [...tasks] })),
  )
  return described.flatMap(({ tasks = [] }) => tasks)
}

/** The record sets of the zone but its own NS and SOA. */
export async function recordSets({ route53, zoneId: HostedZoneId }: Crowd): Promise<ResourceRecordSet[]> {
  const sets: ResourceRecordSet[] = []
  for (let start = {}; ; ) {
    // The test has no part in the rate that Capstan keeps to.
    const page = await until('Route 53 takes the request', () =>
      route53.listResourceRecordSets({ HostedZoneId, MaxItems: 300, ...start }).catch(() => undefined),
    )
    sets.push(...(page.ResourceRecordSets ?? []))
    if (!page.IsTruncated) return sets.filter(({ Type }) => Type !== 'NS' && Type !== 'SOA')
    start = {
      StartRecordName: page.NextRecordName,
      StartRecordType: page.NextRecordType,
      StartRecordIdentifier: page.NextRecordIdentifier,
    }
  }
}

/** What is the same of all record sets of a service's name. */
export function recordSetOf(service: string, SetIdentifier: string): ResourceRecordSet {
  return { Name: nameOf(service), Type: 'A', SetIdentifier, MultiValueAnswer: true, TTL: 10 }
}

/** A record set as it is compared. */
export const lineOf = ({ Name = '', ResourceRecords = [], ...rest }: ResourceRecordSet): string =>
  [Name.replace(/\.$/, ''), rest.Type, rest.SetIdentifier, rest.MultiValueAnswer, rest.TTL]
    .concat(ResourceRecords.map(({ Value }) => Value))
    .join(' ')

/** What the running tasks of a service should have. */
export async function wantedLines(crowd: Crowd, service: string): Promise<string[]> {
  const tasks = await tasksOf(crowd, service)
  return tasks.map((task) => {
    const set = recordSetOf(service, `capstan-${task.taskArn?.split('/').at(-1)}`)
    return lineOf({ ...set, ResourceRecords: [{ Value: addressOf(task) }] })
  })
}

/** How many messages wait in a queue, are hidden in it, or worked on. */
export async function messagesIn({ sqs }: Crowd, QueueUrl: string): Promise<number> {
  const { Attributes = {} } = await sqs.getQueueAttributes({ QueueUrl, AttributeNames: [...COUNTS] })
  return COUNTS.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0)
}

const COUNTS = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const

/** Looks at everything, as its schedule would have it. Throws with what the function failed with. */
export async function sweep({ lambda }: Crowd): Promise<void> {
  const Payload = JSON.stringify({ id: 'now', source: 'aws.events', 'detail-type': 'Scheduled Event' })
  const answer = await lambda.invoke({ FunctionName: functionNameOf(SWEEP), Payload })
  if (answer.FunctionError) throw new Error(`The sweep failed: ${answer.Payload?.transformToString()}`)
}

/** Parts of a list, each of at most so many. */
export function chunks<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, index) =>
    list.slice(index * size, (index + 1) * size),
  )
}
