/** Service deployments and revisions through the AWS SDK: what is listed, described, rolled back and stopped. */
import { ECR } from '@aws-sdk/client-ecr'
import type { DeploymentConfiguration, ServiceDeployment } from '@aws-sdk/client-ecs'
import { expect, test } from 'vitest'
import { putImage } from '../../fixtures/image.ts'
import { type TestEcs, testEcs } from './harness.ts'

const ROLLBACK: DeploymentConfiguration = { deploymentCircuitBreaker: { enable: true, rollback: true } }
const SERVICE = 'service/default/web'
const PREFIX = 'arn:aws:ecs:us-east-1:123456789012'

/** All service deployments of the service, newest first, in full. */
async function history({ client }: TestEcs): Promise<ServiceDeployment[]> {
  const { serviceDeployments: list = [] } = await client.listServiceDeployments({ service: 'web' })
  const serviceDeploymentArns = list.map(({ serviceDeploymentArn = '' }) => serviceDeploymentArn)
  const { serviceDeployments = [] } = await client.describeServiceDeployments({ serviceDeploymentArns })
  return serviceDeployments
}

async function newest(ecs: TestEcs): Promise<ServiceDeployment> {
  const [first] = await history(ecs)
  if (!first) throw new Error('The service has no deployment')
  return first
}

/** A service of two tasks, complete on revision 1, whose revision 2 is being deployed and does what `bad` says. */
async function deploy(ecs: TestEcs, deploymentConfiguration: DeploymentConfiguration, bad?: string) {
  await ecs.register()
  await ecs.serve({ deploymentConfiguration })
  await ecs.advance('10s')
  await ecs.register(bad ? { environment: [{ name: bad, value: '10ms' }] } : {})
  await ecs.client.updateService({ service: 'web', taskDefinition: 'web' })
  return newest(ecs)
}

const stop = ({ client }: TestEcs, { serviceDeploymentArn }: ServiceDeployment, stopType?: 'ABORT') =>
  client.stopServiceDeployment({ serviceDeploymentArn, ...(stopType && { stopType }) })

const taskDefinitionOf = async ({ client }: TestEcs, arn = '') =>
  (await client.describeServiceRevisions({ serviceRevisionArns: [arn] })).serviceRevisions?.[0]
    ?.taskDefinition

test('a deployment is recorded from its request to its success, with what it replaces', async () => {
  await using ecs = await testEcs()
  const begun = await deploy(ecs, {})
  const id = begun.serviceDeploymentArn?.split('/').at(-1)
  expect(id).toMatch(/^[\w-]{21}$/)
  expect(begun).toMatchObject({
    serviceDeploymentArn: `${PREFIX}:service-deployment/default/web/${id}`,
    serviceArn: `${PREFIX}:${SERVICE}`,
    clusterArn: `${PREFIX}:cluster/default`,
    status: 'IN_PROGRESS',
    sourceServiceRevisions: [{ requestedTaskCount: 2, runningTaskCount: 2, pendingTaskCount: 0 }],
    targetServiceRevision: { requestedTaskCount: 2, runningTaskCount: 0, pendingTaskCount: 2 },
    deploymentCircuitBreaker: { status: 'DISABLED', failureCount: 0, threshold: 3 },
    startedAt: expect.any(Date),
  })
  expect(begun).not.toHaveProperty('finishedAt')
  expect(begun).not.toHaveProperty('rollback')
  await ecs.advance('10s')
  const [ended, first] = await history(ecs)
  expect(ended).toMatchObject({
    status: 'SUCCESSFUL',
    sourceServiceRevisions: [{ requestedTaskCount: 0, runningTaskCount: 0, pendingTaskCount: 0 }],
    targetServiceRevision: { requestedTaskCount: 2, runningTaskCount: 2, pendingTaskCount: 0 },
    finishedAt: expect.any(Date),
  })
  expect(first).toMatchObject({ status: 'SUCCESSFUL', sourceServiceRevisions: [] })
  expect(ended?.sourceServiceRevisions?.[0]?.arn).toBe(first?.targetServiceRevision?.arn)
})

