/** Clusters and account settings, through the AWS SDK. */
import { expect, test } from 'vitest'
import { testEcs } from './harness.ts'

const ARN = 'arn:aws:ecs:us-east-1:123456789012:cluster'

test('creating a cluster twice returns the one that exists', async () => {
  await using ecs = await testEcs()
  const tags = [{ key: 'team', value: 'web' }]
  const first = await ecs.client.createCluster({ clusterName: 'prod', tags })
  const second = await ecs.client.createCluster({ clusterName: 'prod' })
  expect(first.cluster).toMatchObject({ clusterArn: `${ARN}/prod`, status: 'ACTIVE', tags })
  expect(second.cluster).toEqual(first.cluster)
})

test('a cluster is found by name and by ARN, others are MISSING', async () => {
  await using ecs = await testEcs()
  const answer = await ecs.client.describeClusters({ clusters: ['default', `${ARN}/default`, 'none'] })
  expect(answer.clusters?.map(({ clusterName }) => clusterName)).toEqual(['default', 'default'])
  expect(answer.failures).toEqual([{ arn: `${ARN}/none`, reason: 'MISSING' }])
})

test('tags, settings and statistics are shown when asked for', async () => {
  await using ecs = await testEcs()
  await ecs.register()
  await ecs.serve()
  await ecs.advance('10s')
  const plain = await ecs.client.describeClusters({})
  expect(plain.clusters?.[0]).toMatchObject({
    runningTasksCount: 2,
    pendingTasksCount: 0,
    activeServicesCount: 1,
    settings: [],
    statistics: [],
  })
  const full = await ecs.client.describeClusters({ include: ['TAGS', 'SETTINGS', 'STATISTICS'] })
  expect(full.clusters?.[0]?.settings).toEqual([{ name: 'containerInsights', value: 'disabled' }])
  expect(full.clusters?.[0]?.statistics).toContainEqual({ name: 'runningFargateTasksCount', value: '2' })
})

test('a cluster with services or tasks cannot be deleted', async () => {
  await using ecs = await testEcs()
  await ecs.register()
  await ecs.serve()
  const remove = () => ecs.client.deleteCluster({ cluster: 'default' })
  await expect(remove()).rejects.toMatchObject({ name: 'ClusterContainsServicesException' })
  await ecs.client.deleteService({ service: 'web', force: true })
  await ecs.client.runTask({
    taskDefinition: 'web',
    networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
  })
  await expect(remove()).rejects.toMatchObject({ name: 'ClusterContainsTasksException' })
  for (const { taskArn } of await ecs.tasks()) await ecs.client.stopTask({ task: taskArn })
  await ecs.advance('10s')
  expect((await remove()).cluster?.status).toBe('INACTIVE')
  expect((await ecs.client.listClusters({})).clusterArns).toEqual([])
  expect((await ecs.client.describeClusters({})).clusters?.[0]?.status).toBe('INACTIVE')
})

test('a cluster that nobody made is not found, not even default', async () => {
  await using ecs = await testEcs()
  await ecs.client.deleteCluster({ cluster: 'default' })
  await expect(ecs.client.listTasks({ cluster: 'none' })).rejects.toMatchObject({
    name: 'ClusterNotFoundException',
    message: 'Cluster not found.',
  })
  await expect(ecs.client.listTasks({})).rejects.toMatchObject({ name: 'ClusterNotFoundException' })
})

test('clusters are listed in pages', async () => {
  await using ecs = await testEcs()
  for (const clusterName of ['a', 'b', 'c', 'd']) await ecs.client.createCluster({ clusterName })
  const first = await ecs.client.listClusters({ maxResults: 3 })
  const second = await ecs.client.listClusters({ maxResults: 3, nextToken: first.nextToken })
  const names = [...(first.clusterArns ?? []), ...(second.clusterArns ?? [])].map((arn) => arn.split('/')[1])
  expect(names).toEqual(['a', 'b', 'c', 'd', 'default'])
  expect(second.nextToken).toBeUndefined()
  await expect(ecs.client.listClusters({ nextToken: 'nonsense' })).rejects.toThrow('Invalid token.')
})

test('the capacity providers are those of Fargate', async () => {
  await using ecs = await testEcs()
  const strategy = [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }]
  await ecs.client.putClusterCapacityProviders({
    cluster: 'default',
    capacityProviders: ['FARGATE', 'FARGATE_SPOT'],
    defaultCapacityProviderStrategy: strategy,
  })
  await ecs.register()
  expect(await ecs.serve()).toMatchObject({ capacityProviderStrategy: strategy })
  await ecs.advance('10s')
  expect((await ecs.tasks())[0]).toMatchObject({
    capacityProviderName: 'FARGATE_SPOT',
    launchType: 'FARGATE',
  })
  const providers = await ecs.client.describeCapacityProviders({})
  expect(providers.capacityProviders?.map(({ name }) => name)).toEqual(['FARGATE', 'FARGATE_SPOT'])
})

test('account settings are kept, and known ones have defaults', async () => {
  await using ecs = await testEcs()
  const before = await ecs.client.listAccountSettings({ effectiveSettings: true, name: 'containerInsights' })
  expect(before.settings).toMatchObject([{ name: 'containerInsights', value: 'disabled' }])
  await ecs.client.putAccountSetting({ name: 'containerInsights', value: 'enabled' })
  expect((await ecs.client.listAccountSettings({})).settings).toMatchObject([
    { name: 'containerInsights', value: 'enabled' },
  ])
})
