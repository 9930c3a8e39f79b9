/** A fleet on virtual time whose every request is counted: services of two tasks, each with a repository, an alarm and a name. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb'
import { LambdaClient, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda'
import { Route53 } from '@aws-sdk/client-route-53'
import { virtualClock } from '@capstan/drydock'
import { rules } from '../../functions/rules.ts'
import { checkout } from '../../packages/cli/src/config-file.ts'
import { type CapstanOnDrydock, startCapstan } from '../../packages/cli/src/dev/dev.ts'
import { functionNameOf } from '../../packages/cli/src/dev/install.ts'
import { packDirectory } from '../../packages/cli/src/image/pack.ts'
import { pushImage } from '../../packages/cli/src/image/push.ts'
import type { Counted, Counts } from './bill.ts'
import { type Meter, startMeter, weightOf } from './meter.ts'

const SCOPE = { accountId: '123456789012', region: 'us-east-1' }
const TABLE = 'capstan-ledger'
const ZONE = 'example.com'
const DISCOVERY = functionNameOf('task-state-changed')
/** Until the fleet is adopted and found by name, and nothing is left to be told. */
const SETTLING_MINUTES = 12
/** As long as a delivery, so that what is looked at each few minutes is in both. */
const QUIET_MINUTES = 14
/** A deployment of two tasks, ten minutes of bake, and the sweep that finds them over. */
const DELIVERY_MINUTES = 14

interface Stage extends CapstanOnDrydock {
  readonly meter: Meter
  readonly logs: Logs
}

/** What functions have written, and how often they were run. */
interface Logs {
  invocations: number
  batches: number
  bytes: number
  /** Metrics in the embedded metric format, each by its name and dimensions. */
  readonly metrics: Set<string>
}

/** Counts a fleet of so many services. Throws where the delivery does not come to be verified. */
export async function countFleet(services: number): Promise<Counted> {
  const logs: Logs = { invocations: 0, batches: 0, bytes: 0, metrics: new Set() }
  const capstan = await startCapstan(
    {
      ...{ port: 0, tasks: 'simulated', clock: virtualClock() },
      onFunctionLog: ({ functionArn, text }) => {
        logs.bytes += Buffer.byteLength(text) + LOG_EVENT_BYTES
        for (const metric of metricsIn(text)) logs.metrics.add(metric)
        if (!text.startsWith('REPORT ')) return
        logs.invocations += 1
        if (functionArn.endsWith(DISCOVERY)) logs.batches += 1
      },
    },
    join(checkout, 'capstan.config.ts'),
  )
  await using meter = await startMeter(capstan.sdk)
  try {
    return await countOn({ ...capstan, meter, logs }, services)
  } finally {
    await capstan.drydock.close()
  }
}

interface EmbeddedMetrics {
  readonly _aws: {
    readonly CloudWatchMetrics: readonly {
      readonly Dimensions: readonly (readonly string[])[]
      readonly Metrics: readonly { readonly Name: string }[]
    }[]
  }
}

/** The metrics that CloudWatch makes of a line: one for each name and set of dimensions. */
function metricsIn(text: string): string[] {
  if (!text.startsWith('{"_aws"')) return []
  const line = JSON.parse(text) as EmbeddedMetrics & Readonly<Record<string, unknown>>
  return line._aws.CloudWatchMetrics.flatMap(({ Dimensions, Metrics }) =>
    Dimensions.flatMap((names) => {
      const values = names.map((name) => `${name}=${line[name]}`).join()
      return Metrics.map(({ Name }) => `${Name} ${values}`)
    }),
  )
}

/** PutLogEvents: "26 bytes for each log event". */
const LOG_EVENT_BYTES = 26

async function countOn(stage: Stage, services: number): Promise<Counted> {
  const { meter } = stage
  await lead(stage)
  await createFleet(stage, services)
  await minutes(stage, SETTLING_MINUTES)
  const quiet = await counting(stage, () => minutes(stage, QUIET_MINUTES))
  const quietMinute = scaled(quiet, 1 / QUIET_MINUTES)
  const tableBytes = await weigh(stage)
  const before = new Map(meter.operations)
  const whole = await counting(stage, async () => {
    await push(stage, nameOf(0), '1.0.1')
    await minutes(stage, DELIVERY_MINUTES)
  })
  const made = [...meter.operations].map(([name, count]) => `${count - (before.get(name) ?? 0)} ${name}`)
  console.error(`${services} services, a delivery and ${DELIVERY_MINUTES} minutes: ${made.join(', ')}`)
  const bytes = await weigh(stage)
  const records = await rowsOf(stage)
  if (!records.some((row) => row.sk?.S === `default/${nameOf(0)}` && row.good?.L?.length))
    throw new Error('The delivery was not verified')
  const own = [...stage.logs.metrics].filter((metric) => metric.includes(`default/${nameOf(0)}`))
  return {
    services,
    quietMinute,
    delivery: less(whole, scaled(quietMinute, DELIVERY_MINUTES)),
    tableBytes,
    bytesPerDelivery: bytes - tableBytes,
    metricsPerService: own.length,
    metrics: [...stage.logs.metrics].filter((metric) => !metric.includes('service=default/')).length,
  }
}

