/** The doors as they are installed: bundled, in Drydock's Lambda, with nothing of the test in between. */
import { join } from 'node:path'
import {
  CreateClusterCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
} from '@aws-sdk/client-ecs'
import { InvokeCommand, LambdaClient, ListEventSourceMappingsCommand } from '@aws-sdk/client-lambda'
import { Route53 } from '@aws-sdk/client-route-53'
import { GetQueueUrlCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { checkout } from '@capstan/cli/config-file.ts'
import { bundleFunctions } from '@capstan/cli/dev/bundle.ts'
import { type CapstanOnDrydock, startCapstan } from '@capstan/cli/dev/dev.ts'
import { install } from '@capstan/cli/dev/install.ts'
import { until } from '@capstan/cli/until.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rules } from '../../functions/rules.ts'

const configFile = join(checkout, 'capstan.config.ts')
let capstan: CapstanOnDrydock

beforeAll(async () => {
  capstan = await startCapstan({ port: 0, tasks: 'simulated' }, configFile)
})
afterAll(() => capstan?.drydock.close())

/** Invokes a door and waits for what becomes of it. */
async function invoke(door: string, event: unknown) {
  const command = new InvokeCommand({
    FunctionName: `capstan-${door}`,
    Payload: Buffer.from(JSON.stringify(event)),
  })
  return new LambdaClient(capstan.sdk).send(command)
}

/** Doors that events wake, with what is wrong with an event of nobody: one that reads from a queue wants its records. */
const doors = rules.flatMap((rule) =>
  'pattern' in rule ? [[rule.door, rule.queue ? 'Records' : 'source'] as const] : [],
)

test.each(doors)('%s keeps a malformed event with its reason, and does not fail', async (door, wrong) => {
  const event = { source: 'nobody', door }
  const { FunctionError, StatusCode } = await invoke(door, event)
  expect({ FunctionError, StatusCode }).toEqual({ FunctionError: undefined, StatusCode: 200 })
  const sqs = new SQSClient(capstan.sdk)
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'capstan-dead-letters' }))
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MessageAttributeNames: ['All'],
      WaitTimeSeconds: 20,
      MaxNumberOfMessages: 10,
    }),
  )
  const kept = Messages.find(({ Body = '{}' }) => (JSON.parse(Body) as typeof event).door === door)
  expect(kept?.MessageAttributes).toMatchObject({
    ERROR_CODE: { StringValue: 'INVALID_EVENT' },
    ERROR_MESSAGE: { StringValue: expect.stringContaining(wrong) },
    FUNCTION: { StringValue: `capstan-${door}` },
  })
})

test.each(['reconcile', 'reconcile-discovery'])('%s of an empty account succeeds', async (door) => {
  const event = { id: '1', source: 'aws.events', 'detail-type': 'Scheduled Event' }
  const { FunctionError, StatusCode } = await invoke(door, event)
  expect({ FunctionError, StatusCode }).toEqual({ FunctionError: undefined, StatusCode: 200 })
})

test('a malformed message in the queue before a door is kept, once', async () => {
  const sqs = new SQSClient(capstan.sdk)
  const queue = async (QueueName: string) =>
    (await sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl ?? ''
  await sqs.send(
    new SendMessageCommand({ QueueUrl: await queue('capstan-task-state-changed'), MessageBody: 'hello' }),
  )
  const receive = new ReceiveMessageCommand({
    QueueUrl: await queue('capstan-dead-letters'),
    ...{ WaitTimeSeconds: 20, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] },
  })
  const kept = await until(
    () => 'the message is kept',
    async () => (await sqs.send(receive)).Messages?.find(({ Body }) => Body === '"hello"'),
  )
  expect(kept.MessageAttributes).toMatchObject({ ERROR_CODE: { StringValue: 'INVALID_EVENT' } })
})

test('a task that runs is found by name, by way of rule, queue and function', async () => {
  const { sdk } = capstan
  const route53 = new Route53(sdk)
  const { HostedZone } = await route53.createHostedZone({ Name: 'example.com', CallerReference: 'first' })
  const ecs = new ECSClient(sdk)
  await ecs.send(new CreateClusterCommand({}))
  await ecs.send(
    new RegisterTaskDefinitionCommand({
      ...{ family: 'worker', networkMode: 'awsvpc' },
      containerDefinitions: [{ name: 'app', image: 'app:1', memory: 128 }],
      tags: [{ key: 'capstan:dns', value: 'worker.example.com' }],
    }),
  )
  const networkConfiguration = { awsvpcConfiguration: { subnets: ['subnet-12345678'] } }
  await ecs.send(new RunTaskCommand({ taskDefinition: 'worker', networkConfiguration }))
  const record = await until(
    () => 'the task has a record',
    async () => {
      const list = await route53.listResourceRecordSets({ HostedZoneId: HostedZone?.Id })
      return list.ResourceRecordSets?.find(({ Name }) => Name === 'worker.example.com.')
    },
  )
  expect(record).toMatchObject({ Type: 'A', TTL: 10, MultiValueAnswer: true })
})

test('an installation over one that is there brings it up to date', async () => {
  const files = rules.map(({ door }) => join(checkout, 'functions', `${door}.ts`))
  await install(capstan.sdk, await bundleFunctions(files, configFile))
  const lambda = new LambdaClient(capstan.sdk)
  const { EventSourceMappings } = await lambda.send(new ListEventSourceMappingsCommand({}))
  expect(EventSourceMappings).toMatchObject([
    { BatchSize: 10, FunctionResponseTypes: ['ReportBatchItemFailures'] },
  ])
})
