/** Deployment alarms through the SDKs of ECS and CloudWatch: what fails a deployment, what does not, and the bake time. */
import { CloudWatch } from '@aws-sdk/client-cloudwatch'
import type { DeploymentConfiguration } from '@aws-sdk/client-ecs'
import { expect, test } from 'vitest'
import { listen } from '../listen.ts'
import { messagesOf, type TestEcs, testEcs } from './harness.ts'

const WATCHED = { alarmNames: ['web-5xx'], enable: true, rollback: true }

/** A service of two tasks, steady, with an alarm of 10 s; its revision 2 is being deployed. */
async function deploy(ecs: TestEcs, deploymentConfiguration: DeploymentConfiguration = { alarms: WATCHED }) {
  const cloudwatch = await withAlarm(ecs)
  await ecs.register()
  await ecs.serve({ deploymentConfiguration })
  await ecs.advance('15m')
  await ecs.register()
  const { service } = await ecs.client.updateService({ service: 'web', taskDefinition: 'web' })
  return { cloudwatch, bad: service?.deployments?.[0]?.id }
}

async function withAlarm({ drydock }: TestEcs): Promise<CloudWatch> {
  const cloudwatch = new CloudWatch(drydock.config)
  await cloudwatch.putMetricAlarm({
    AlarmName: 'web-5xx',
    Namespace: 'Test',
    MetricName: 'Errors',
    Statistic: 'Sum',
    Period: 10,
    EvaluationPeriods: 3,
    Threshold: 1,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'ignore',
  })
  await cloudwatch.putCompositeAlarm({ AlarmName: 'any', AlarmRule: 'ALARM("web-5xx")' })
  return cloudwatch
}

const set = (cloudwatch: CloudWatch, StateValue: 'OK' | 'ALARM', AlarmName = 'web-5xx') =>
  cloudwatch.setAlarmState({ AlarmName, StateValue, StateReason: 'by hand' })

async function newest({ client }: TestEcs) {
  const { currentServiceDeployment = '' } =
    (await client.describeServices({ services: ['web'] })).services?.[0] ?? {}
  const found = await client.describeServiceDeployments({ serviceDeploymentArns: [currentServiceDeployment] })
  return found.serviceDeployments?.[0] ?? {}
}

const rollouts = async ({ service }: TestEcs) =>
  (await service()).deployments?.map(
    ({ status, rolloutState, taskDefinition }) => `${status} ${rolloutState} ${taskDefinition?.slice(-1)}`,
  )

test('an alarm that goes into ALARM rolls the deployment back', async () => {
  await using ecs = await testEcs()
  const heard = await listen(ecs, 'aws.ecs')
  const { cloudwatch, bad } = await deploy(ecs)
  await ecs.advance('6s')
  expect((await newest(ecs)).alarms).toEqual({
    status: 'MONITORING',
    alarmNames: ['web-5xx'],
    triggeredAlarmNames: [],
  })
  await set(cloudwatch, 'ALARM')
  await ecs.advance('5s')
  const alarms = { status: 'TRIGGERED', alarmNames: ['web-5xx'], triggeredAlarmNames: ['web-5xx'] }
  expect(await newest(ecs)).toMatchObject({
    status: 'ROLLBACK_IN_PROGRESS',
    statusReason: 'Service deployment rolled back because these CloudWatch alarms are in ALARM: web-5xx.',
    alarms,
  })
  expect(await rollouts(ecs)).toEqual(['PRIMARY IN_PROGRESS 1', 'ACTIVE FAILED 2'])
  await ecs.advance('10s')
  expect(await newest(ecs)).toMatchObject({ status: 'ROLLBACK_SUCCESSFUL', alarms })
  const service = await ecs.service()
  expect(await rollouts(ecs)).toEqual(['PRIMARY COMPLETED 1'])
  const back = service.deployments?.[0]?.id
  expect(messagesOf(service)).toEqual(
    expect.arrayContaining([
      `(service web) (deployment ${bad}) deployment failed: alarm detected.`,
      `(service web) rolling back to deployment ${back}.`,
    ]),
  )
  const told = (await heard()).filter((event) => event['detail-type'] === 'ECS Deployment State Change')
  expect(told.slice(-3).map(({ detail: { eventName, deploymentId } }) => [eventName, deploymentId])).toEqual([
    ['SERVICE_DEPLOYMENT_FAILED', bad],
    ['SERVICE_DEPLOYMENT_IN_PROGRESS', back],
    ['SERVICE_DEPLOYMENT_COMPLETED', back],
  ])
})

