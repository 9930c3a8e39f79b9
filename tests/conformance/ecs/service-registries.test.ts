/** Services with service registries: their tasks are found by name as ECS registers them, early enough and late on purpose. */
import type { CreateServiceCommandInput } from '@aws-sdk/client-ecs'
import { ServiceDiscovery } from '@aws-sdk/client-servicediscovery'
import { expect, test } from 'vitest'
import { NETWORK, type TestEcs, testEcs } from './harness.ts'

/** An HTTP namespace `shop`, a private DNS one `corp.local`, and their services. */
async function cloudMap({ drydock, advance }: TestEcs) {
  const client = new ServiceDiscovery({ ...drydock.config, disableHostPrefix: true })
  await client.createHttpNamespace({ Name: 'shop' })
  await client.createPrivateDnsNamespace({ Name: 'corp.local', Vpc: 'vpc-1' })
  await advance('1s')
  const { Namespaces = [] } = await client.listNamespaces({})
  const idOf = (name: string) => Namespaces.find(({ Name }) => Name === name)?.Id
  const service = async (namespace: string, name: string, more: object = {}) => {
    const request = { Name: name, NamespaceId: idOf(namespace), ...more }
    return (await client.createService(request)).Service?.Arn ?? ''
  }
  const found = async (
    ServiceName = 'web',
    HealthStatus: 'ALL' | 'HEALTHY' = 'ALL',
    NamespaceName = 'shop',
  ) => (await client.discoverInstances({ NamespaceName, ServiceName, HealthStatus })).Instances ?? []
  return { client, service, found }
}

const dns = (...types: ('A' | 'AAAA' | 'SRV' | 'CNAME')[]) => ({
  DnsConfig: {
    RoutingPolicy: types.includes('CNAME') ? 'WEIGHTED' : 'MULTIVALUE',
    DnsRecords: types.map((Type) => ({ Type, TTL: 10 })),
  },
})

test('a task is found with its private address while it runs, and until it has stopped', async () => {
  await using stage = await testEcs()
  const map = await cloudMap(stage)
  const registryArn = await map.service('corp.local', 'web', dns('SRV'))
  const definition = await stage.register({ stopTimeout: 20 })
  const serviceRegistries = [{ registryArn, containerName: 'web', containerPort: 80 }]
  const created = await stage.serve({ serviceRegistries, desiredCount: 1 })
  expect(created.serviceRegistries).toEqual(serviceRegistries)
  await stage.advance('5s')
  const [task] = await stage.tasks()
  const details = task?.attachments?.[0]?.details
  const taskId = task?.taskArn?.split('/').at(-1)
  const at = () => map.found('web', 'ALL', 'corp.local')
  expect(await at()).toMatchObject([
    {
      InstanceId: taskId,
      HealthStatus: 'UNKNOWN',
      Attributes: {
        AWS_INSTANCE_IPV4: details?.find(({ name }) => name === 'privateIPv4Address')?.value,
        AWS_INSTANCE_PORT: '80',
        AVAILABILITY_ZONE: task?.availabilityZone,
        REGION: 'us-east-1',
        ECS_CLUSTER_NAME: 'default',
        ECS_SERVICE_NAME: 'web',
        ECS_TASK_DEFINITION_FAMILY: definition.split('/').at(-1)?.split(':')[0],
      },
    },
  ])
  await stage.client.stopTask({ task: taskId })
  const seen = new Set<string>()
  for (let step = 0; step < 400; step++) {
    const { tasks } = await stage.client.describeTasks({ tasks: [taskId ?? ''] })
    const isFound = (await at()).some(({ InstanceId }) => InstanceId === taskId)
    seen.add(`${tasks?.[0]?.lastStatus} ${isFound ? 'found' : 'gone'}`)
    await stage.advance('10ms')
  }
  const expected = ['DEACTIVATING', 'STOPPING', 'DEPROVISIONING', 'STOPPED'].map(
    (status) => `${status} found`,
  )
  expect([...seen]).toEqual([...expected, 'STOPPED gone'])
  expect(await at()).toHaveLength(1)
})

test('with a custom health check a task is told UNHEALTHY until its containers are healthy', async () => {
  await using stage = await testEcs()
  const map = await cloudMap(stage)
  const registryArn = await map.service('shop', 'web', { HealthCheckCustomConfig: { FailureThreshold: 1 } })
  await stage.register({ healthCheck: { command: ['CMD-SHELL', 'true'], interval: 5 } })
  await stage.serve({ serviceRegistries: [{ registryArn }], desiredCount: 2 })
  await stage.advance('3s')
  expect(await map.found()).toMatchObject([{ HealthStatus: 'UNHEALTHY' }, { HealthStatus: 'UNHEALTHY' }])
  await stage.advance('5s')
  expect((await stage.tasks()).map(({ healthStatus }) => healthStatus)).toEqual(['HEALTHY', 'HEALTHY'])
  // Cloud Map believes it half a minute later: by then ECS has long counted them.
  expect(await map.found('web', 'HEALTHY')).toEqual([])
  await stage.advance('30s')
  expect(await map.found('web', 'HEALTHY')).toHaveLength(2)
})

