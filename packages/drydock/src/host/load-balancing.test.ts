/** Services behind load balancers, on the virtual clock: registered, checked, drained, replaced, rolled back. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type TestEngine, testEngine } from '../testing.ts'
import { controlOf, forwardTo, scope } from './balancer/testing.ts'

type Output = Record<string, unknown>

interface Described {
  readonly events: { message: string }[]
  readonly deployments: { rolloutState: string; failedTasks: number; taskDefinition: string }[]
  readonly loadBalancers: object[]
  readonly runningCount: number
}

/** A cluster, and a load balancer whose listener forwards to a group that is checked each 5 s, unhealthy after two. */
async function stageOf(drydock: TestEngine, attributes: Record<string, string> = {}) {
  const { engine } = drydock
  const elb = controlOf(drydock)
  const ecs = (operation: string, input: object) =>
    engine.call('ecs', scope, operation, input) as Promise<Output>
  const balancer = await elb.loadBalancer()
  const drain = { 'deregistration_delay.timeout_seconds': '20', ...attributes }
  const group = await elb.group('web', [], drain, { UnhealthyThresholdCount: 2, HealthyThresholdCount: 2 })
  await elb.listener(balancer.arn, forwardTo(group))
  await ecs('CreateCluster', {})
  const register = (healthStatus = 200) =>
    ecs('RegisterTaskDefinition', {
      family: 'web',
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      cpu: '256',
      memory: '512',
      containerDefinitions: [
        {
          name: 'app',
          image: 'public.example/web:1',
          portMappings: [{ containerPort: 8080 }],
          environment: [{ name: 'DRYDOCK_HEALTH_STATUS', value: String(healthStatus) }],
        },
      ],
    })
  await register()
  const use = { targetGroupArn: group, containerName: 'app', containerPort: 8080 }
  const service = {
    serviceName: 'web',
    taskDefinition: 'web',
    desiredCount: 2,
    networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
    loadBalancers: [use],
  }
  return {
    ...{ engine, elb, ecs, group, use, service, register },
    update: (input: object) => ecs('UpdateService', { service: 'web', ...input }),
    async described() {
      const { services } = (await ecs('DescribeServices', { services: ['web'] })) as {
        services: [Described]
      }
      return services[0]
    },
    async tasks(desiredStatus: 'RUNNING' | 'STOPPED') {
      const { taskArns } = (await ecs('ListTasks', { desiredStatus })) as { taskArns: string[] }
      if (!taskArns.length) return []
      const { tasks } = await ecs('DescribeTasks', { tasks: taskArns })
      return tasks as { lastStatus: string; stoppedReason?: string; stopCode?: string }[]
    },
  }
}

test("a service's tasks are registered, healthy by the load balancer's word, and drained before they are stopped", async () => {
  await using drydock = await testEngine()
  const stage = await stageOf(drydock)
  const { service } = await stage.ecs('CreateService', stage.service)
  expect(service).toMatchObject({ loadBalancers: [stage.use], healthCheckGracePeriodSeconds: 0 })
  await stage.engine.advance('2s')
  expect(await stage.elb.health(stage.group)).toEqual(['8080 healthy', '8080 healthy'])
  expect(await stage.described()).toMatchObject({ deployments: [{ rolloutState: 'COMPLETED' }] })

  await stage.update({ desiredCount: 1 })
  await stage.engine.advance('1s')
  expect((await stage.elb.health(stage.group)).sort()).toEqual([
    '8080 draining Target.DeregistrationInProgress',
    '8080 healthy',
  ])
  expect(await stage.tasks('STOPPED')).toMatchObject([{ lastStatus: 'DEACTIVATING' }])
  await stage.engine.advance('18s')
  expect(await stage.tasks('STOPPED')).toMatchObject([{ lastStatus: 'DEACTIVATING' }])
  await stage.engine.advance('3s')
  expect(await stage.tasks('STOPPED')).toMatchObject([
    { lastStatus: 'STOPPED', stopCode: 'ServiceSchedulerInitiated' },
  ])
  expect(await stage.elb.health(stage.group)).toEqual(['8080 healthy'])
  const { events } = await stage.described()
  const messages = events.map(({ message }) => message)
  const group = `(target-group ${stage.group})`
  expect(messages).toContain(`(service web) registered 1 targets in ${group}`)
  expect(messages).toContain('(service web) has begun draining connections on 1 tasks.')
  expect(messages).toContain(`(service web) deregistered 1 targets in ${group}`)
  expect(drydock.faults).toEqual([])
})

