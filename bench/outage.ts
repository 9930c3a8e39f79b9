/**
 * What an outage of five hundred services costs: all of them deployed just now, each with a good state to go back to,
 * and all alarms within a second; by metrics, so that all ring in one moment, and one after another. The state before
 * is written down directly; alarms, events, doors in Lambda, ledger and bus are real.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { CreateServiceResponse, RegisterTaskDefinitionResponse } from '@aws-sdk/client-ecs'
import {
  DisableRuleCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge'
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { BatchWriteCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { rowOf } from '@capstan/aws/ledger/rows.ts'
import { serviceRow } from '@capstan/aws/ledger/table.ts'
import type { ServiceRecord } from '@capstan/core/view.ts'
import { checkout } from '../packages/cli/src/config-file.ts'
import { type CapstanOnDrydock, startCapstan } from '../packages/cli/src/dev/dev.ts'
import { packDirectory } from '../packages/cli/src/image/pack.ts'
import { pushImage } from '../packages/cli/src/image/push.ts'
import { until } from '../packages/cli/src/until.ts'
import { listenToCalls, tally } from './calls.ts'
import type { Measured } from './measure.ts'

const SERVICES = 500
const SCOPE = { accountId: '123456789012', region: 'us-east-1' }
const CLUSTER = 'default'
/** Doors that the making of five hundred services would wake, or the minute; alarms alone are measured. */
const SILENT = ['deployment-state-changed', 'image-pushed', 'reconcile', 'tags-changed']

type Ring = (capstan: CapstanOnDrydock) => Promise<void>

/** Measures both kinds. Throws where alarms did not ring. */
export async function measureOutage(): Promise<Measured[]> {
  return [...(await outage('at once', ringAtOnce)), ...(await outage('one by one', ringOneByOne))]
}

async function outage(how: string, ring: Ring): Promise<Measured[]> {
  const capstan = await startCapstan({ port: 0, tasks: 'simulated' }, join(checkout, 'capstan.config.ts'))
  try {
    const told = await fleet(capstan)
    using calls = listenToCalls()
    await ring(capstan)
    const endedAt = await whenIdle(capstan)
    const began = Math.min(...transitions(capstan))
    const changed = calls.all.filter(({ operation = '' }) =>
      /^(UpdateService|StopServiceDep)/.test(operation),
    )
    console.error(`${how}: ${tally(calls.all)}; ${Math.round(process.memoryUsage().rss / 2 ** 20)} MB`)
    const what = `${SERVICES} services alarming ${how}`
    return [
      { what: `${what}: decided in`, value: (endedAt - began) / 1000, unit: 's', limit: 5 },
      { what: `${what}: rolled back`, value: changed.length, unit: '', limit: 0 },
      { what: `${what}: notifications`, value: (await told()).length, unit: '', limit: 1, least: 1 },
    ]
  } finally {
    await capstan.drydock.close()
  }
}

/** By one value of each metric: the alarms are evaluated together. */
async function ringAtOnce(capstan: CapstanOnDrydock): Promise<void> {
  const MetricData = names().map((name) => ({
    MetricName: 'Errors',
    Dimensions: dimensionsOf(name),
    Value: 100,
    StorageResolution: 1,
  }))
  await new CloudWatchClient(capstan.sdk).send(new PutMetricDataCommand({ Namespace: 'bench', MetricData }))
  await until(
    () => `all of ${SERVICES} alarms ring`,
    async () => transitions(capstan).length === SERVICES || undefined,
  )
}

/** Within a second, by an operator's word; in the engine, since five hundred clients would be measured with it. */
async function ringOneByOne({ drydock: { engine } }: CapstanOnDrydock): Promise<void> {
  const began = performance.now()
  for (const [index, AlarmName] of names().entries()) {
    const early = (index / SERVICES) * 1000 - (performance.now() - began)
    if (early > 0) await wait(early)
    const input = { AlarmName, StateValue: 'ALARM', StateReason: 'Down.' }
    await engine.call('cloudwatch', SCOPE, 'SetAlarmState', input)
  }
}

/** When the alarms that ring began to (ms). */
function transitions({ drydock }: CapstanOnDrydock): number[] {
  const { alarms } = drydock.engine.state('cloudwatch', SCOPE)
  return Object.values(alarms).flatMap(({ state }) => (state.value === 'ALARM' ? [state.transitionedAt] : []))
}

/** Resolves when no invocation waits or runs, with the time since which that is so (ms). */
async function whenIdle({ drydock }: CapstanOnDrydock): Promise<number> {
  for (let idleSince: number | undefined; ; await wait(5)) {
    const { queue, running } = drydock.engine.state('lambda', SCOPE)
    const isIdle = Object.keys(queue).length + Object.keys(running).length === 0
    if (!isIdle) idleSince = undefined
    else idleSince ??= Date.now()
    if (idleSince !== undefined && Date.now() - idleSince > 200) return idleSince
  }
}

const names = (): string[] => Array.from({ length: SERVICES }, (_, n) => `service-${n}`)

