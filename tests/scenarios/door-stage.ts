/**
 * Capstan as it is installed in Drydock, with two functions more that go wrong as they are told to; and the story of one
 * image that is pushed and deployed, of which a test then asks what the doors have written.
 */
import { join } from 'node:path'
import { ECS } from '@aws-sdk/client-ecs'
import {
  CreateFunctionCommand,
  InvokeCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda'
import { Route53 } from '@aws-sdk/client-route-53'
import { GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs'
import { checkout } from '@capstan/cli/config-file.ts'
import { bundleFunctions } from '@capstan/cli/dev/bundle.ts'
import { type CapstanOnDrydock, startCapstan } from '@capstan/cli/dev/dev.ts'
import { packDirectory } from '@capstan/cli/image/pack.ts'
import { pushImage } from '@capstan/cli/image/push.ts'
import { until } from '@capstan/cli/until.ts'
import { deliveriesOf } from './door-lines.ts'
import { throttlingProxy } from './throttling-proxy.ts'

export type Stage = CapstanOnDrydock

const configFile = join(checkout, 'capstan.config.ts')
const SWEEP = { id: '1', source: 'aws.events', 'detail-type': 'Scheduled Event' }

/** Starts Capstan with the doors of tests/fixtures/doors beside its own. */
export async function startStage(): Promise<Stage> {
  const stage = await startCapstan({ port: 0, tasks: 'simulated' }, configFile)
  const folder = join(checkout, 'tests', 'fixtures', 'doors')
  const files = ['unlucky.ts', 'unlucky-queue.ts'].map((file) => join(folder, file))
  const sqs = new SQSClient(stage.sdk)
  const { QueueUrl = '' } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'capstan-dead-letters' }))
  const lambda = new LambdaClient(stage.sdk)
  for (const { handler: Handler, name, zip: ZipFile } of await bundleFunctions(files, configFile))
    await lambda.send(
      new CreateFunctionCommand({
        ...{ FunctionName: `capstan-${name}`, Handler, Runtime: 'nodejs24.x', Timeout: 30 },
        Role: 'arn:aws:iam::123456789012:role/capstan-reconcile',
        Environment: { Variables: { CAPSTAN_DEAD_LETTER_QUEUE_URL: QueueUrl } },
        Code: { ZipFile },
      }),
    )
  return stage
}

/** Invokes a door and waits for its end; resolves with how it failed. */
export async function invoke({ sdk }: Stage, door: string, event: object): Promise<string | undefined> {
  const Payload = Buffer.from(JSON.stringify(event))
  const command = new InvokeCommand({ FunctionName: `capstan-${door}`, Payload })
  return (await new LambdaClient(sdk).send(command)).FunctionError
}

/** Looks at everything, as each minute does. Throws where a sweep fails. */
export async function sweep(stage: Stage): Promise<void> {
  for (const door of ['reconcile', 'reconcile-discovery']) {
    const error = await invoke(stage, door, SWEEP)
    if (error) throw new Error(`${door} failed: ${error}`)
  }
}

/**
 * The service `default/web` follows `semver:1.x`, and 1.1.0 is pushed and deployed, although the first of its door's calls is
 * throttled. Its tasks are found by name. Resolves with the digest.
 */
export async function deployOne(stage: Stage): Promise<string> {
  const { drydock, sdk } = stage
  const ecs = new ECS(sdk)
  const { reference: image } = await push(stage, 'v1', '1.0.0')
  await new Route53(sdk).createHostedZone({ Name: 'example.com', CallerReference: 'first' })
  await ecs.createCluster({})
  await ecs.registerTaskDefinition({
    family: 'web',
    networkMode: 'awsvpc',
    containerDefinitions: [{ name: 'web', image, memory: 128 }],
  })
  await ecs.createService({
    ...{ serviceName: 'web', taskDefinition: 'web', desiredCount: 1 },
    networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-12345678'] } },
    tags: [
      { key: 'capstan:track', value: 'semver:1.x' },
      { key: 'capstan:dns', value: 'web.example.com' },
    ],
  })
  await sweep(stage)
  await using proxy = await throttlingProxy(drydock.endpoint)
  await putBefore(stage, 'image-pushed', proxy.endpoint)
  proxy.refused = 'DescribeServices'
  const { digest } = await push(stage, 'v2', '1.1.0')
  await until(
    () => 'a call is throttled',
    async () => proxy.count > 0 || undefined,
  )
  proxy.refused = ''
  await until(
    () => 'it is known that the pushed image is deployed',
    async () => deliveriesOf(stage, 'record', 'completed')[0],
  )
  await putBefore(stage, 'image-pushed', drydock.endpoint)
  return digest
}

async function push({ sdk }: Stage, version: string, tag: string) {
  const folder = join(checkout, 'examples', 'web', version)
  return pushImage(sdk, 'web', tag, await packDirectory(folder, { platform: 'linux/amd64' }))
}

/** Lets a door's calls go to `endpoint` from now on. */
async function putBefore({ sdk }: Stage, door: string, endpoint: string): Promise<void> {
  const lambda = new LambdaClient(sdk)
  const FunctionName = `capstan-${door}`
  const { Environment } = await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName }))
  const Variables = { ...Environment?.Variables, AWS_ENDPOINT_URL: endpoint }
  await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }))
}