/** Leads the functions through the meter. */
async function lead({ meter, sdk }: Stage): Promise<void> {
  const lambda = new LambdaClient(sdk)
  for (const { door } of rules) {
    const FunctionName = functionNameOf(door)
    const { Environment } = await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName }))
    const Variables = { ...Environment?.Variables, AWS_ENDPOINT_URL: meter.endpoint }
    await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }))
  }
}

const nameOf = (index: number): string => `app-${index}`

async function createFleet(stage: Stage, services: number): Promise<void> {
  const { engine } = stage.drydock
  await new Route53(stage.sdk).createHostedZone({ Name: ZONE, CallerReference: 'bench' })
  await engine.call('ecs', SCOPE, 'CreateCluster', {})
  for (let index = 0; index < services; index++) {
    const name = nameOf(index)
    const { digest, reference } = await push(stage, name, '1.0.0')
    await engine.call('ecs', SCOPE, 'RegisterTaskDefinition', {
      ...{ family: name, networkMode: 'awsvpc' },
      containerDefinitions: [{ name: 'app', image: `${reference}@${digest}`, memory: 128 }],
    })
    await engine.call('cloudwatch', SCOPE, 'PutMetricAlarm', alarm(name))
    await engine.call('ecs', SCOPE, 'CreateService', serviceOf(name))
  }
}

const serviceOf = (serviceName: string) => ({
  ...{ serviceName, taskDefinition: serviceName, desiredCount: 2 },
  networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-12345678'] } },
  tags: [
    { key: 'capstan:track', value: 'semver:1.x' },
    { key: 'capstan:dns', value: `${serviceName}.${ZONE}` },
  ],
})

const alarm = (service: string) => ({
  ...{ AlarmName: service, Namespace: 'bench', MetricName: 'Errors', Statistic: 'Sum', Period: 60 },
  Dimensions: [
    { Name: 'ClusterName', Value: 'default' },
    { Name: 'ServiceName', Value: service },
  ],
  ...{ EvaluationPeriods: 1, Threshold: 50, ComparisonOperator: 'GreaterThanThreshold' },
  TreatMissingData: 'notBreaching',
})

async function push({ sdk }: Stage, repository: string, tag: string) {
  const program = await mkdtemp(join(tmpdir(), 'capstan-bench-'))
  await writeFile(join(program, 'package.json'), JSON.stringify({ scripts: { start: `node ${tag}.js` } }))
  const image = await packDirectory(program, { platform: 'linux/amd64' })
  await rm(program, { recursive: true })
  return await pushImage(sdk, repository, tag, image)
}

async function minutes({ drydock: { engine } }: Stage, count: number): Promise<void> {
  for (let minute = 0; minute < count; minute++) await engine.advance('1m')
}

async function counting(stage: Stage, happen: () => Promise<void>): Promise<Counts> {
  const before = now(stage)
  await happen()
  return less(now(stage), before)
}

/** Each batch of discovery is received and deleted, and each of its messages was sent; at worst it is one. */
function now({ logs, meter: { counts } }: Stage): Counts {
  const { sent, ...metered } = counts
  return {
    ...metered,
    invocations: logs.invocations,
    logBytes: logs.bytes,
    queueRequests: 3 * logs.batches + sent,
  }
}

const mapped = (counts: Counts, change: (value: number, key: keyof Counts) => number): Counts => ({
  invocations: change(counts.invocations, 'invocations'),
  calls: change(counts.calls, 'calls'),
  reads: change(counts.reads, 'reads'),
  writes: change(counts.writes, 'writes'),
  queueRequests: change(counts.queueRequests, 'queueRequests'),
  metricsRead: change(counts.metricsRead, 'metricsRead'),
  metricCalls: change(counts.metricCalls, 'metricCalls'),
  events: change(counts.events, 'events'),
  logBytes: change(counts.logBytes, 'logBytes'),
})
const scaled = (counts: Counts, by: number) => mapped(counts, (value) => Math.round(value * by * 10) / 10)
const less = (counts: Counts, other: Counts) =>
  mapped(counts, (value, key) => Math.round((value - other[key]) * 10) / 10)

async function rowsOf({ sdk }: Stage) {
  const rows = []
  for await (const page of paginateScan({ client: new DynamoDBClient(sdk) }, { TableName: TABLE }))
    rows.push(...(page.Items ?? []))
  return rows
}

const weigh = async (stage: Stage): Promise<number> =>
  (await rowsOf(stage)).reduce((sum, row) => sum + weightOf({ M: row }), 0)