test('a deployment whose targets stay unhealthy is failed by the breaker and rolled back; the old ones serve on', async () => {
  await using drydock = await testEngine()
  const stage = await stageOf(drydock)
  const deploymentConfiguration = { deploymentCircuitBreaker: { enable: true, rollback: true } }
  await stage.ecs('CreateService', { ...stage.service, deploymentConfiguration })
  await stage.engine.advance('5s')
  await stage.register(500)
  await stage.update({ taskDefinition: 'web' })
  await stage.engine.advance('12s')
  const stopped = await stage.tasks('STOPPED')
  expect(stopped[0]).toMatchObject({
    stopCode: 'ServiceSchedulerInitiated',
    stoppedReason: `Task failed ELB health checks in (target-group ${stage.group})`,
  })
  await stage.engine.advance('60s')
  const { deployments, events } = await stage.described()
  expect(deployments).toMatchObject([{ rolloutState: 'COMPLETED' }])
  expect(deployments[0]?.taskDefinition).toMatch(/web:1$/)
  const messages = events.map(({ message }) => message)
  expect(messages).toContainEqual(
    expect.stringMatching(
      /^\(service web\) \(task [0-9a-f]{32}\) \(port 8080\) is unhealthy in \(target-group arn:.*\) due to \(reason Health checks failed with these codes: \[500\]\)\.$/,
    ),
  )
  expect(await stage.elb.health(stage.group)).toEqual(['8080 healthy', '8080 healthy'])
  expect(drydock.faults).toEqual([])
})

test('within the grace period nothing is stopped and nothing counts as a failure', async () => {
  await using drydock = await testEngine()
  const stage = await stageOf(drydock)
  await stage.register(500)
  await stage.ecs('CreateService', { ...stage.service, healthCheckGracePeriodSeconds: 60 })
  await stage.engine.advance('55s')
  expect(await stage.elb.health(stage.group)).toEqual([
    '8080 unhealthy Target.ResponseCodeMismatch',
    '8080 unhealthy Target.ResponseCodeMismatch',
  ])
  expect(await stage.tasks('STOPPED')).toEqual([])
  expect(await stage.described()).toMatchObject({
    deployments: [{ rolloutState: 'IN_PROGRESS', failedTasks: 0 }],
  })
  await stage.engine.advance('10s')
  expect(await stage.tasks('STOPPED')).toHaveLength(2)
  expect(await stage.described()).toMatchObject({ deployments: [{ failedTasks: 2 }] })
})

test('changing and removing the load balancers is a new deployment, and the old targets are drained', async () => {
  await using drydock = await testEngine()
  const stage = await stageOf(drydock)
  await stage.ecs('CreateService', stage.service)
  await stage.engine.advance('5s')
  const { service } = (await stage.update({ loadBalancers: [] })) as { service: Described }
  expect(service.deployments).toHaveLength(2)
  expect(service.loadBalancers).toEqual([])
  await stage.engine.advance('60s')
  expect(await stage.elb.health(stage.group)).toEqual([])
  await stage.update({ loadBalancers: [stage.use] })
  await stage.engine.advance('60s')
  expect(await stage.elb.health(stage.group)).toEqual(['8080 healthy', '8080 healthy'])
  const { service: same } = (await stage.update({ loadBalancers: [stage.use] })) as {
    service: Described
  }
  expect(same.deployments).toHaveLength(1)
})

test('a task that crashes is replaced, and what is left of it in the target group drains', async () => {
  await using drydock = await testEngine()
  const stage = await stageOf(drydock)
  await stage.ecs('CreateService', stage.service)
  await stage.engine.advance('5s')
  const { taskArns } = (await stage.ecs('ListTasks', {})) as { taskArns: string[] }
  stage.engine.report('ecs', scope, {
    kind: 'container-exited',
    taskArn: taskArns[0] ?? '',
    container: 'app',
    exitCode: 1,
  })
  await stage.engine.advance('1s')
  expect(await stage.tasks('STOPPED')).toMatchObject([{ lastStatus: 'STOPPED' }])
  expect((await stage.elb.health(stage.group)).sort()).toEqual([
    '8080 draining Target.DeregistrationInProgress',
    '8080 healthy',
    '8080 healthy',
  ])
})

test('a target group that is deleted holds nobody up', async () => {
  await using drydock = await testEngine()
  const stage = await stageOf(drydock, { 'deregistration_delay.timeout_seconds': '3600' })
  await stage.ecs('CreateService', { ...stage.service, desiredCount: 1 })
  await stage.engine.advance('5s')
  await stage.ecs('DeleteService', { service: 'web', force: true })
  await stage.engine.advance('60s')
  expect(await stage.tasks('STOPPED')).toMatchObject([{ lastStatus: 'DEACTIVATING' }])
  const { LoadBalancers } = (await stage.elb.call('DescribeLoadBalancers', {})) as {
    LoadBalancers: { LoadBalancerArn: string }[]
  }
  for (const { LoadBalancerArn } of LoadBalancers)
    await stage.elb.call('DeleteLoadBalancer', { LoadBalancerArn })
  await stage.elb.call('DeleteTargetGroup', { TargetGroupArn: stage.group })
  await stage.engine.advance('1s')
  expect(await stage.tasks('STOPPED')).toMatchObject([{ lastStatus: 'STOPPED' }])
  expect(drydock.faults).toEqual([])
})

