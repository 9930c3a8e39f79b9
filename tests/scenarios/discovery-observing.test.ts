/** What discovery sees of a real engine: who asks to be found, which tasks there are, their addresses and their targets. */
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DeleteServiceCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  StopTaskCommand,
  TagResourceCommand,
} from '@aws-sdk/client-ecs'
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { parseEnvironment } from '@capstan/aws'
import { createClients } from '@capstan/aws/clients.ts'
import { addressesOf } from '@capstan/aws/discovery/addresses.ts'
import { createDiscoveryClients } from '@capstan/aws/discovery/clients.ts'
import { hostsOf } from '@capstan/aws/discovery/hosts.ts'
import { recentServicesOf, sourcesOf } from '@capstan/aws/discovery/sources.ts'
import { targetStatesOf } from '@capstan/aws/discovery/targets.ts'
import { sourceTasksOf } from '@capstan/aws/discovery/tasks.ts'
import { taskDefinitionsOf } from '@capstan/aws/observe/task-definitions.ts'
import { parseConfig } from '@capstan/core/config.ts'
import { sourceName } from '@capstan/core/discovery/names.ts'
import type { SeenTask } from '@capstan/core/discovery/view.ts'
import { testEngine } from '@capstan/drydock/testing.ts'
import { expect, test, vi } from 'vitest'

const WEB = { cluster: 'prod', group: 'service:web' }
const WORKER = { cluster: 'prod', group: 'family:worker' }
const network = (assignPublicIp: 'ENABLED' | 'DISABLED') => ({
  awsvpcConfiguration: { subnets: ['subnet-12345678'], assignPublicIp },
})

/** An engine with the cluster `prod`, and all that looks at it. */
async function observed(config: Parameters<typeof parseConfig>[0] = { services: {} }) {
  const engine = await testEngine()
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test')
  const environment = parseEnvironment({ AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL: engine.endpoint })
  const { calls, ecs, elb } = createClients(environment)
  const { ec2 } = createDiscoveryClients(environment)
  const now = () => engine.engine.clock.now()
  const services = recentServicesOf(ecs, now)
  const tasks = sourceTasksOf(ecs, taskDefinitionsOf(ecs))
  const { runningFamilies } = tasks
  const sources = sourcesOf({ config: parseConfig(config), ecs, now, runningFamilies, services })
  const hosts = hostsOf(ecs)
  const own = new ECSClient(engine.config)
  await own.send(new CreateClusterCommand({ clusterName: 'prod' }))
  return {
    ...{ engine, own, calls, tasks, sources },
    learnAddresses: addressesOf(ec2, hosts),
    targetStates: targetStatesOf(elb, services, hosts),
    balancers: new ElasticLoadBalancingV2Client(engine.config),
    [Symbol.asyncDispose]: () => engine.close(),
  }
}

type Observed = Awaited<ReturnType<typeof observed>>

async function register(
  { own }: Observed,
  family: string,
  tags: Record<string, string> = {},
  isChecked = false,
) {
  const healthCheck = { command: ['CMD-SHELL', 'true'] }
  const container = {
    ...{ name: 'app', image: 'web:1', portMappings: [{ containerPort: 80 }] },
    ...(isChecked && { healthCheck }),
  }
  const helper = { name: 'helper', image: 'helper:1', essential: false, healthCheck }
  const { taskDefinition } = await own.send(
    new RegisterTaskDefinitionCommand({
      ...{ family, networkMode: 'awsvpc', cpu: '256', memory: '512', requiresCompatibilities: ['FARGATE'] },
      containerDefinitions: [container, helper],
      ...(Object.keys(tags).length && { tags: Object.entries(tags).map(([key, value]) => ({ key, value })) }),
    }),
  )
  return taskDefinition?.taskDefinitionArn ?? ''
}

async function createService(
  { engine, own }: Observed,
  serviceName: string,
  tags: Record<string, string> = {},
  more: object = {},
): Promise<string> {
  const { service } = await own.send(
    new CreateServiceCommand({
      ...{
        cluster: 'prod',
        serviceName,
        taskDefinition: serviceName,
        desiredCount: 2,
        launchType: 'FARGATE',
      },
      networkConfiguration: network('ENABLED'),
      ...(Object.keys(tags).length && { tags: Object.entries(tags).map(([key, value]) => ({ key, value })) }),
      ...more,
    }),
  )
  await engine.engine.advance('60s')
  return service?.serviceArn ?? ''
}