test('the service names its newest deployment and the revisions that run', async () => {
  await using ecs = await testEcs()
  const begun = await deploy(ecs, {})
  const counts = { requestedTaskCount: 2, runningTaskCount: 0, pendingTaskCount: 2 }
  expect(await ecs.service()).toMatchObject({
    currentServiceDeployment: begun.serviceDeploymentArn,
    currentServiceRevisions: [
      { arn: begun.targetServiceRevision?.arn, ...counts },
      { arn: begun.sourceServiceRevisions?.[0]?.arn, runningTaskCount: 2 },
    ],
  })
  await ecs.advance('10s')
  const { currentServiceDeployment, currentServiceRevisions } = await ecs.service()
  expect(currentServiceDeployment).toBe(begun.serviceDeploymentArn)
  expect(currentServiceRevisions).toMatchObject([{ arn: begun.targetServiceRevision?.arn }])
})

test('a revision shows its workload, pinned to the digests of its images', async () => {
  await using ecs = await testEcs()
  const ecr = new ECR(ecs.drydock.config)
  await ecr.createRepository({ repositoryName: 'web' })
  const imageDigest = await putImage(ecr, 'web', 'main', { content: 'one' })
  const image = '123456789012.dkr.ecr.us-east-1.amazonaws.com/web:main'
  const taskDefinition = await ecs.register({ image })
  await ecs.serve()
  await ecs.advance('10s')
  const { targetServiceRevision } = await newest(ecs)
  const serviceRevisionArns = [targetServiceRevision?.arn ?? '']
  const { serviceRevisions } = await ecs.client.describeServiceRevisions({ serviceRevisionArns })
  expect(serviceRevisionArns[0]).toMatch(new RegExp(`^${PREFIX}:service-revision/default/web/\\d{19}$`))
  expect(serviceRevisions).toMatchObject([
    {
      serviceArn: `${PREFIX}:${SERVICE}`,
      taskDefinition,
      launchType: 'FARGATE',
      platformFamily: 'Linux',
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1', 'subnet-2'] } },
      containerImages: [{ containerName: 'web', image, imageDigest }],
      createdAt: expect.any(Date),
    },
  ])
})

test('the circuit breaker rolls back under one id: the source revision again', async () => {
  await using ecs = await testEcs()
  const { serviceDeploymentArn, sourceServiceRevisions } = await deploy(ecs, ROLLBACK, 'DRYDOCK_START_ERROR')
  let during = await newest(ecs)
  expect(during.deploymentCircuitBreaker).toMatchObject({ status: 'MONITORING', threshold: 3 })
  while (during.status === 'IN_PROGRESS') {
    await ecs.advance('100ms')
    during = await newest(ecs)
  }
  const reason = 'Service deployment rolled back because the circuit breaker threshold was exceeded.'
  const told = {
    serviceDeploymentArn,
    statusReason: reason,
    rollback: { reason, startedAt: expect.any(Date), serviceRevisionArn: sourceServiceRevisions?.[0]?.arn },
    deploymentCircuitBreaker: { status: 'TRIGGERED', failureCount: 4, threshold: 3 },
  }
  expect(during).toMatchObject({ ...told, status: 'ROLLBACK_IN_PROGRESS' })
  await ecs.advance('30s')
  const after = await history(ecs)
  expect(after).toHaveLength(2)
  expect(after[0]).toMatchObject({ ...told, status: 'ROLLBACK_SUCCESSFUL', finishedAt: expect.any(Date) })
  const { currentServiceRevisions } = await ecs.service()
  expect(currentServiceRevisions).toMatchObject([
    { arn: sourceServiceRevisions?.[0]?.arn, runningTaskCount: 2 },
  ])
})

test.each([
  [
    'without rollback',
    false,
    'STOPPED',
    'Service deployment stopped because the circuit breaker threshold was exceeded.',
  ],
  [
    'with nothing to go back to',
    true,
    'ROLLBACK_FAILED',
    'No rollback candidate was found to run the rollback.',
  ],
])('a first deployment that fails %s ends so', async (_, rollback, status, statusReason) => {
  await using ecs = await testEcs()
  await ecs.register({ environment: [{ name: 'DRYDOCK_START_ERROR', value: 'no' }] })
  await ecs.serve({ deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback } } })
  await ecs.advance('60s')
  expect(await newest(ecs)).toMatchObject({
    status,
    statusReason,
    deploymentCircuitBreaker: { status: 'TRIGGERED' },
    ...(!rollback && { stoppedAt: expect.any(Date) }),
  })
})