test.each([
  ['a group that is not there', { targetGroupArn: 'arn:none' }, 'The specified target group does not exist.'],
  ['no group', { targetGroupArn: undefined }, 'Target group ARN can not be blank.'],
  ['no container', { containerName: undefined }, 'Container Name can not be blank.'],
  ['no port', { containerPort: undefined }, 'Container Port can not be blank.'],
  ['another container', { containerName: 'web' }, 'The container web does not exist in the task definition.'],
  ['another port', { containerPort: 80 }, 'The container app did not have a container port 80 defined.'],
  [
    'a Classic Load Balancer',
    { targetGroupArn: undefined, loadBalancerName: 'old' },
    'A Classic Load Balancer of a service is not supported by Drydock.',
  ],
])('a service with %s is refused, and leaves nothing behind', async (_, wrong, message) => {
  await using drydock = await testEngine()
  const stage = await stageOf(drydock)
  const loadBalancers = [{ ...stage.use, ...wrong }]
  await expect(stage.ecs('CreateService', { ...stage.service, loadBalancers })).rejects.toThrow(message)
  expect(await stage.ecs('ListServices', {})).toMatchObject({ serviceArns: [] })
})

test('groups without load balancer, groups of instances, and more than five groups are refused', async () => {
  await using drydock = await testEngine()
  const stage = await stageOf(drydock)
  const create = (...arns: string[]) =>
    stage.ecs('CreateService', {
      ...stage.service,
      loadBalancers: arns.map((targetGroupArn) => ({ ...stage.use, targetGroupArn })),
    })
  const alone = await stage.elb.group('alone', [])
  await expect(create(alone)).rejects.toThrow(
    `The target group with targetGroupArn ${alone} does not have an associated load balancer.`,
  )
  const machines = await stage.elb.group('machines', [], {}, { TargetType: 'instance' })
  const balancer = await stage.elb.loadBalancer({ Name: 'other' })
  await stage.elb.listener(balancer.arn, forwardTo(machines))
  await expect(create(machines)).rejects.toThrow(
    `The provided target group ${machines} has target type instance, which is incompatible with the awsvpc network mode`,
  )
  await expect(create(...Array.from({ length: 6 }, () => stage.group))).rejects.toThrow(
    'At most 5 target groups',
  )
})

test('a network load balancer checks and drains tasks too, and is measured in its own namespace', async () => {
  await using drydock = await testEngine()
  const stage = await stageOf(drydock)
  const tcp = { Protocol: 'TCP', HealthCheckProtocol: 'TCP', HealthCheckPath: undefined }
  const group = await stage.elb.group('wire', [], { 'deregistration_delay.timeout_seconds': '20' }, tcp)
  const balancer = await stage.elb.loadBalancer({ Name: 'wire', Type: 'network' })
  await stage.elb.listener(balancer.arn, forwardTo(group), { Protocol: 'TCP', Port: 9090 })
  const both = [stage.use, { ...stage.use, targetGroupArn: group }]
  await stage.ecs('CreateService', { ...stage.service, loadBalancers: both })
  await stage.engine.advance('20s')
  expect(await stage.elb.health(group)).toEqual(['8080 healthy', '8080 healthy'])
  expect(await stage.elb.health(stage.group)).toEqual(['8080 healthy', '8080 healthy'])
  expect(await stage.described()).toMatchObject({ deployments: [{ rolloutState: 'COMPLETED' }] })
  const { Metrics } = (await stage.engine.call('cloudwatch', scope, 'ListMetrics', {
    Namespace: 'AWS/NetworkELB',
  })) as { Metrics: { MetricName: string }[] }
  expect(Metrics.map(({ MetricName }) => MetricName).sort()).toEqual([
    'HealthyHostCount',
    'UnHealthyHostCount',
  ])
})

test('after a restart on kept state no task of before is registered any more, and new ones are', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'drydock-test-'))
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }))
  const first = await testEngine({ dataDir })
  const { service, ecs, engine, group } = await stageOf(first)
  await ecs('CreateService', service)
  await engine.advance('5s')
  await first.close()
  await using second = await testEngine({ dataDir })
  const before = Object.values(second.engine.state('elb', scope).targetGroups[group]?.targets ?? {})
  expect(before).toHaveLength(2)
  await second.engine.advance('60s')
  const after = Object.values(second.engine.state('elb', scope).targetGroups[group]?.targets ?? {})
  const registrations = (targets: typeof before) => targets.map(({ registration }) => registration)
  expect(await controlOf(second).health(group)).toEqual(['8080 healthy', '8080 healthy'])
  expect(registrations(after)).not.toContain(registrations(before)[0])
  expect(second.faults).toEqual([])
})
