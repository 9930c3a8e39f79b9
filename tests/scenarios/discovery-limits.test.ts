/** What stands between a task and its name: load balancers, quotas, policies, Cloud Map, and the end of a function's time. */
import { DescribeServicesCommand, UntagResourceCommand } from '@aws-sdk/client-ecs'
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { ServiceDiscovery } from '@aws-sdk/client-servicediscovery'
import { decideDiscovery } from '@capstan/core/discovery/decide.ts'
import { discoveryEvent } from '@capstan/core/discovery/events.ts'
import { expect, test } from 'vitest'
import { addressOf, Found } from './found.ts'

const NAME = 'web.example.com'

/** A target group behind a listener, which is probed each five seconds. */
async function createTargetGroup({ fleet }: Found): Promise<string> {
  const elb = new ElasticLoadBalancingV2Client(fleet.engine.config)
  const { LoadBalancers } = await elb.send(
    new CreateLoadBalancerCommand({ Name: 'front', Subnets: ['subnet-12345678', 'subnet-23456789'] }),
  )
  const { TargetGroups } = await elb.send(
    new CreateTargetGroupCommand({
      ...{ Name: 'web', Protocol: 'HTTP', Port: 80, VpcId: 'vpc-12345678', TargetType: 'ip' },
      ...{ HealthCheckIntervalSeconds: 5, HealthCheckTimeoutSeconds: 2, HealthyThresholdCount: 2 },
    }),
  )
  const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? ''
  await elb.send(
    new CreateListenerCommand({
      LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn,
      ...{ Protocol: 'HTTP', Port: 80 },
      DefaultActions: [{ Type: 'forward', TargetGroupArn }],
    }),
  )
  return TargetGroupArn
}

test('a task behind a load balancer is found once its target is healthy, which no event tells', async () => {
  await using found = await Found.start()
  const targetGroupArn = await createTargetGroup(found)
  await found.createService('web', {
    container: {
      portMappings: [{ containerPort: 80 }],
      environment: [{ name: 'DRYDOCK_HEALTH_STATUS', value: '503,200@20s' }],
    },
    more: {
      loadBalancers: [{ targetGroupArn, containerName: 'app', containerPort: 80 }],
      healthCheckGracePeriodSeconds: 300,
    },
  })
  await found.play(15)
  expect((await found.tasks())[0]?.lastStatus).toBe('RUNNING')
  expect(await found.records()).toEqual([])
  await found.play(25)
  expect(await found.records()).toEqual(await found.expected(NAME))
})

test('more tasks than a name takes are found by a subset, which follows them', async () => {
  await using found = await Found.start()
  await found.createService('web', { count: 104 })
  await found.play(20, 4)
  const first = await found.records()
  expect(first).toHaveLength(100)
  const reasons = await found.reasons('web')
  expect(reasons).toContain('skip over-quota')
  await found.scale('web', 100)
  await found.play(60, 4)
  const last = await found.records()
  expect(last).toEqual(await found.expected(NAME))
  expect(last).toHaveLength(100)
})

test.each([
  ['upsert-only', 1],
  ['create-only', 1],
])('with %s a record stays that should go, and this is told', async (policy, staying) => {
  await using found = await Found.start()
  await found.createService('web', { tags: { 'capstan:dns': NAME, 'capstan:dns-policy': policy } })
  await found.play(5)
  expect(await found.records()).toEqual(await found.expected(NAME))
  await found.scale('web', 0)
  await found.play(5)
  expect(await found.records()).toHaveLength(staying)
  expect(await found.reasons('web')).toContain('skip policy')
})