test('a deployment bakes for as long as its alarms look back, and is watched to the end', async () => {
  await using ecs = await testEcs()
  const { cloudwatch } = await deploy(ecs)
  await ecs.advance('20s')
  expect(await rollouts(ecs)).toEqual(['PRIMARY IN_PROGRESS 2', 'ACTIVE COMPLETED 1'])
  expect(await ecs.tasks()).toHaveLength(2)
  await ecs.advance('15s')
  expect(await rollouts(ecs)).toEqual(['PRIMARY COMPLETED 2'])
  expect(await newest(ecs)).toMatchObject({ status: 'SUCCESSFUL', alarms: { status: 'MONITORING_COMPLETE' } })
  await set(cloudwatch, 'ALARM')
  await ecs.advance('10m')
  expect(await rollouts(ecs)).toEqual(['PRIMARY COMPLETED 2'])
})

test('an alarm in the bake time rolls back what is complete already', async () => {
  await using ecs = await testEcs()
  const { cloudwatch } = await deploy(ecs, { alarms: WATCHED, bakeTimeInMinutes: 10 })
  await ecs.advance('9m')
  expect(await rollouts(ecs)).toEqual(['PRIMARY IN_PROGRESS 2', 'ACTIVE COMPLETED 1'])
  expect(await ecs.tasks()).toHaveLength(2)
  await set(cloudwatch, 'ALARM')
  await ecs.advance('30s')
  expect(await newest(ecs)).toMatchObject({ status: 'ROLLBACK_SUCCESSFUL' })
  expect(await rollouts(ecs)).toEqual(['PRIMARY COMPLETED 1'])
})

test('a bake time can be set without alarms', async () => {
  await using ecs = await testEcs()
  await ecs.register()
  await ecs.serve({ deploymentConfiguration: { bakeTimeInMinutes: 2 } })
  await ecs.advance('2m')
  expect(await rollouts(ecs)).toEqual(['PRIMARY IN_PROGRESS 1'])
  await ecs.advance('5s')
  expect(await rollouts(ecs)).toEqual(['PRIMARY COMPLETED 1'])
})

test('without rollback the deployment fails and stalls', async () => {
  await using ecs = await testEcs()
  const { cloudwatch } = await deploy(ecs, { alarms: { ...WATCHED, rollback: false } })
  await set(cloudwatch, 'ALARM')
  await ecs.advance('2m')
  expect(await newest(ecs)).toMatchObject({ status: 'STOPPED', alarms: { status: 'TRIGGERED' } })
  expect((await ecs.service()).deployments?.[0]).toMatchObject({
    rolloutState: 'FAILED',
    rolloutStateReason: 'ECS deployment failed: alarm detected.',
  })
})

test('a deployment that begins while one is in ALARM is not watched at all', async () => {
  await using ecs = await testEcs()
  const { cloudwatch } = await deploy(ecs)
  await ecs.advance('2m')
  await set(cloudwatch, 'ALARM')
  await ecs.client.updateService({ service: 'web', taskDefinition: 'web:1' })
  await ecs.advance('1s')
  await set(cloudwatch, 'OK')
  await ecs.advance('1s')
  await set(cloudwatch, 'ALARM')
  await ecs.advance('10s')
  expect(await newest(ecs)).toMatchObject({ status: 'SUCCESSFUL', alarms: { status: 'DISABLED' } })
  expect(messagesOf(await ecs.service())).toContain(
    '(service web) ignores its deployment alarms: web-5xx was in ALARM when the deployment began.',
  )
})

test('an alarm that does not exist is told of once, and does not hold the deployment up', async () => {
  await using ecs = await testEcs()
  await deploy(ecs, { alarms: { ...WATCHED, alarmNames: ['none', 'web-5xx'] } })
  await ecs.advance('2m')
  expect(await rollouts(ecs)).toEqual(['PRIMARY COMPLETED 2'])
  const told = messagesOf(await ecs.service()).filter((message) => message.includes('unable to find'))
  expect(told).toEqual([
    '(service web) was unable to find its deployment alarms: none.',
    '(service web) was unable to find its deployment alarms: none.',
  ])
})

test('a composite alarm counts as any other', async () => {
  await using ecs = await testEcs()
  const { cloudwatch } = await deploy(ecs, { alarms: { ...WATCHED, alarmNames: ['any'] } })
  await ecs.advance('6s')
  await set(cloudwatch, 'ALARM')
  await ecs.advance('30s')
  expect(await newest(ecs)).toMatchObject({
    status: 'ROLLBACK_SUCCESSFUL',
    alarms: { triggeredAlarmNames: ['any'] },
  })
})

test.each<[string, DeploymentConfiguration]>([
  ['no alarm names', { alarms: { enable: true, rollback: true, alarmNames: [] } }],
  ['an empty name', { alarms: { enable: true, rollback: true, alarmNames: [''] } }],
  ['a negative bake time', { bakeTimeInMinutes: -1 }],
  ['a bake time of more than a day', { bakeTimeInMinutes: 1_441 }],
])('%s: refused', async (_, deploymentConfiguration) => {
  await using ecs = await testEcs()
  await ecs.register()
  await expect(ecs.serve({ deploymentConfiguration })).rejects.toMatchObject({
    name: 'InvalidParameterException',
  })
})