/** Makes the fleet. Resolves with what gives Capstan's notifications that came since. */
async function fleet(capstan: CapstanOnDrydock): Promise<() => Promise<string[]>> {
  const { sdk, drydock } = capstan
  const events = new EventBridgeClient(sdk)
  await Promise.all(SILENT.map((door) => events.send(new DisableRuleCommand({ Name: `capstan-${door}` }))))
  const [before, after] = [await revision(capstan, '1.0.0'), await revision(capstan, '1.0.1')]
  await drydock.engine.call('ecs', SCOPE, 'CreateCluster', { clusterName: CLUSTER })
  const records: ServiceRecord[] = []
  for (const name of names()) records.push(await service(capstan, name, before, after))
  await until(
    () => 'all services are steady',
    async () => {
      const { services } = drydock.engine.state('ecs', SCOPE)
      return JSON.stringify(services).match(/"COMPLETED"/g)?.length === SERVICES || undefined
    },
  )
  await drydock.engine.settle()
  const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient(sdk))
  for (let from = 0; from < SERVICES; from += 25) {
    const puts = records.slice(from, from + 25).map((record) => {
      return { PutRequest: { Item: rowOf(serviceRow(record), record) } }
    })
    await dynamodb.send(new BatchWriteCommand({ RequestItems: { 'capstan-ledger': puts } }))
  }
  return listen(capstan)
}

interface Revision {
  readonly taskDefinitionArn: string
  readonly images: Readonly<Record<string, { repository: string; digest: string; tag: string }>>
}

async function revision({ drydock, sdk }: CapstanOnDrydock, tag: string): Promise<Revision> {
  const program = await mkdtemp(join(tmpdir(), 'capstan-bench-'))
  await writeFile(join(program, 'package.json'), JSON.stringify({ scripts: { start: `node ${tag}.js` } }))
  const image = await packDirectory(program, { platform: 'linux/amd64' })
  await rm(program, { recursive: true })
  const { digest, reference } = await pushImage(sdk, 'web', tag, image)
  const { taskDefinition } = (await drydock.engine.call('ecs', SCOPE, 'RegisterTaskDefinition', {
    family: 'fleet',
    containerDefinitions: [{ name: 'app', image: `${reference}@${digest}`, memory: 128 }],
  })) as RegisterTaskDefinitionResponse
  const { taskDefinitionArn = '' } = taskDefinition ?? {}
  return { taskDefinitionArn, images: { app: { repository: 'web', digest, tag } } }
}

/** A service with its alarm, and its record as it is after a deployment that completed just now. */
async function service(
  { drydock: { engine } }: CapstanOnDrydock,
  serviceName: string,
  before: Revision,
  after: Revision,
): Promise<ServiceRecord> {
  const made = (await engine.call('ecs', SCOPE, 'CreateService', {
    cluster: CLUSTER,
    serviceName,
    taskDefinition: after.taskDefinitionArn,
    desiredCount: 1,
    tags: [{ key: 'capstan:track', value: 'semver:1.x' }],
  })) as CreateServiceResponse
  await engine.call('cloudwatch', SCOPE, 'PutMetricAlarm', alarm(serviceName))
  const now = Date.now()
  const serviceCreatedAt = made.service?.createdAt?.getTime() ?? 0
  const primaryId = made.service?.deployments?.[0]?.id ?? ''
  return {
    ...{ cluster: CLUSTER, service: serviceName, version: 1, repositories: ['web'] },
    known: { ...after, serviceCreatedAt, primaryId, completedAt: now },
    bake: { primaryId, since: now },
    good: [{ ...before, serviceCreatedAt, verifiedAt: now, evidence: [] }],
    ...{ quarantine: {}, problems: [], watches: [`${CLUSTER}/${serviceName}`] },
  }
}

const dimensionsOf = (service: string) => [
  { Name: 'ClusterName', Value: CLUSTER },
  { Name: 'ServiceName', Value: service },
]

const alarm = (name: string) => ({
  AlarmName: name,
  Namespace: 'bench',
  MetricName: 'Errors',
  Dimensions: dimensionsOf(name),
  Statistic: 'Sum',
  Period: 10,
  EvaluationPeriods: 1,
  Threshold: 50,
  ComparisonOperator: 'GreaterThanThreshold',
  TreatMissingData: 'ignore',
})

async function listen({ sdk }: CapstanOnDrydock): Promise<() => Promise<string[]>> {
  const sqs = new SQSClient(sdk)
  const events = new EventBridgeClient(sdk)
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'told' }))
  const Arn = `arn:aws:sqs:${SCOPE.region}:${SCOPE.accountId}:told`
  await events.send(new PutRuleCommand({ Name: 'told', EventPattern: '{"source":["capstan"]}' }))
  await events.send(new PutTargetsCommand({ Rule: 'told', Targets: [{ Id: 'queue', Arn }] }))
  return async () => {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))
    return Messages.map(({ Body = '' }) => Body)
  }
}