test('tasks are instances of a Cloud Map service, with their attributes', async () => {
  await using found = await Found.start()
  const cloudMap = new ServiceDiscovery(found.fleet.engine.config)
  await cloudMap.createHttpNamespace({ Name: 'harbour' })
  await found.fleet.advance('5s')
  const { Namespaces = [] } = await cloudMap.listNamespaces({})
  const { Service } = await cloudMap.createService({ Name: 'web', NamespaceId: Namespaces[0]?.Id })
  await found.createService('web', { count: 2, tags: { 'capstan:discovery': 'harbour/web' } })
  await found.play(5)
  const list = () => cloudMap.listInstances({ ServiceId: Service?.Id })
  const { Instances = [] } = await list()
  expect(Instances.map(({ Attributes }) => Attributes?.AWS_INSTANCE_IPV4).sort()).toEqual(
    (await found.tasks()).map(addressOf).sort(),
  )
  expect(Instances[0]?.Attributes).toMatchObject({
    CAPSTAN_SOURCE: 'default/web',
    ECS_TASK_DEFINITION_FAMILY: 'web',
  })
  await found.scale('web', 0)
  await found.play(5)
  expect((await list()).Instances).toEqual([])
})

test('instances that ECS registers itself stand beside ours, and are not taken over', async () => {
  await using found = await Found.start()
  const cloudMap = new ServiceDiscovery(found.fleet.engine.config)
  await cloudMap.createHttpNamespace({ Name: 'harbour' })
  await found.fleet.advance('5s')
  const { Namespaces = [] } = await cloudMap.listNamespaces({})
  const { Service } = await cloudMap.createService({ Name: 'web', NamespaceId: Namespaces[0]?.Id })
  const serviceRegistries = [{ registryArn: Service?.Arn, containerName: 'app', containerPort: 80 }]
  await found.createService('web', {
    tags: { 'capstan:discovery': 'harbour/web' },
    container: { portMappings: [{ containerPort: 80 }] },
    more: { serviceRegistries },
  })
  await found.play(5)
  const idsOf = async () => {
    const { Instances = [] } = await cloudMap.listInstances({ ServiceId: Service?.Id })
    return Instances.map(({ Id }) => Id).sort()
  }
  const id = (await found.tasks())[0]?.taskArn?.split('/').at(-1)
  expect(await idsOf()).toEqual([id, `capstan-${id}`])
  const target = { kind: 'cloud-map', namespace: 'harbour', service: 'web' } as const
  const { decisions, outcome } = await found.discovery.adopt(target)
  expect(outcome).toBe('unchanged')
  expect(decisions).toMatchObject([
    { reason: 'foreign-record', facts: { ecs: expect.stringContaining(id ?? '') } },
  ])
  await found.sweep()
  expect(await idsOf()).toEqual([id, `capstan-${id}`])
  await found.scale('web', 0)
  await found.play(60, 10)
  expect(await idsOf()).toEqual([])
})

test('a name of a namespace that is not there is told of', async () => {
  await using found = await Found.start()
  await found.createService('web', { tags: { 'capstan:discovery': 'harbour/web' } })
  await found.play(5)
  expect(await found.reasons('web')).toEqual(['skip no-namespace'])
})

test('a config file names families and services as tags do', async () => {
  await using found = await Found.start()
  await found.createService('web', { tags: {} })
  await found.define('worker')
  await found.runTask('worker')
  await found.fleet.advance('5s')
  const discovery = found.connect({
    services: { web: { discovery: { dns: NAME } } },
    families: { worker: { discovery: { dns: 'worker.example.com', ttl: '5s' } } },
  })
  await discovery.sweep()
  expect((await found.records()).map((record) => record.split(' ')[1])).toEqual([NAME, 'worker.example.com'])
})

test('a zone that takes no more is told of once, and tried again with each sweep', async () => {
  await using found = await Found.start()
  const filler = Array.from({ length: 9998 }, (_, index) => ({
    ...{ Name: `filler-${index}.example.com`, Type: 'A' as const, TTL: 60 },
    ResourceRecords: [{ Value: '192.0.2.1' }],
  }))
  for (let from = 0; from < filler.length; from += 500) {
    await found.route53.changeResourceRecordSets({
      HostedZoneId: found.zoneId,
      ChangeBatch: {
        Changes: filler
          .slice(from, from + 500)
          .map((ResourceRecordSet) => ({ Action: 'CREATE', ResourceRecordSet })),
      },
    })
  }
  await found.createService('web')
  await found.play(5)
  await found.sweep()
  const refusals = async () => (await found.reasons('web')).filter((reason) => reason === 'skip refused')
  expect(await refusals()).toHaveLength(1)
  expect(await found.discovery.ledger.listNames()).toMatchObject([{ isHindered: true }])
  expect(await found.fleet.deadLetters()).toEqual([])
  for (const set of filler.slice(0, 1)) await found.change('DELETE', set)
  await found.sweep()
  const ours = (await found.records()).filter((record) => record.startsWith(`A ${NAME}`))
  expect(ours).toEqual(await found.expected(NAME))
  const [name] = await found.discovery.ledger.listNames()
  expect(name).not.toHaveProperty('isHindered')
})

