/** The very zips that sst would upload, as functions in Drydock: with the settings and variables of the graph. */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { CreateFunctionCommand, InvokeCommand, LambdaClient, type Runtime } from '@aws-sdk/client-lambda'
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { engineConfig } from '@capstan/cli/sdk.ts'
import { startDrydock } from '@capstan/drydock'
import { rules } from '../../functions/rules.ts'
import type { Evaluated } from './evaluate.ts'
import { allOf, componentOf, type Graph, oneOf, type Resource } from './graph.ts'

export interface DeployedDoors {
  /** Size of the door's code, unzipped (bytes). */
  sizeOf(door: string): number
  /** What becomes of an event: the function's error, and the reason with which it was kept. */
  call(door: string, event: object): Promise<{ readonly error?: string; readonly kept?: Reason }>
  close(): Promise<void>
}

/** The attributes by which a dead letter says why, but for the message itself. */
type Reason = Readonly<Record<'ERROR_CODE' | 'FUNCTION', string | undefined>>

/** Deploys the functions of a stage, and its queues. */
export async function deployDoors({ graph, artifacts }: Evaluated): Promise<DeployedDoors> {
  const drydock = await startDrydock({ port: 0, tasks: 'simulated' })
  const sdk = engineConfig(drydock.endpoint)
  const [lambda, sqs] = [new LambdaClient(sdk), new SQSClient(sdk)]
  const queues = await createQueues(graph, sqs)
  const sizes = new Map<string, number>()
  for (const { door } of rules) {
    const { size } = await stat(join(artifacts, `${componentOf(door)}-src`, 'bundle.mjs'))
    sizes.set(door, size)
    const code = await readFile(join(artifacts, componentOf(door), 'code.zip'))
    const settings = oneOf(graph, 'Function', `${componentOf(door)}Function`)
    await createFunction(lambda, settings, code, queues)
  }
  const deadLetters = queues.get(String(oneOf(graph, 'Queue', 'DeadLettersQueue').name)) ?? ''
  return {
    sizeOf: (door) => sizes.get(door) ?? Number.NaN,
    async call(door, event) {
      const FunctionName = String(oneOf(graph, 'Function', `${componentOf(door)}Function`).name)
      const { FunctionError, Payload } = await lambda.send(
        new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }),
      )
      const kept = await takeReason(sqs, deadLetters)
      return { ...(FunctionError && { error: Payload?.transformToString() ?? '' }), ...(kept && { kept }) }
    },
    close: () => drydock.close(),
  }
}

/** The queues' URLs in Drydock, by name. */
async function createQueues(graph: Graph, sqs: SQSClient): Promise<Map<string, string>> {
  const urls = new Map<string, string>()
  for (const { name } of allOf(graph, 'Queue').values()) {
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: String(name) }))
    urls.set(String(name), QueueUrl)
  }
  return urls
}

async function createFunction(
  lambda: LambdaClient,
  settings: Resource['inputs'],
  code: Buffer,
  queues: ReadonlyMap<string, string>,
): Promise<void> {
  const { variables } = settings.environment as { variables: Record<string, string> }
  const here = Object.entries(variables).map(
    ([name, value]) => [name, queues.get(value.split('/').at(-1) ?? '') ?? value] as const,
  )
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: String(settings.name),
      Runtime: settings.runtime as Runtime,
      Handler: String(settings.handler),
      Role: String(settings.role),
      Timeout: Number(settings.timeout),
      MemorySize: Number(settings.memorySize),
      Environment: { Variables: Object.fromEntries(here) },
      Code: { ZipFile: code },
    }),
  )
}

/** Takes the one message that may be in the queue of dead letters. */
async function takeReason(sqs: SQSClient, QueueUrl: string): Promise<Reason | undefined> {
  const receive = new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ['All'] })
  const [message] = (await sqs.send(receive)).Messages ?? []
  if (!message) return undefined
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }))
  const { ERROR_CODE, FUNCTION } = message.MessageAttributes ?? {}
  return { ERROR_CODE: ERROR_CODE?.StringValue, FUNCTION: FUNCTION?.StringValue }
}
