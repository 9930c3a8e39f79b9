/** Services: what may be created, changed and deleted, and which changes start a deployment; through the AWS SDK. */
import type { UpdateServiceCommandInput } from '@aws-sdk/client-ecs'
import { expect, test } from 'vitest'
import { messagesOf, NETWORK, testEcs } from './harness.ts'

test('a service starts its tasks, completes its deployment and is steady', async () => {
  await using ecs = await testEcs()
  await ecs.register()
  const created = await ecs.serve({ tags: [{ key: 'a', value: 'b' }] })
  expect(created).toMatchObject({
    status: 'ACTIVE',
    desiredCount: 2,
    runningCount: 0,
    tags: [{ key: 'a', value: 'b' }],
  })
  expect(created.deployments).toMatchObject([{ status: 'PRIMARY', rolloutState: 'IN_PROGRESS' }])
  await ecs.advance('10s')
  const service = await ecs.service()
  const id = service.deployments?.[0]?.id
  expect(service).toMatchObject({ runningCount: 2, pendingCount: 0, launchType: 'FARGATE' })
  expect(service.deployments).toMatchObject([
    {
      status: 'PRIMARY',
      rolloutState: 'COMPLETED',
      rolloutStateReason: `ECS deployment ${id} completed.`,
      runningCount: 2,
      failedTasks: 0,
    },
  ])
  expect(messagesOf(service)).toEqual([
    '(service web) has started 2 tasks: (task) (task).',
    `(service web) (deployment ${id}) deployment completed.`,
    '(service web) has reached a steady state.',
  ])
})

test('defaults are those of AWS', async () => {
  await using ecs = await testEcs()
  await ecs.register()
  expect(await ecs.serve()).toMatchObject({
    deploymentConfiguration: {
      maximumPercent: 200,
      minimumHealthyPercent: 100,
      deploymentCircuitBreaker: { enable: false, rollback: false },
      strategy: 'ROLLING',
    },
    deploymentController: { type: 'ECS' },
    schedulingStrategy: 'REPLICA',
    propagateTags: 'NONE',
    enableExecuteCommand: false,
    platformVersion: 'LATEST',
  })
})

test('the same request again changes nothing, another of the same name is refused', async () => {
  await using ecs = await testEcs()
  await ecs.register()
  const first = await ecs.serve({ clientToken: 'one' })
  const again = await ecs.serve({ clientToken: 'one' })
  expect(again.deployments?.map(({ id }) => id)).toEqual(first.deployments?.map(({ id }) => id))
  await expect(ecs.serve({ desiredCount: 3 })).rejects.toMatchObject({
    name: 'InvalidParameterException',
    message: 'Creation of service was not idempotent.',
  })
})

test.each<[string, Parameters<Awaited<ReturnType<typeof testEcs>>['serve']>[0], string, string]>([
  ['DAEMON', { schedulingStrategy: 'DAEMON' }, 'UnsupportedFeatureException', 'DAEMON'],
  [
    'CodeDeploy',
    { deploymentController: { type: 'CODE_DEPLOY' } },
    'UnsupportedFeatureException',
    'CODE_DEPLOY',
  ],
  ['a cluster that is not there', { cluster: 'none' }, 'ClusterNotFoundException', 'Cluster not found.'],
  [
    'a definition that is not there',
    { taskDefinition: 'none' },
    'ClientException',
    'TaskDefinition not found.',
  ],
  [
    'no network',
    { networkConfiguration: undefined },
    'InvalidParameterException',
    'Network Configuration must be provided',
  ],
  ['a name with a space', { serviceName: 'my web' }, 'InvalidParameterException', 'Invalid service name'],
  [
    'fewer than no tasks',
    { desiredCount: -1 },
    'InvalidParameterException',
    'desiredCount cannot be negative.',
  ],
  ['no count', { desiredCount: undefined }, 'InvalidParameterException', 'desiredCount is required'],
  [
    'percentages that block every deployment',
    { deploymentConfiguration: { minimumHealthyPercent: 100, maximumPercent: 100 } },
    'InvalidParameterException',
    'will block deployments',
  ],
])('%s is refused, and nothing is created', async (_, input, name, message) => {
  await using ecs = await testEcs()
  await ecs.register()
  await expect(ecs.serve(input)).rejects.toMatchObject({ name, message: expect.stringContaining(message) })
  expect((await ecs.client.listServices({})).serviceArns).toEqual([])
})

const otherNetwork = { awsvpcConfiguration: { subnets: ['subnet-3'] } }