async function runWorker({ engine, own }: Observed, group?: string): Promise<string> {
  const { tasks } = await own.send(
    new RunTaskCommand({
      ...{ cluster: 'prod', taskDefinition: 'worker', launchType: 'FARGATE', ...(group && { group }) },
      networkConfiguration: network('DISABLED'),
    }),
  )
  await engine.engine.advance('60s')
  return tasks?.[0]?.taskArn ?? ''
}

const names = (settings: readonly { publications: readonly { target: object }[] }[]) =>
  settings.map(({ publications }) => publications.map(({ target }) => target))
const web = { kind: 'dns', name: 'web.example.com' }

test('services and families ask by their tags, and what they asked ten seconds ago is believed', async () => {
  await using seen = await observed()
  await register(seen, 'web')
  const arn = await createService(seen, 'web', { 'capstan:dns': 'web.example.com' })
  await register(seen, 'worker', { 'capstan:dns': 'worker.example.com' })
  const { settingsOf } = seen.sources
  const before = [[web], [{ kind: 'dns', name: 'worker.example.com' }]]
  expect(names(await settingsOf([WEB, WORKER]))).toEqual(before)
  await seen.own.send(
    new TagResourceCommand({ resourceArn: arn, tags: [{ key: 'capstan:dns', value: 'new.example.com' }] }),
  )
  await register(seen, 'worker')
  const asked = { ...seen.calls }
  expect(names(await settingsOf([WEB, WORKER]))).toEqual(before)
  expect(seen.calls).toEqual(asked)
  const after = [[{ kind: 'dns', name: 'new.example.com' }], []]
  expect(names(await settingsOf([WEB, WORKER], true))).toEqual(after)
  expect(names(await settingsOf([WEB, WORKER]))).toEqual(after)
})

test('twenty-five services are read by three calls', async () => {
  await using seen = await observed()
  const keys = Array.from({ length: 25 }, (_, index) => ({ cluster: 'prod', group: `service:none-${index}` }))
  await seen.sources.settingsOf(keys)
  expect(seen.calls['ECS DescribeServices']).toBe(3)
})

test('a service that is gone, a family without a task definition and a cluster that is none ask for nothing', async () => {
  await using seen = await observed({ services: { 'prod/web': { discovery: { dns: 'web.example.com' } } } })
  await register(seen, 'web')
  await createService(seen, 'web')
  const elsewhere = { cluster: 'nowhere', group: 'service:web' }
  const all = [WEB, WORKER, elsewhere]
  expect(names(await seen.sources.settingsOf(all))).toEqual([[web], [], []])
  await seen.own.send(new DeleteServiceCommand({ cluster: 'prod', service: 'web', force: true }))
  const [settings] = await seen.sources.settingsOf(all, true)
  expect(settings).toEqual({ source: WEB, from: 'none', publications: [], problems: [] })
})

test('all sources that are named are found: services and families by tags, and both by the config file', async () => {
  await using seen = await observed({
    services: { 'prod/configured': { discovery: { dns: 'configured.example.com' } } },
    families: { 'prod/job': { discovery: { dns: 'job.example.com' } } },
  })
  for (const family of ['web', 'configured', 'quiet', 'job']) await register(seen, family)
  await register(seen, 'worker', { 'capstan:dns': 'worker.example.com' })
  await createService(seen, 'web', { 'capstan:dns': 'web.example.com' })
  await createService(seen, 'configured')
  await createService(seen, 'quiet')
  await runWorker(seen, 'batch')
  const found = (await seen.sources.namedSources()).map(sourceName).toSorted()
  expect(found).toEqual(['prod/configured', 'prod/family:job', 'prod/family:worker', 'prod/web'])
  const described = seen.calls['ECS DescribeTasks']
  await seen.sources.namedSources()
  expect(seen.calls['ECS DescribeTasks']).toBe(described)
})