test('word is left with who holds a place; who dies there is followed by the sweep', async () => {
  await using found = await Found.start()
  await found.createService('web')
  await found.play(5)
  await found.scale('web', 2)
  await found.fleet.advance('5s')
  const { ledger } = found.discovery
  await ledger.claim(found.zoneId, [], 'slow', 20_000)
  const before = await found.records()
  await found.deliver()
  expect(await found.fleet.takeEvents('task-state-changed')).toEqual([])
  expect(await found.records()).toEqual(before)
  await found.fleet.advance('30s')
  await found.sweep()
  expect(await found.records()).toEqual(await found.expected(NAME))
})

test('of a place whose holder died the sweep does all that was left there, also where nobody asks any more', async () => {
  await using found = await Found.start()
  for (const name of ['web', 'api', 'shop']) await found.createService(name)
  await found.play(5)
  const { ledger } = found.discovery
  const names = await ledger.listNames()
  await ledger.claim(
    found.zoneId,
    names.map(({ target }) => ({ target, verifies: false })),
    'dies',
    20_000,
  )
  const { services = [] } = await found.fleet.ecs.send(
    new DescribeServicesCommand({ services: ['web', 'shop'] }),
  )
  for (const { serviceArn: resourceArn } of services)
    await found.fleet.ecs.send(new UntagResourceCommand({ resourceArn, tagKeys: ['capstan:dns'] }))
  await found.deliver()
  expect(await found.fleet.takeEvents('task-state-changed')).toEqual([])
  expect((await ledger.listSources()).map(({ source }) => source.group)).toEqual(['service:api'])
  expect(await found.records()).toHaveLength(3)
  await found.fleet.advance('21s')
  await found.sweep()
  const records = await found.records()
  expect(records).toEqual([expect.stringContaining('A api.example.com')])
  expect((await ledger.listNames()).map(({ target }) => target)).toEqual([
    { kind: 'dns', name: 'api.example.com' },
  ])
  expect(await ledger.claim(found.zoneId, [], 'next', 20_000)).toMatchObject({ kind: 'held', errands: [] })
})

test('doors without time for another round leave what came meanwhile to the next ones', async () => {
  await using found = await Found.start()
  await found.createService('web', { count: 20 })
  await found.fleet.advance('5s')
  const events = (await found.fleet.takeEvents('task-state-changed')).map((event) =>
    discoveryEvent.parse(event),
  )
  const doors = events.map((event) => found.discovery.takeBatch([event], undefined, found.fleet.now + 1000))
  await Promise.all(doors)
  await found.play(2)
  expect(await found.records()).toEqual(await found.expected(NAME))
})

test('what is planned is what is done', async () => {
  await using found = await Found.start()
  await found.createService('web', { count: 2 })
  await found.fleet.advance('5s')
  const [before] = await found.discovery.observeNames()
  const view = before?.kind === 'seen' ? before.view : undefined
  expect(view?.sources[0]?.tasks).toHaveLength(2)
  expect(await found.discovery.ledger.listNames()).toEqual([])
  expect(await found.records()).toEqual([])
  const planned = view ? decideDiscovery(view).flatMap((each) => ('writes' in each ? each.writes : [])) : []
  await found.sweep()
  const lines = planned.map(({ record }) => `${record.type} ${record.name} ${record.values.join()}`).sort()
  expect(await found.records()).toEqual(lines)
  const [after] = await found.discovery.observeNames()
  expect(after?.kind === 'seen' && decideDiscovery(after.view)).toMatchObject([
    { kind: 'skip', reason: 'up-to-date' },
  ])
})