/** API Reference: UpdateService says of each parameter whether it triggers a deployment. */
test.each<[string, Partial<UpdateServiceCommandInput>, number]>([
  ['another definition', { taskDefinition: 'web:2' }, 2],
  ['the newest of the family', { taskDefinition: 'web' }, 2],
  ['the same definition', { taskDefinition: 'web:1' }, 1],
  ['force', { forceNewDeployment: true }, 2],
  ['another network', { networkConfiguration: otherNetwork }, 2],
  ['the same network', { networkConfiguration: NETWORK }, 1],
  ['another platform version', { platformVersion: '1.4.0' }, 2],
  ['the desired count', { desiredCount: 5 }, 1],
  ['percentages', { deploymentConfiguration: { maximumPercent: 150 } }, 1],
  ['execute command', { enableExecuteCommand: true }, 1],
  ['propagated tags', { propagateTags: 'SERVICE' }, 1],
  ['managed tags', { enableECSManagedTags: true }, 1],
  ['the grace period', { healthCheckGracePeriodSeconds: 9 }, 1],
])('an update of %s', async (_, input, deployments) => {
  await using ecs = await testEcs()
  await ecs.register()
  await ecs.serve({ taskDefinition: 'web:1' })
  await ecs.advance('10s')
  await ecs.register({ image: 'web:2' })
  const { service } = await ecs.client.updateService({ service: 'web', ...input })
  expect(service?.deployments).toHaveLength(deployments)
})

test('percentages that an update leaves out stay', async () => {
  await using ecs = await testEcs()
  await ecs.register()
  await ecs.serve({ deploymentConfiguration: { minimumHealthyPercent: 50, maximumPercent: 150 } })
  const deploymentConfiguration = { deploymentCircuitBreaker: { enable: true, rollback: true } }
  const { service } = await ecs.client.updateService({ service: 'web', deploymentConfiguration })
  expect(service?.deploymentConfiguration).toMatchObject({
    ...deploymentConfiguration,
    minimumHealthyPercent: 50,
    maximumPercent: 150,
  })
})

test('a service with tasks is only deleted by force, drains, and is then inactive', async () => {
  await using ecs = await testEcs()
  await ecs.register()
  await ecs.serve()
  await ecs.advance('10s')
  await expect(ecs.client.deleteService({ service: 'web' })).rejects.toThrow(
    'The service cannot be stopped while the primary deployment is scaled above 0.',
  )
  const { service } = await ecs.client.deleteService({ service: 'web', force: true })
  expect(service).toMatchObject({ status: 'DRAINING', desiredCount: 0 })
  expect((await ecs.client.listServices({})).serviceArns).toEqual([])
  await expect(ecs.serve()).rejects.toThrow('Unable to Start a service that is still Draining.')
  await ecs.advance('10s')
  const taskDefinition = service?.taskDefinition
  const inactive = { status: 'INACTIVE', runningCount: 0, deployments: [], taskDefinition }
  expect(await ecs.service()).toMatchObject(inactive)
  expect((await ecs.client.deleteService({ service: 'web' })).service).toMatchObject(inactive)
  expect(await ecs.tasks()).toEqual([])
  await expect(ecs.client.updateService({ service: 'web', desiredCount: 1 })).rejects.toMatchObject({
    name: 'ServiceNotActiveException',
  })
  expect(await ecs.serve()).toMatchObject({ status: 'ACTIVE', desiredCount: 2 })
})

test('services are found by name and ARN, others are MISSING', async () => {
  await using ecs = await testEcs()
  await ecs.register()
  const { serviceArn = '' } = await ecs.serve()
  const answer = await ecs.client.describeServices({ services: ['web', serviceArn, 'none'] })
  expect(answer.services?.map((service) => service.serviceArn)).toEqual([serviceArn, serviceArn])
  expect(answer.failures).toEqual([{ arn: serviceArn.replace('/web', '/none'), reason: 'MISSING' }])
  await expect(ecs.client.updateService({ service: 'none' })).rejects.toMatchObject({
    name: 'ServiceNotFoundException',
  })
})

test('a service belongs to its cluster alone, whatever ARN names it', async () => {
  await using ecs = await testEcs()
  await ecs.register()
  await ecs.client.createCluster({ clusterName: 'other' })
  const { serviceArn = '' } = await ecs.serve()
  const elsewhere = { cluster: 'other', service: serviceArn }
  const error = {
    name: 'InvalidParameterException',
    message: 'Invalid identifier: Identifier is for cluster default. Your cluster is other',
  }
  await expect(
    ecs.client.describeServices({ cluster: 'other', services: [serviceArn] }),
  ).rejects.toMatchObject(error)
  await expect(ecs.client.updateService({ ...elsewhere, desiredCount: 0 })).rejects.toMatchObject(error)
  await expect(ecs.client.deleteService({ ...elsewhere, force: true })).rejects.toMatchObject(error)
  const shortArn = serviceArn.replace('/default/', '/')
  expect((await ecs.client.describeServices({ services: [shortArn] })).services).toMatchObject([
    { serviceArn },
  ])
})

test('services are listed ten at a time', async () => {
  await using ecs = await testEcs()
  await ecs.register()
  for (let n = 0; n < 12; n++) await ecs.serve({ serviceName: `web-${n}`, desiredCount: 0 })
  const first = await ecs.client.listServices({})
  const second = await ecs.client.listServices({ nextToken: first.nextToken })
  expect(new Set([...(first.serviceArns ?? []), ...(second.serviceArns ?? [])]).size).toBe(12)
  expect([first.serviceArns?.length, second.serviceArns?.length]).toEqual([10, 2])
})
