/** The doors as they are installed: bundled, in Drydock's Lambda, with nothing of the test in between. */
import { join } from 'node:path'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { GetQueueUrlCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { type CapstanOnDrydock, startCapstan } from '@capstan/cli/dev/dev.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rules } from '../../functions/rules.ts'

let capstan: CapstanOnDrydock

beforeAll(async () => {
  const configFile = join(import.meta.dirname, '..', '..', 'capstan.config.ts')
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