test('the tasks of a service and of a family are told apart, and those that are unknown are left out', async () => {
  await using seen = await observed()
  await register(seen, 'worker', {}, true)
  await createService(seen, 'worker')
  const alone = await runWorker(seen)
  const { describeTasks, isChecked, listTasks } = seen.tasks
  const ofService = { cluster: 'prod', group: 'service:worker' }
  const own = await listTasks(ofService)
  expect(own.map(({ last, source }) => [last, source])).toEqual([
    ['RUNNING', ofService],
    ['RUNNING', ofService],
  ])
  expect(own[0]?.addresses.private).toMatch(/^[\d.]+$/)
  expect((await listTasks(WORKER)).map(({ arn }) => arn)).toEqual([alone])
  await seen.own.send(new StopTaskCommand({ cluster: 'prod', task: alone }))
  await seen.engine.engine.advance('60s')
  expect(await listTasks(WORKER)).toEqual([])
  const unknown = alone.replace(/[^/]+$/, 'f'.repeat(32))
  expect(await describeTasks(WORKER, [alone, unknown])).toMatchObject([
    { arn: alone, desired: 'STOPPED', last: 'STOPPED' },
  ])
  expect(await listTasks({ cluster: 'nowhere', group: 'service:web' })).toEqual([])
  expect(await isChecked(own[0]?.taskDefinitionArn ?? '')).toBe(true)
  expect(await isChecked(await register(seen, 'worker'))).toBe(false)
})

test('public addresses are learnt by one call, whatever interfaces are gone', async () => {
  await using seen = await observed()
  await register(seen, 'web')
  await createService(seen, 'web')
  const [first, second] = await seen.tasks.listTasks(WEB)
  if (!first || !second) throw new Error('there are no two tasks')
  const gone: SeenTask = { ...first, id: 'gone', interfaceId: 'eni-0123456789abcdef0', addresses: {} }
  const [one, none, two] = await seen.learnAddresses([first, gone, second])
  expect(one?.addresses).toEqual({ ...first.addresses, public: expect.stringMatching(/^198\.(18|19)\./) })
  expect(two?.addresses.public).not.toBe(one?.addresses.public)
  expect(none).toEqual(gone)
})

test('a task is told by its targets, absent, healthy or leaving, and by none where nothing checks it', async () => {
  await using seen = await observed()
  await register(seen, 'web')
  const { balancers, engine } = seen
  const made = await balancers.send(
    new CreateTargetGroupCommand({
      ...{ Name: 'web', Protocol: 'HTTP', Port: 80, VpcId: 'vpc-12345678', TargetType: 'ip' },
      ...{ HealthCheckIntervalSeconds: 5, HealthCheckTimeoutSeconds: 2, HealthyThresholdCount: 2 },
    }),
  )
  const targetGroupArn = made.TargetGroups?.[0]?.TargetGroupArn ?? ''
  const { LoadBalancers } = await balancers.send(
    new CreateLoadBalancerCommand({ Name: 'front', Subnets: ['subnet-12345678', 'subnet-23456789'] }),
  )
  await balancers.send(
    new CreateListenerCommand({
      LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn,
      ...{ Protocol: 'HTTP', Port: 80 },
      DefaultActions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
    }),
  )
  const loadBalancers = [{ targetGroupArn, containerName: 'app', containerPort: 80 }]
  await createService(seen, 'web', {}, { loadBalancers })
  const known = (await seen.tasks.listTasks(WEB)).map((task) => ({ ...task, isChecked: false, seenAt: 0 }))
  const [first] = known
  if (!first) throw new Error('there is no task')
  const elsewhere = { ...first, id: 'elsewhere', addresses: { private: '10.9.9.9' } }
  const states = await seen.targetStates(WEB, [...known, elsewhere])
  expect(Object.fromEntries(states)).toEqual({
    ...Object.fromEntries(known.map(({ id }) => [id, 'healthy'])),
    elsewhere: 'absent',
  })
  const stopped = { ...first, id: 'stopped', desired: 'STOPPED' as const }
  expect(await seen.targetStates(WEB, [stopped])).toEqual(new Map())
  expect(await seen.targetStates(WORKER, known)).toEqual(new Map())
  await seen.own.send(new StopTaskCommand({ cluster: 'prod', task: first.arn }))
  await engine.engine.advance('100ms')
  expect((await seen.targetStates(WEB, [first])).get(first.id)).toBe('leaving')
})