test('an update moves tasks to another registry, a rollout ends with just the new tasks, deletion leaves nothing', async () => {
  await using stage = await testEcs()
  const map = await cloudMap(stage)
  const [first, second] = [await map.service('shop', 'web'), await map.service('shop', 'next')]
  await stage.register()
  await stage.serve({ serviceRegistries: [{ registryArn: first }], desiredCount: 3 })
  await stage.advance('10s')
  const before = (await map.found()).map(({ InstanceId }) => InstanceId)
  await stage.client.updateService({ service: 'web', forceNewDeployment: true })
  await stage.advance('1m')
  const after = (await map.found()).map(({ InstanceId }) => InstanceId)
  expect([before.length, after.length, before.filter((id) => after.includes(id)).length]).toEqual([3, 3, 0])
  const update = { service: 'web', serviceRegistries: [{ registryArn: second }] }
  expect((await stage.client.updateService(update)).service?.deployments).toHaveLength(2)
  await stage.advance('1m')
  expect([(await map.found()).length, (await map.found('next')).length]).toEqual([0, 3])
  expect((await stage.client.updateService(update)).service?.deployments).toHaveLength(1)
  await stage.client.updateService({ service: 'web', serviceRegistries: [] })
  await stage.advance('1m')
  expect(await map.found('next')).toEqual([])
  expect((await stage.service()).serviceRegistries).toEqual([])
  await stage.client.updateService(update)
  await stage.advance('1m')
  await stage.client.deleteService({ service: 'web', force: true })
  await stage.advance('1m')
  expect(await map.found('next')).toEqual([])
})

test('a service whose registry is gone says so', async () => {
  await using stage = await testEcs()
  const map = await cloudMap(stage)
  const registryArn = await map.service('shop', 'web')
  await stage.register()
  await stage.serve({ serviceRegistries: [{ registryArn }], desiredCount: 0 })
  await map.client.deleteService({ Id: registryArn })
  await stage.client.updateService({ service: 'web', desiredCount: 1 })
  await stage.advance('5s')
  const { events = [] } = await stage.service()
  expect(events.map(({ message }) => message).join()).toContain(
    `failed to register instances in (service-registry ${registryArn}) with (error `,
  )
})

test('a service whose registry Route 53 has no name for says so, and tries again', async () => {
  await using stage = await testEcs()
  const map = await cloudMap(stage)
  // All of a name may have 255 octets: a namespace may have 253 of them.
  const Name = Array.from({ length: 4 }, () => 'x'.repeat(61)).join('.')
  await map.client.createPrivateDnsNamespace({ Name, Vpc: 'vpc-1' })
  await stage.advance('1s')
  const { Namespaces = [] } = await map.client.listNamespaces({})
  const NamespaceId = Namespaces.find((each) => each.Name === Name)?.Id
  const registryArn = await map.service('shop', 'a-service', { NamespaceId, ...dns('A') })
  await stage.register()
  await stage.serve({ serviceRegistries: [{ registryArn }], desiredCount: 1 })
  await stage.advance('1m')
  const { events = [] } = await stage.service()
  const failures = events.filter(({ message }) => message?.includes('DomainNameTooLong'))
  expect(failures.length).toBeGreaterThan(1)
  expect(failures[0]?.message).toContain(
    `failed to register instances in (service-registry ${registryArn}) with (error `,
  )
})

type Registry = NonNullable<CreateServiceCommandInput['serviceRegistries']>[number]

test('what is wrong with a registry is refused as ECS refuses it', async () => {
  await using stage = await testEcs()
  const map = await cloudMap(stage)
  await stage.register()
  await stage.register({}, { family: 'bridged', networkMode: 'bridge', requiresCompatibilities: [] })
  const a = await map.service('corp.local', 'a', dns('A'))
  const srv = await map.service('corp.local', 'srv', dns('SRV'))
  const cname = await map.service('corp.local', 'cname', dns('CNAME'))
  const container = { containerName: 'web', containerPort: 80 }
  const cases: [Registry, string, string?][] = [
    [{ registryArn: 'nonsense' }, 'is not that of a Cloud Map service'],
    [{ registryArn: `${a}x` }, 'does not exist'],
    [
      { registryArn: a, ...container },
      "do not require a value for 'containerPort'. Remove the value and retry.",
    ],
    [{ registryArn: a, port: 80 }, "do not require a value for 'port'"],
    [{ registryArn: srv }, 'An SRV record needs'],
    [{ registryArn: srv, port: 80, ...container }, "Specify a value for either 'port' or"],
    [{ registryArn: srv, containerName: 'web' }, 'Specify both'],
    [{ registryArn: srv, ...container, containerName: 'db' }, 'The container db does not exist'],
    [{ registryArn: srv, containerName: 'web', containerPort: 81 }, 'did not have a container port 81'],
    [{ registryArn: cname }, 'needs A or SRV records'],
    [{ registryArn: srv, port: 80 }, "When specifying 'host' or 'bridge'", 'bridged'],
    [{ registryArn: a }, 'needs a registry with SRV records', 'bridged'],
  ]
  for (const [registry, message, taskDefinition = 'web'] of cases) {
    const request = stage.client.createService({
      serviceName: 'refused',
      taskDefinition,
      desiredCount: 1,
      ...(taskDefinition === 'web' && { networkConfiguration: NETWORK }),
      serviceRegistries: [registry],
    })
    const refusal = expect(request, message).rejects
    await refusal.toMatchObject({
      name: 'InvalidParameterException',
      message: expect.stringContaining(message),
    })
  }
  const two = [{ registryArn: a }, { registryArn: srv, port: 80 }]
  await expect(stage.serve({ serviceRegistries: two })).rejects.toThrow('at most 1')
  await expect(stage.service('refused')).resolves.toEqual({})
})
