/** What EventBridge hears of ECS during a deployment. */
import { expect, test } from 'vitest'
import { type HeardEvent, listen } from '../listen.ts'
import { testEcs } from './harness.ts'

const of = (events: HeardEvent[], type: string) => events.filter((event) => event['detail-type'] === type)

test('a deployment is told from its start to its completion', async () => {
  await using ecs = await testEcs()
  const heard = await listen(ecs, 'aws.ecs')
  await ecs.register()
  const { serviceArn = '', deployments } = await ecs.serve({ desiredCount: 1 })
  await ecs.advance('10s')
  const deploymentId = deployments?.[0]?.id
  const events = await heard()
  expect(
    of(events, 'ECS Deployment State Change').map(({ resources, detail }) => ({ resources, detail })),
  ).toEqual([
    {
      resources: [serviceArn],
      detail: {
        eventType: 'INFO',
        eventName: 'SERVICE_DEPLOYMENT_IN_PROGRESS',
        deploymentId,
        updatedAt: '2026-01-01T00:00:00.000Z',
        reason: `ECS deployment ${deploymentId} in progress.`,
      },
    },
    {
      resources: [serviceArn],
      detail: {
        eventType: 'INFO',
        eventName: 'SERVICE_DEPLOYMENT_COMPLETED',
        deploymentId,
        updatedAt: expect.stringMatching(/^2026-01-01T00:00:0/),
        reason: `ECS deployment ${deploymentId} completed.`,
      },
    },
  ])
  expect(of(events, 'ECS Service Action').map(({ detail }) => detail)).toEqual([
    {
      eventType: 'INFO',
      eventName: 'SERVICE_STEADY_STATE',
      clusterArn: 'arn:aws:ecs:us-east-1:123456789012:cluster/default',
      createdAt: expect.stringMatching(/^2026-01-01T00:00:0/),
    },
  ])
})

test('a task tells of each status with a version of its own', async () => {
  await using ecs = await testEcs()
  const heard = await listen(ecs, 'aws.ecs')
  await ecs.register()
  const { deployments } = await ecs.serve({ desiredCount: 1 })
  await ecs.advance('10s')
  await ecs.client.updateService({ service: 'web', desiredCount: 0 })
  await ecs.advance('10s')
  const details = of(await heard(), 'ECS Task State Change').map(({ detail }) => detail)
  expect(details.map(({ lastStatus, version }) => `${version} ${lastStatus}`)).toEqual([
    '1 PROVISIONING',
    '2 PENDING',
    '3 ACTIVATING',
    '4 RUNNING',
    '5 DEACTIVATING',
    '6 STOPPING',
    '7 DEPROVISIONING',
    '8 STOPPED',
  ])
  expect(details.at(-1)).toMatchObject({
    group: 'service:web',
    startedBy: deployments?.[0]?.id,
    stopCode: 'ServiceSchedulerInitiated',
    stoppedReason: `Scaling activity initiated by (deployment ${deployments?.[0]?.id})`,
    desiredStatus: 'STOPPED',
    attachments: [{ type: 'eni', status: 'DELETED' }],
    containers: [{ exitCode: 143 }],
  })
})

test('programs that start and end at once are started again, without a long wait', async () => {
  await using ecs = await testEcs()
  const heard = await listen(ecs, 'aws.ecs')
  await ecs.register({ environment: [{ name: 'DRYDOCK_EXIT_AFTER', value: '1ms' }] })
  await ecs.serve({ desiredCount: 1 })
  await ecs.advance('10m')
  const events = await heard()
  const started = of(events, 'ECS Task State Change').filter(({ detail }) => detail.version === 1)
  expect(started.length).toBeGreaterThan(35)
  expect(of(events, 'ECS Service Action')).toEqual([])
})

test('a service that cannot start its tasks says so', async () => {
  await using ecs = await testEcs()
  const heard = await listen(ecs, 'aws.ecs')
  await ecs.register({ environment: [{ name: 'DRYDOCK_START_ERROR', value: 'no' }] })
  await ecs.serve({ desiredCount: 1 })
  await ecs.advance('10s')
  const actions = of(await heard(), 'ECS Service Action')
  expect(actions[0]?.detail).toMatchObject({ eventType: 'WARN', eventName: 'SERVICE_TASK_START_IMPAIRED' })
})
