/**
 * The processor time of a warm door that delivers a push to one service: the bundle in a process of its own, on Drydock, with
 * the HTTP of all that it sends and reads, but without the kernel's part of it. Each push finds the one before verified.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { ECR } from '@aws-sdk/client-ecr'
import { ECS } from '@aws-sdk/client-ecs'
import { connect, parseEnvironment, tableDefinition } from '@capstan/aws'
import { decideDelivery } from '@capstan/core/delivery.ts'
import { type TestEngine, testEngine } from '@capstan/drydock/testing.ts'
import { unzipSync } from 'fflate'
import { checkout } from '../packages/cli/src/config-file.ts'
import { bundleFunctions } from '../packages/cli/src/dev/bundle.ts'
import { putImage } from '../tests/fixtures/image.ts'
import { type Measured, median } from './measure.ts'

const PUSHES = 60
/** Enough for the code of a delivery to be compiled. */
const WARM_UP = 30
const LIMIT_MS = 10
const NAME = 'web'

/** Measures pushes one after another. Throws where one did not deploy its service. */
export async function measureWarm(): Promise<Measured[]> {
  await using engine = await testEngine()
  const folder = mkdtempSync(join(tmpdir(), 'capstan-bench-'))
  try {
    const ecs = new ECS(engine.config)
    const ecr = new ECR(engine.config)
    await new DynamoDBClient(engine.config).send(
      new CreateTableCommand({ TableName: 'capstan-ledger', ...tableDefinition }),
    )
    await ecs.createCluster({})
    await createService(ecs, ecr)
    const door = await startDoor(engine, folder)
    const times: number[] = []
    try {
      for (let version = 1; version <= PUSHES; version++) {
        await rest(engine)
        const digest = await putImage(ecr, NAME, `1.${version}.0`)
        door.send({ event: eventOf(digest, `1.${version}.0`), now: engine.engine.clock.now() })
        const [time] = await once(door, 'message')
        await requireDeployed(version, ecs)
        times.push(Number(time) / 1000)
      }
    } finally {
      door.kill()
    }
    const value = median(times.slice(WARM_UP))
    return [{ what: 'processor time of a push, warm door', value, unit: 'ms', limit: LIMIT_MS }]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function startDoor(engine: TestEngine, folder: string) {
  const entry = join(checkout, 'functions', 'image-pushed.ts')
  const [bundle] = await bundleFunctions([entry], join(checkout, 'capstan.config.ts'))
  const [code = new Uint8Array()] = Object.values(unzipSync(bundle?.zip ?? new Uint8Array()))
  const file = join(folder, 'image-pushed.mjs')
  writeFileSync(file, code)
  const { accessKeyId, secretAccessKey } = engine.config.credentials
  const door = fork(join(import.meta.dirname, 'warm-door.ts'), [file], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      ...process.env,
      AWS_REGION: engine.config.region,
      AWS_ENDPOINT_URL: engine.endpoint,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      CAPSTAN_DEAD_LETTER_QUEUE_URL: `${engine.endpoint}/000000000000/none`,
    },
  })
  await once(door, 'message')
  return door
}

/** A service that runs 1.0.0 of its repository. */
async function createService(ecs: ECS, ecr: ECR): Promise<void> {
  const { repository } = await ecr.createRepository({ repositoryName: NAME })
  await putImage(ecr, NAME, '1.0.0')
  await ecs.registerTaskDefinition({
    family: NAME,
    containerDefinitions: [{ name: 'app', image: `${repository?.repositoryUri}:1.0.0`, memory: 128 }],
  })
  const tags = [{ key: 'capstan:track', value: 'semver:1.x' }]
  await ecs.createService({ serviceName: NAME, taskDefinition: NAME, desiredCount: 1, tags })
}

/** Lets the deployment complete and be verified, as the sweep sees it. */
async function rest(engine: TestEngine): Promise<void> {
  for (let minute = 0; minute < 15; minute++) {
    await engine.engine.advance('1m')
    await sweep(engine)
  }
}

async function sweep({ config, engine, endpoint }: TestEngine): Promise<void> {
  const capstan = connect({
    config: { services: {} },
    environment: parseEnvironment({ AWS_REGION: config.region, AWS_ENDPOINT_URL: endpoint }),
    caller: { credentials: async () => config.credentials },
    now: () => engine.clock.now(),
  })
  await capstan.deliver(await capstan.observeAll(), decideDelivery)
}

/** The event of a push. */
const eventOf = (digest: string, tag: string) => ({
  version: '0',
  id: tag,
  'detail-type': 'ECR Image Action',
  source: 'aws.ecr',
  account: '000000000000',
  time: new Date().toISOString(),
  region: 'us-east-1',
  resources: [],
  detail: {
    result: 'SUCCESS',
    'repository-name': NAME,
    'image-digest': digest,
    'action-type': 'PUSH',
    'image-tag': tag,
  },
})

/** Each delivery registers one more revision. */
async function requireDeployed(version: number, ecs: ECS): Promise<void> {
  const { services = [] } = await ecs.describeServices({ services: [NAME] })
  if (!services[0]?.taskDefinition?.endsWith(`${NAME}:${version + 1}`))
    throw new Error(`The push of 1.${version}.0 was not deployed`)
}
