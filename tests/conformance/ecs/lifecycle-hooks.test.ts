/** Lifecycle hooks of blue/green deployments: real functions, and pauses that wait for ContinueServiceDeployment. */
import type { DeploymentLifecycleHook } from '@aws-sdk/client-ecs'
import { Lambda } from '@aws-sdk/client-lambda'
import { expect, test } from 'vitest'
import { pack } from '../lambda/harness.ts'
import { listen } from '../listen.ts'
import { newest, serveShifting, trafficStage, until } from './blue-green.ts'
import { type TestEcs, testEcs } from './harness.ts'

const ROLE = 'arn:aws:iam::123456789012:role/ecs'

async function hookFunction({ drydock }: TestEcs, body: string): Promise<string> {
  const lambda = new Lambda(drydock.config)
  const { FunctionArn = '' } = await lambda.createFunction({
    FunctionName: 'hook',
    Role: ROLE,
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Code: { ZipFile: pack(`export const handler = async (event) => { ${body} }`) },
  })
  return FunctionArn
}

/** A blue/green service whose revision 2 is being deployed with a hook, which the first deployment did not have. */
async function deploy(ecs: TestEcs, hook: DeploymentLifecycleHook) {
  const stage = await trafficStage(ecs)
  await serveShifting(ecs, stage, { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 1 })
  await ecs.register()
  const deploymentConfiguration = { lifecycleHooks: [hook] }
  await ecs.client.updateService({ service: 'web', taskDefinition: 'web', deploymentConfiguration })
  return stage
}

test('a function is called with the documented payload, again after its delay, and lets the deployment go on', async () => {
  await using ecs = await testEcs()
  const hookTargetArn = await hookFunction(
    ecs,
    `if (event.hookDetails?.count) return { hookStatus: 'SUCCEEDED' }
     console.log(JSON.stringify(event))
     return { hookStatus: 'IN_PROGRESS', callBackDelay: 90, hookDetails: { count: 1 } }`,
  )
  const heard = await listen(ecs, 'aws.ecs')
  const lifecycleStages = ['POST_PRODUCTION_TRAFFIC_SHIFT' as const]
  await deploy(ecs, { hookTargetArn, roleArn: ROLE, lifecycleStages, hookDetails: { bucket: 'b' } })
  const waiting = await until(ecs, 'POST_PRODUCTION_TRAFFIC_SHIFT')
  expect(waiting.lifecycleHookDetails).toMatchObject([
    { targetType: 'AWS_LAMBDA', targetArn: hookTargetArn, status: 'IN_PROGRESS', timeoutAction: 'ROLLBACK' },
  ])
  await ecs.advance('80s')
  expect((await newest(ecs)).lifecycleStage).toBe('POST_PRODUCTION_TRAFFIC_SHIFT')
  await ecs.advance('3m')
  expect(await newest(ecs)).toMatchObject({ status: 'SUCCESSFUL' })
  const logs = ecs.drydock.functionLogs(hookTargetArn)
  const text = logs.find((entry) => entry.text.includes('executionId'))?.text ?? ''
  expect(JSON.parse(text.slice(text.indexOf('{')))).toEqual({
    executionId: expect.any(String),
    lifecycleStage: 'POST_PRODUCTION_TRAFFIC_SHIFT',
    resourceArn: waiting.serviceDeploymentArn,
    executionDetails: {
      serviceArn: waiting.serviceArn,
      targetServiceRevisionArn: waiting.targetServiceRevision?.arn,
      testTrafficWeights: {},
      productionTrafficWeights: {},
    },
    hookDetails: { bucket: 'b' },
  })
  const told = (await heard()).filter((event) => event['detail-type'] === 'ECS Hook State Change')
  expect(told.map(({ detail }) => detail.eventName)).toEqual(['HOOK_IN_PROGRESS', 'HOOK_SUCCEEDED'])
})

test.each([
  [
    'a function that fails',
    `return { hookStatus: 'FAILED' }`,
    /^Lifecycle hook target .* returned FAILED status\.$/,
  ],
  [
    'a function without status',
    'return {}',
    /^ECS was unable to parse the response from .* due to HookStatus must not be null$/,
  ],
  [
    'a function that throws',
    'throw new Error()',
    /^ECS was unable to parse the response from .* due to HookStatus must not be null$/,
  ],
])('%s rolls the deployment back', async (_, body, reason) => {
  await using ecs = await testEcs()
  const hookTargetArn = await hookFunction(ecs, body)
  const lifecycleStages = ['TEST_TRAFFIC_SHIFT' as const]
  const stage = await deploy(ecs, { hookTargetArn, roleArn: ROLE, lifecycleStages })
  const { statusReason = '' } = await until(ecs, 'ROLLBACK_SUCCESSFUL')
  const prefix = 'Service deployment rolled back because TEST_TRAFFIC_SHIFT lifecycle hook(s) failed. '
  expect(statusReason.startsWith(prefix)).toBe(true)
  expect(statusReason.slice(prefix.length)).toMatch(reason)
  expect(await stage.weights('test')).toBe('100/0')
  expect(await stage.healthy()).toEqual([2, 0])
})

