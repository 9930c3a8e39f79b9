/** The deployment circuit breaker through the AWS SDK: what is told, what is shown, and what runs in the end. */
import { ECR } from '@aws-sdk/client-ecr'
import type { DeploymentCircuitBreaker, Service } from '@aws-sdk/client-ecs'
import { expect, test } from 'vitest'
import { putImage } from '../../fixtures/image.ts'
import { type HeardEvent, listen } from '../listen.ts'
import { messagesOf, type TestEcs, testEcs } from './harness.ts'

const ROLLBACK = { enable: true, rollback: true }
const FAILED = 'ECS deployment circuit breaker: tasks failed to start.'

/** A service of two tasks, steady on revision 1; revision 2, of the container's environment, is being deployed. */
async function deploy(ecs: TestEcs, breaker: DeploymentCircuitBreaker, name: string): Promise<Service> {
  await ecs.register()
  await ecs.serve({ deploymentConfiguration: { deploymentCircuitBreaker: breaker } })
  await ecs.advance('10s')
  await ecs.register({ environment: [{ name, value: '10ms' }] })
  return (await ecs.client.updateService({ service: 'web', taskDefinition: 'web' })).service ?? {}
}

/** Each deployment in short: status, revision, rollout state, desired/running. */
const shortOf = ({ deployments = [] }: Service) =>
  deployments.map(
    ({ status, taskDefinition, rolloutState, desiredCount, runningCount }) =>
      `${status} ${taskDefinition?.split(':').at(-1)} ${rolloutState} ${desiredCount}/${runningCount}`,
  )

const rolloutsOf = (events: HeardEvent[]) =>
  events.flatMap((event) => (event['detail-type'] === 'ECS Deployment State Change' ? [event] : []))

test.each(['DRYDOCK_START_ERROR', 'DRYDOCK_EXIT_AFTER'])(
  'a deployment that fails (%s) is rolled back, and a queue hears each step',
  async (failure) => {
    await using ecs = await testEcs()
    const heard = await listen(ecs, 'aws.ecs')
    const begun = await deploy(ecs, ROLLBACK, failure)
    const [bad, good] = (begun.deployments ?? []).map(({ id }) => id)
    await ecs.advance('60s')
    const { deployments, serviceArn } = await ecs.service()
    const back = deployments?.[0]?.id
    expect(new Set([bad, good, back]).size).toBe(3)
    const rollouts = rolloutsOf(await heard())
    expect(rollouts.map(({ detail }) => [detail.eventName, detail.deploymentId])).toEqual([
      ['SERVICE_DEPLOYMENT_IN_PROGRESS', good],
      ['SERVICE_DEPLOYMENT_COMPLETED', good],
      ['SERVICE_DEPLOYMENT_IN_PROGRESS', bad],
      ['SERVICE_DEPLOYMENT_FAILED', bad],
      ['SERVICE_DEPLOYMENT_IN_PROGRESS', back],
      ['SERVICE_DEPLOYMENT_COMPLETED', back],
    ])
    const updatedAt = expect.stringMatching(/^2026-01-01T00:00:\d\d\.\d{3}Z$/)
    expect(rollouts[3]).toMatchObject({ source: 'aws.ecs', resources: [serviceArn] })
    expect(rollouts[3]?.detail).toEqual({
      eventType: 'ERROR',
      eventName: 'SERVICE_DEPLOYMENT_FAILED',
      deploymentId: bad,
      updatedAt,
      reason: 'ECS deployment circuit breaker: task failed to start.',
    })
    expect(rollouts[4]?.detail).toEqual({
      eventType: 'INFO',
      eventName: 'SERVICE_DEPLOYMENT_IN_PROGRESS',
      deploymentId: back,
      updatedAt,
      reason: `ECS deployment circuit breaker: rolling back to deploymentId ${back}.`,
    })
  },
)

test('while it is rolled back both are listed, and afterwards only what came back', async () => {
  await using ecs = await testEcs()
  const begun = await deploy(ecs, ROLLBACK, 'DRYDOCK_START_ERROR')
  const bad = begun.deployments?.[0]?.id
  let during = await ecs.service()
  while (during.deployments?.[0]?.id === bad) {
    await ecs.advance('100ms')
    during = await ecs.service()
  }
  const back = during.deployments?.[0]?.id
  expect(shortOf(during)).toEqual([
    'PRIMARY 1 IN_PROGRESS 2/0',
    'ACTIVE 2 FAILED 0/0',
    'ACTIVE 1 COMPLETED 2/2',
  ])
  expect(during.deployments?.slice(0, 2)).toMatchObject([
    { rolloutStateReason: `ECS deployment circuit breaker: rolling back to deploymentId ${back}.` },
    { id: bad, rolloutStateReason: FAILED, failedTasks: 4 },
  ])
  await ecs.advance('30s')
  const after = await ecs.service()
  expect(shortOf(after)).toEqual(['PRIMARY 1 COMPLETED 2/2'])
  expect(after.taskDefinition).toMatch(/:1$/)
  const messages = messagesOf(after)
  expect(
    messages.slice(
      messages.indexOf(`(service web) (deployment ${bad}) deployment failed: tasks failed to start.`),
    ),
  ).toEqual([
    `(service web) (deployment ${bad}) deployment failed: tasks failed to start.`,
    `(service web) rolling back to deployment ${back}.`,
    '(service web) has started 2 tasks: (task) (task).',
    '(service web) has stopped 2 running tasks: (task) (task).',
    `(service web) (deployment ${back}) deployment completed.`,
    '(service web) has reached a steady state.',
  ])
})

