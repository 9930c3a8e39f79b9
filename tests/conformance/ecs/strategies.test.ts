/** What CreateService refuses of deployment strategies, hooks and advanced load balancers, and with which words. */
import type {
  AdvancedConfiguration,
  DeploymentConfiguration,
  DeploymentLifecycleHook,
} from '@aws-sdk/client-ecs'
import { expect, test } from 'vitest'
import { testEcs } from './harness.ts'

const ELB = 'arn:aws:elasticloadbalancing:us-east-1:123456789012'
const RULE = `${ELB}:listener-rule/app/web/1/2/3`
const ROLE = 'arn:aws:iam::123456789012:role/ecs'
const FUNCTION = 'arn:aws:lambda:us-east-1:123456789012:function:hook'
const BLUE_GREEN = { strategy: 'BLUE_GREEN' as const, bakeTimeInMinutes: 1 }
const hooks = (...lifecycleHooks: DeploymentLifecycleHook[]) => ({ ...BLUE_GREEN, lifecycleHooks })
const lifecycleStages = ['POST_SCALE_UP' as const]
const lambda = { hookTargetArn: FUNCTION, roleArn: ROLE, lifecycleStages }
const pause = { targetType: 'PAUSE' as const, lifecycleStages }

test.each<[string, DeploymentConfiguration]>([
  ['should be one of [BLUE_GREEN,CANARY,LINEAR,ROLLING]', { strategy: 'SUDDEN' as 'CANARY' }],
  ['bakeTimeInMinutes is required', { strategy: 'BLUE_GREEN' }],
  ['only valid with the CANARY', { ...BLUE_GREEN, canaryConfiguration: { canaryPercent: 5 } }],
  ['only valid with the LINEAR', { linearConfiguration: { stepPercent: 5 } }],
  ['multiple of 0.1 from 0.1', { strategy: 'CANARY', canaryConfiguration: { canaryPercent: 0.05 } }],
  ['multiple of 0.1 from 3.0', { strategy: 'LINEAR', linearConfiguration: { stepPercent: 2.9 } }],
  ['between 0 and 1440', { strategy: 'CANARY', canaryConfiguration: { canaryBakeTimeInMinutes: 1_441 } }],
  ['loadBalancers are required', { strategy: 'CANARY' }],
  ['hookTargetArn and roleArn are required', hooks({ lifecycleStages })],
  ['invalid ARN format', hooks({ ...lambda, hookTargetArn: 'hook' })],
  ['must not be empty', hooks({ ...lambda, lifecycleStages: [] })],
  ['should be one of', hooks({ ...lambda, lifecycleStages: ['SCALE_UP' as 'POST_SCALE_UP'] })],
  ['not allowed for PAUSE', hooks({ ...pause, roleArn: ROLE })],
  [
    'cannot be configured at TEST_TRAFFIC_SHIFT',
    hooks({ ...pause, lifecycleStages: ['TEST_TRAFFIC_SHIFT'] }),
  ],
  ['between 1 and 20160', hooks({ ...pause, timeoutConfiguration: { timeoutInMinutes: 20_161 } })],
  ['between 1 and 1440', hooks({ ...lambda, timeoutConfiguration: { timeoutInMinutes: 0 } })],
  ['At most 10 lifecycle hooks of type PAUSE', hooks(...Array.from({ length: 11 }, () => pause))],
])('%s: %j', async (message, deploymentConfiguration) => {
  await using ecs = await testEcs()
  await ecs.register()
  const refused = { name: 'InvalidParameterException', message: expect.stringContaining(message) }
  await expect(ecs.serve({ deploymentConfiguration })).rejects.toMatchObject(refused)
  expect(await ecs.service()).toEqual({})
})

const group = (name: string) => `${ELB}:targetgroup/${name}/1`
const GOOD: AdvancedConfiguration = {
  alternateTargetGroupArn: group('two'),
  productionListenerRule: RULE,
  roleArn: ROLE,
}
const use = (name: string, advancedConfiguration?: AdvancedConfiguration) => ({
  targetGroupArn: group(name),
  containerName: 'web',
  containerPort: 80,
  ...(advancedConfiguration && { advancedConfiguration }),
})

test.each<[string, ReturnType<typeof use>[]]>([
  ['advancedConfiguration field is required for all loadBalancers when using a non-ROLLING', [use('one')]],
  ['Either all or none of the provided loadBalancers', [use('one', GOOD), use('three')]],
  [`Duplicate targetGroupArn found: ${group('two')}`, [use('two', GOOD)]],
  [
    `The following rules cannot be used as both production and test listener rules: ${RULE}`,
    [use('one', { ...GOOD, testListenerRule: RULE })],
  ],
  [
    'productionListenerRule has an invalid ARN format. Must be RuleArn for ALB or ListenerArn for NLB. Got: ' +
      `${ELB}:listener/app/web/1/2`,
    [use('one', { ...GOOD, productionListenerRule: `${ELB}:listener/app/web/1/2` })],
  ],
  ['are required in advancedConfiguration', [use('one', { roleArn: ROLE })]],
  ['The specified target group does not exist.', [use('one', GOOD)]],
])('%s', async (message, loadBalancers) => {
  await using ecs = await testEcs()
  await ecs.register()
  const serving = ecs.serve({ loadBalancers, deploymentConfiguration: BLUE_GREEN })
  await expect(serving).rejects.toMatchObject({
    name: 'InvalidParameterException',
    message: expect.stringContaining(message),
  })
  expect(await ecs.service()).toEqual({})
})