test('a function that is not there rolls the deployment back', async () => {
  await using ecs = await testEcs()
  const hookTargetArn = 'arn:aws:lambda:us-east-1:123456789012:function:none'
  await deploy(ecs, { hookTargetArn, roleArn: ROLE, lifecycleStages: ['PRE_SCALE_UP'] })
  const { statusReason } = await until(ecs, 'ROLLBACK_SUCCESSFUL')
  expect(statusReason).toMatch(
    /PRE_SCALE_UP lifecycle hook\(s\) failed\. ECS was unable to invoke hook target arn/,
  )
})

const PAUSE = { targetType: 'PAUSE' as const, lifecycleStages: ['POST_TEST_TRAFFIC_SHIFT' as const] }

test.each(['CONTINUE', 'ROLLBACK'] as const)('a pause waits for %s', async (action) => {
  await using ecs = await testEcs()
  const heard = await listen(ecs, 'aws.ecs')
  const stage = await deploy(ecs, PAUSE)
  const { serviceDeploymentArn, lifecycleHookDetails } = await until(ecs, 'POST_TEST_TRAFFIC_SHIFT')
  const hookId = lifecycleHookDetails?.[0]?.hookId
  expect(hookId).toMatch(/^ecs-pause-[\w-]{43}$/)
  expect(lifecycleHookDetails).toMatchObject([{ targetType: 'PAUSE', status: 'AWAITING_ACTION' }])
  await ecs.advance('3h')
  expect(`${await stage.weights()} ${await stage.weights('test')}`).toBe('100/0 0/100')
  await ecs.client.continueServiceDeployment({ serviceDeploymentArn, hookId, action })
  await ecs.advance('5m')
  const status = action === 'CONTINUE' ? 'SUCCESSFUL' : 'ROLLBACK_SUCCESSFUL'
  expect(await newest(ecs)).toMatchObject({ status })
  expect(await stage.healthy()).toEqual(action === 'CONTINUE' ? [0, 2] : [2, 0])
  const told = (await heard()).filter((event) => event['detail-type'] === 'ECS Hook State Change')
  const ended = action === 'CONTINUE' ? 'HOOK_SUCCEEDED' : 'HOOK_FAILED'
  expect(told.map(({ detail }) => detail.eventName)).toEqual(['HOOK_AWAITING_ACTION', ended])
  expect(told[0]).toMatchObject({
    resources: [serviceDeploymentArn],
    detail: { eventType: 'INFO', hookId, hookType: 'PAUSE', lifecycleStage: 'POST_TEST_TRAFFIC_SHIFT' },
  })
})

test.each([
  ['CONTINUE', 'SUCCESSFUL'],
  ['ROLLBACK', 'ROLLBACK_SUCCESSFUL'],
] as const)('a pause that nobody ends does %s when its time is over', async (action, status) => {
  await using ecs = await testEcs()
  await deploy(ecs, { ...PAUSE, timeoutConfiguration: { timeoutInMinutes: 10, action } })
  await until(ecs, 'POST_TEST_TRAFFIC_SHIFT')
  await ecs.advance('9m')
  expect(await newest(ecs)).toMatchObject({ status: 'IN_PROGRESS' })
  await ecs.advance('10m')
  expect(await newest(ecs)).toMatchObject({ status })
})

test('only a hook that waits can be continued', async () => {
  await using ecs = await testEcs()
  await deploy(ecs, PAUSE)
  const { serviceDeploymentArn = '', lifecycleHookDetails } = await until(ecs, 'POST_TEST_TRAFFIC_SHIFT')
  const hookId = lifecycleHookDetails?.[0]?.hookId
  const refused = { name: 'InvalidParameterException' }
  const go = (input: { hookId: string | undefined; serviceDeploymentArn?: string; action?: 'CONTINUE' }) =>
    ecs.client.continueServiceDeployment({ serviceDeploymentArn, ...input })
  await expect(go({ hookId: 'none' })).rejects.toMatchObject(refused)
  await expect(go({ hookId, action: 'GO' as 'CONTINUE' })).rejects.toMatchObject(refused)
  const other = `${serviceDeploymentArn.slice(0, -3)}xyz`
  await expect(go({ hookId, serviceDeploymentArn: other })).rejects.toMatchObject({
    name: 'ServiceDeploymentNotFoundException',
  })
  await go({ hookId })
  await expect(go({ hookId })).rejects.toMatchObject(refused)
})