test('without rollback the deployment stalls, starts nothing more, and the old one serves on', async () => {
  await using ecs = await testEcs()
  const heard = await listen(ecs, 'aws.ecs')
  await deploy(ecs, { enable: true, rollback: false }, 'DRYDOCK_START_ERROR')
  await ecs.advance('60s')
  const stalled = ['PRIMARY 2 FAILED 2/0', 'ACTIVE 1 COMPLETED 2/2']
  const { deployments } = await ecs.service()
  expect(shortOf(await ecs.service())).toEqual(stalled)
  expect(deployments?.[0]).toMatchObject({ rolloutStateReason: FAILED })
  expect(rolloutsOf(await heard()).at(-1)?.detail).toMatchObject({ eventName: 'SERVICE_DEPLOYMENT_FAILED' })
  const failed = await ecs.tasks('STOPPED')
  await ecs.advance('30m')
  expect(shortOf(await ecs.service())).toEqual(stalled)
  expect(await ecs.tasks('STOPPED')).toEqual(failed)
})

test('a first deployment has nothing to go back to', async () => {
  await using ecs = await testEcs()
  await ecs.register({ environment: [{ name: 'DRYDOCK_START_ERROR', value: 'no' }] })
  await ecs.serve({ deploymentConfiguration: { deploymentCircuitBreaker: ROLLBACK } })
  await ecs.advance('60s')
  expect(shortOf(await ecs.service())).toEqual(['PRIMARY 1 FAILED 2/0'])
  await ecs.register()
  await ecs.client.updateService({ service: 'web', taskDefinition: 'web' })
  await ecs.advance('30s')
  expect(shortOf(await ecs.service())).toEqual(['PRIMARY 2 COMPLETED 2/2'])
})

test('a deployment that fails during a rollback stalls: what was complete is used up', async () => {
  await using ecs = await testEcs()
  const begun = await deploy(ecs, ROLLBACK, 'DRYDOCK_START_ERROR')
  while ((await ecs.service()).deployments?.[0]?.id === begun.deployments?.[0]?.id) await ecs.advance('100ms')
  await ecs.client.updateService({ service: 'web', taskDefinition: 'web:2' })
  await ecs.advance('60s')
  expect((await ecs.service()).deployments?.[0]).toMatchObject({ rolloutState: 'FAILED' })
  expect(await ecs.tasks()).toHaveLength(2)
})

test('what was rolled back to can be gone back to again once it is complete', async () => {
  await using ecs = await testEcs()
  await deploy(ecs, ROLLBACK, 'DRYDOCK_START_ERROR')
  await ecs.advance('60s')
  const first = (await ecs.service()).deployments?.[0]?.id
  await ecs.client.updateService({ service: 'web', taskDefinition: 'web:2' })
  await ecs.advance('60s')
  const service = await ecs.service()
  expect(shortOf(service)).toEqual(['PRIMARY 1 COMPLETED 2/2'])
  expect(service.deployments?.[0]?.id).not.toBe(first)
  expect(messagesOf(service).filter((message) => message.includes('rolling back'))).toHaveLength(2)
})

test('a rollback runs the digest that was complete, wherever its tag points now', async () => {
  await using ecs = await testEcs()
  const ecr = new ECR(ecs.drydock.config)
  await ecr.createRepository({ repositoryName: 'web' })
  const good = await putImage(ecr, 'web', 'main', { content: 'good' })
  await ecs.register({ image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/web:main' })
  await ecs.serve({ deploymentConfiguration: { deploymentCircuitBreaker: ROLLBACK } })
  await ecs.advance('10s')
  await putImage(ecr, 'web', 'main', { content: 'bad', isBroken: true })
  await ecs.client.updateService({ service: 'web', forceNewDeployment: true })
  await ecs.advance('60s')
  const service = await ecs.service()
  expect(shortOf(service)).toEqual(['PRIMARY 1 COMPLETED 2/2'])
  expect(messagesOf(service)).toContain(
    `(service web) rolling back to deployment ${service.deployments?.[0]?.id}.`,
  )
  const digests = (await ecs.tasks()).map(({ containers }) => containers?.[0]?.imageDigest)
  expect(digests).toEqual([good, good])
})

test('the threshold and the way of counting are configurable, shown, and checked', async () => {
  await using ecs = await testEcs()
  const deploymentCircuitBreaker: DeploymentCircuitBreaker = {
    ...ROLLBACK,
    resetOnHealthyTask: false,
    thresholdConfiguration: { type: 'COUNT', value: 9 },
  }
  const begun = await deploy(ecs, deploymentCircuitBreaker, 'DRYDOCK_START_ERROR')
  expect(begun.deploymentConfiguration).toMatchObject({ deploymentCircuitBreaker })
  await ecs.advance('14s')
  expect((await ecs.service()).deployments?.[0]).toMatchObject({
    rolloutState: 'IN_PROGRESS',
    failedTasks: 8,
  })
  await ecs.advance('30s')
  expect(shortOf(await ecs.service())).toEqual(['PRIMARY 1 COMPLETED 2/2'])
  const wrong = { ...ROLLBACK, thresholdConfiguration: { type: 'BOUNDED_PERCENT', value: 101 } } as const
  const update = ecs.client.updateService({
    service: 'web',
    deploymentConfiguration: { deploymentCircuitBreaker: wrong },
  })
  await expect(update).rejects.toMatchObject({ name: 'InvalidParameterException' })
})