test('a new deployment stops the one under way', async () => {
  await using ecs = await testEcs()
  await deploy(ecs, {})
  await ecs.client.updateService({ service: 'web', forceNewDeployment: true })
  const [second, superseded] = await history(ecs)
  expect(superseded).toMatchObject({
    status: 'STOPPED',
    statusReason: 'Service deployment stopped because a new one was started.',
    stoppedAt: expect.any(Date),
  })
  expect(second?.status).toBe('IN_PROGRESS')
  expect(second?.sourceServiceRevisions).toHaveLength(2)
  await ecs.advance('20s')
  expect((await history(ecs)).map(({ status }) => status)).toEqual(['SUCCESSFUL', 'STOPPED', 'SUCCESSFUL'])
})

test('StopServiceDeployment goes back to what was complete, with no breaker configured', async () => {
  await using ecs = await testEcs()
  const begun = await deploy(ecs, {})
  await ecs.advance('500ms')
  expect(await stop(ecs, begun)).toMatchObject({ serviceDeploymentArn: begun.serviceDeploymentArn })
  const during = await newest(ecs)
  expect(during).toMatchObject({
    status: 'ROLLBACK_IN_PROGRESS',
    rollback: { serviceRevisionArn: begun.sourceServiceRevisions?.[0]?.arn },
  })
  await stop(ecs, begun)
  expect((await ecs.service()).deployments).toMatchObject([
    {
      status: 'PRIMARY',
      rolloutState: 'IN_PROGRESS',
      rolloutStateReason: expect.stringContaining('rolling back'),
    },
    { status: 'ACTIVE', rolloutState: 'FAILED' },
    { status: 'ACTIVE', rolloutState: 'COMPLETED' },
  ])
  await ecs.advance('30s')
  const after = await newest(ecs)
  expect(after).toMatchObject({
    status: 'ROLLBACK_SUCCESSFUL',
    deploymentCircuitBreaker: { status: 'DISABLED' },
  })
  const { taskDefinition, deployments } = await ecs.service()
  expect(deployments).toMatchObject([{ rolloutState: 'COMPLETED', runningCount: 2 }])
  expect(taskDefinition).toMatch(/:1$/)
  expect(await taskDefinitionOf(ecs, after.rollback?.serviceRevisionArn)).toBe(taskDefinition)
})

test('an ABORT leaves things as they are: nothing more is started', async () => {
  await using ecs = await testEcs()
  const begun = await deploy(ecs, { maximumPercent: 150 })
  await ecs.advance('500ms')
  await stop(ecs, begun, 'ABORT')
  await ecs.advance('60s')
  expect(await newest(ecs)).toMatchObject({ status: 'STOPPED', stoppedAt: expect.any(Date) })
  expect((await ecs.service()).deployments).toMatchObject([
    { status: 'PRIMARY', rolloutState: 'FAILED', runningCount: 1 },
    { status: 'ACTIVE', rolloutState: 'COMPLETED', runningCount: 1 },
  ])
})

test('a first deployment that is stopped has nothing to go back to', async () => {
  await using ecs = await testEcs()
  await ecs.register()
  await ecs.serve()
  await stop(ecs, await newest(ecs))
  expect(await newest(ecs)).toMatchObject({
    status: 'ROLLBACK_FAILED',
    statusReason: 'No rollback candidate was found to run the rollback.',
  })
})

test('what has ended, or never was, cannot be stopped', async () => {
  await using ecs = await testEcs()
  const begun = await deploy(ecs, {})
  await ecs.advance('10s')
  await expect(stop(ecs, begun)).rejects.toMatchObject({ name: 'ConflictException' })
  const serviceDeploymentArn = `${begun.serviceDeploymentArn?.slice(0, -3)}xyz`
  await expect(stop(ecs, { serviceDeploymentArn })).rejects.toMatchObject({
    name: 'ServiceDeploymentNotFoundException',
  })
  await expect(stop(ecs, { serviceDeploymentArn: 'web' })).rejects.toMatchObject({
    name: 'InvalidParameterException',
  })
  const stopType = 'NOW' as 'ABORT'
  await expect(stop(ecs, begun, stopType)).rejects.toMatchObject({ name: 'InvalidParameterException' })
})

test('what is rolled back cannot be aborted', async () => {
  await using ecs = await testEcs()
  const begun = await deploy(ecs, {})
  await stop(ecs, begun)
  await expect(stop(ecs, begun, 'ABORT')).rejects.toMatchObject({ name: 'ConflictException' })
})

