/** Container health checks, seen through the SDK's client: statuses, events, and what a service makes of them. */
import type { ContainerDefinition } from '@aws-sdk/client-ecs'
import { expect, test } from 'vitest'
import { listen } from '../listen.ts'
import { messagesOf, NETWORK, type TestEcs, testEcs } from './harness.ts'

const healthCheck = { command: ['CMD-SHELL', 'curl -f http://localhost/'], interval: 5, retries: 2 }
/** A container whose check is answered so (`200,503@30s`). */
const answering = (status: string): Partial<ContainerDefinition> => ({
  healthCheck,
  environment: [{ name: 'DRYDOCK_HEALTH_STATUS', value: status }],
})

const healthOf = async (ecs: TestEcs) => (await ecs.tasks()).map(({ healthStatus }) => healthStatus)

test('a task is UNKNOWN until its check has passed, and each change is told with a version of its own', async () => {
  await using ecs = await testEcs()
  const heard = await listen(ecs, 'aws.ecs')
  await ecs.register(answering('200,503@12s'))
  await ecs.client.runTask({ taskDefinition: 'web', networkConfiguration: NETWORK })
  await ecs.advance('4s')
  expect(await healthOf(ecs)).toEqual(['UNKNOWN'])
  await ecs.advance('2s')
  expect(await ecs.tasks()).toMatchObject([
    { healthStatus: 'HEALTHY', containers: [{ healthStatus: 'HEALTHY' }] },
  ])
  await ecs.advance('60s')
  const changes = (await heard()).filter((event) => event['detail-type'] === 'ECS Task State Change')
  expect(
    changes.map(({ detail }) => `${detail.version} ${detail.lastStatus} ${detail.healthStatus}`).slice(3),
  ).toEqual(['4 RUNNING UNKNOWN', '5 RUNNING HEALTHY', '6 RUNNING UNHEALTHY'])
  // A task that no service owns goes on.
  expect(await ecs.tasks()).toMatchObject([{ lastStatus: 'RUNNING', healthStatus: 'UNHEALTHY' }])
})

test('a deployment is complete when its tasks have passed their checks', async () => {
  await using ecs = await testEcs()
  await ecs.register(answering('503,200@8s'))
  await ecs.serve()
  await ecs.advance('9s')
  expect((await ecs.service()).deployments).toMatchObject([{ rolloutState: 'IN_PROGRESS', runningCount: 2 }])
  await ecs.advance('4s')
  expect((await ecs.service()).deployments).toMatchObject([{ rolloutState: 'COMPLETED', failedTasks: 0 }])
})

test('a task that fails its checks later is replaced: the new one first', async () => {
  await using ecs = await testEcs()
  await ecs.register(answering('200,503@58s'))
  await ecs.serve({ desiredCount: 1 })
  await ecs.advance('55s')
  expect((await ecs.service()).deployments).toMatchObject([{ rolloutState: 'COMPLETED' }])
  const [first] = await ecs.tasks()
  await ecs.advance('12s')
  expect(await healthOf(ecs)).toEqual(expect.arrayContaining(['UNHEALTHY', 'UNKNOWN']))
  await ecs.advance('10s')
  expect(await healthOf(ecs)).toEqual(['HEALTHY'])
  expect(await ecs.tasks('STOPPED')).toMatchObject([
    {
      taskArn: first?.taskArn,
      stopCode: 'ServiceSchedulerInitiated',
      stoppedReason: 'Task failed container health checks',
      healthStatus: 'UNHEALTHY',
    },
  ])
  const service = await ecs.service()
  expect(messagesOf(service)).toContain('(service web) (task) failed container health checks.')
  expect(service.deployments).toMatchObject([{ rolloutState: 'COMPLETED', failedTasks: 1 }])
})

test('without room for another task the failed one goes first', async () => {
  await using ecs = await testEcs()
  await ecs.register(answering('200,503@58s'))
  const deploymentConfiguration = { minimumHealthyPercent: 0, maximumPercent: 100 }
  await ecs.serve({ desiredCount: 1, deploymentConfiguration })
  await ecs.advance('80s')
  expect(await ecs.tasks()).toHaveLength(1)
  expect(await ecs.tasks('STOPPED')).toHaveLength(1)
})

test('the grace period covers container health checks', async () => {
  await using ecs = await testEcs()
  await ecs.register(answering('503'))
  await ecs.serve({ desiredCount: 1, healthCheckGracePeriodSeconds: 60 })
  await ecs.advance('59s')
  expect(await healthOf(ecs)).toEqual(['UNHEALTHY'])
  expect(await ecs.tasks('STOPPED')).toEqual([])
  await ecs.advance('2s')
  expect(await ecs.tasks('STOPPED')).toMatchObject([{ stoppedReason: 'Task failed container health checks' }])
})

test('tasks that never become healthy trip the circuit breaker, and the service goes back', async () => {
  await using ecs = await testEcs()
  await ecs.register(answering('200'))
  const deploymentConfiguration = { deploymentCircuitBreaker: { enable: true, rollback: true } }
  await ecs.serve({ deploymentConfiguration })
  await ecs.advance('15s')
  const bad = await ecs.register(answering('503'))
  await ecs.client.updateService({ service: 'web', taskDefinition: bad })
  await ecs.advance('120s')
  const service = await ecs.service()
  expect(service.deployments).toMatchObject([{ rolloutState: 'COMPLETED', runningCount: 2 }])
  expect(service.taskDefinition).toMatch(/web:1$/)
  expect(messagesOf(service).join('\n')).toContain('deployment failed: tasks failed to start.')
})

test('a container that needs another HEALTHY starts after it is', async () => {
  await using ecs = await testEcs()
  const containers = (status: string) => [
    { name: 'db', image: 'db:1', ...answering(status) },
    { name: 'web', image: 'web:1', dependsOn: [{ containerName: 'db', condition: 'HEALTHY' as const }] },
  ]
  await ecs.register({}, { containerDefinitions: containers('503,200@20s') })
  await ecs.client.runTask({ taskDefinition: 'web', networkConfiguration: NETWORK })
  await ecs.advance('20s')
  expect(await ecs.tasks()).toMatchObject([
    { lastStatus: 'ACTIVATING', containers: [{ lastStatus: 'RUNNING' }, { lastStatus: 'PENDING' }] },
  ])
  await ecs.advance('6s')
  expect(await ecs.tasks()).toMatchObject([{ lastStatus: 'RUNNING', healthStatus: 'HEALTHY' }])
})

test('and never starts if the other does not become healthy within its startTimeout', async () => {
  await using ecs = await testEcs()
  const containerDefinitions = [
    { name: 'db', image: 'db:1', startTimeout: 30, ...answering('503') },
    { name: 'web', image: 'web:1', dependsOn: [{ containerName: 'db', condition: 'HEALTHY' as const }] },
  ]
  await ecs.register({}, { containerDefinitions })
  await ecs.client.runTask({ taskDefinition: 'web', networkConfiguration: NETWORK })
  await ecs.advance('35s')
  expect(await ecs.tasks('STOPPED')).toMatchObject([
    { stopCode: 'TaskFailedToStart', stoppedReason: expect.stringContaining("'web'") },
  ])
})