test('the list has pages, newest first, and filters by status and time', async () => {
  await using ecs = await testEcs()
  await deploy(ecs, {})
  await ecs.advance('1m')
  for (const _ of [1, 2, 3]) await ecs.client.updateService({ service: 'web', forceNewDeployment: true })
  const all = await history(ecs)
  const statuses = async (input: object) => {
    const { serviceDeployments = [] } = await ecs.client.listServiceDeployments({ service: 'web', ...input })
    return serviceDeployments.map(({ status }) => status)
  }
  expect(all.map(({ status }) => status)).toEqual([
    'IN_PROGRESS',
    'STOPPED',
    'STOPPED',
    'SUCCESSFUL',
    'SUCCESSFUL',
  ])
  expect(await statuses({ status: ['STOPPED', 'PENDING'] })).toEqual(['STOPPED', 'STOPPED'])
  const [, , , middle] = all
  expect(await statuses({ createdAt: { before: middle?.createdAt } })).toEqual(['SUCCESSFUL', 'SUCCESSFUL'])
  expect(await statuses({ createdAt: { after: new Date(Number(middle?.createdAt) + 1_000) } })).toHaveLength(
    3,
  )
  const page = await ecs.client.listServiceDeployments({ service: 'web', maxResults: 2 })
  const { nextToken } = page
  const next = await ecs.client.listServiceDeployments({ service: 'web', maxResults: 3, nextToken })
  const arns = [...(page.serviceDeployments ?? []), ...(next.serviceDeployments ?? [])]
  expect(arns.map((one) => one.serviceDeploymentArn)).toEqual(all.map((one) => one.serviceDeploymentArn))
  expect(next).not.toHaveProperty('nextToken')
})

test('the history is bounded, and forgets the revisions that nothing names', async () => {
  await using ecs = await testEcs()
  const begun = await deploy(ecs, {})
  const list = () => ecs.client.listServiceDeployments({ service: 'web', maxResults: 100 })
  for (let count = 0; count < 120; count++)
    await ecs.client.updateService({ service: 'web', forceNewDeployment: true })
  expect((await list()).serviceDeployments).toHaveLength(100)
  const serviceRevisionArns = [begun.targetServiceRevision?.arn ?? '']
  const { failures } = await ecs.client.describeServiceRevisions({ serviceRevisionArns })
  expect(failures).toEqual([{ arn: serviceRevisionArns[0], reason: 'MISSING' }])
  await ecs.advance('60s')
  expect(await newest(ecs)).toMatchObject({ status: 'SUCCESSFUL' })
})

test('a service that is deleted takes its deployments with it', async () => {
  await using ecs = await testEcs()
  const { serviceDeploymentArn = '' } = await deploy(ecs, {})
  await ecs.client.deleteService({ service: 'web', force: true })
  expect(await newest(ecs)).toMatchObject({ status: 'STOPPED' })
  await ecs.advance('60s')
  expect(await ecs.client.listServiceDeployments({ service: 'web' })).toMatchObject({
    serviceDeployments: [],
  })
  const { failures } = await ecs.client.describeServiceDeployments({
    serviceDeploymentArns: [serviceDeploymentArn],
  })
  expect(failures).toEqual([{ arn: serviceDeploymentArn, reason: 'MISSING' }])
})

test.each<[string, (ecs: TestEcs) => Promise<unknown>, string]>([
  [
    'no service of that name',
    ({ client }) => client.listServiceDeployments({ service: 'none' }),
    'ServiceNotFoundException',
  ],
  [
    'no such status',
    ({ client }) => client.listServiceDeployments({ service: 'web', status: ['DONE' as 'STOPPED'] }),
    'InvalidParameterException',
  ],
  [
    'too many a page',
    ({ client }) => client.listServiceDeployments({ service: 'web', maxResults: 101 }),
    'InvalidParameterException',
  ],
  [
    'no ARN',
    ({ client }) => client.describeServiceDeployments({ serviceDeploymentArns: [] }),
    'InvalidParameterException',
  ],
  [
    'too many ARNs',
    ({ client }) => client.describeServiceRevisions({ serviceRevisionArns: Array(21).fill('a') }),
    'InvalidParameterException',
  ],
  [
    "another thing's ARN",
    ({ client }) => client.describeServiceRevisions({ serviceRevisionArns: [`${PREFIX}:${SERVICE}/1`] }),
    'InvalidParameterException',
  ],
])('%s is refused as AWS refuses it', async (_, call, name) => {
  await using ecs = await testEcs()
  await ecs.register()
  await ecs.serve()
  await expect(call(ecs)).rejects.toMatchObject({ name })
})
