/** Rolling deployments as stories on the virtual clock, through the AWS SDK. */
import { ECR } from '@aws-sdk/client-ecr'
import type { Service } from '@aws-sdk/client-ecs'
import { expect, test } from 'vitest'
import { putImage } from '../../fixtures/image.ts'
import { messagesOf, type TestEcs, testEcs } from './harness.ts'

/** Each deployment in short: status, revision, desired/running/pending. */
const shortOf = ({ deployments = [] }: Service) =>
  deployments.map(
    (d) =>
      `${d.status} ${d.taskDefinition?.split(':').at(-1)} ${d.desiredCount}/${d.runningCount}/${d.pendingCount}`,
  )

/** A service of four tasks, steady on revision 1; revision 2 is registered. */
async function steadyService(
  ecs: TestEcs,
  minimumHealthyPercent: number,
  maximumPercent: number,
): Promise<void> {
  await ecs.register()
  await ecs.serve({ desiredCount: 4, deploymentConfiguration: { minimumHealthyPercent, maximumPercent } })
  await ecs.advance('10s')
  await ecs.register({ image: 'web:2' })
}

const deploy = (ecs: TestEcs, taskDefinition = 'web') =>
  ecs.client.updateService({ service: 'web', taskDefinition })

test('between 100 % and 200 % all new tasks start before an old one stops', async () => {
  await using ecs = await testEcs()
  await steadyService(ecs, 100, 200)
  await deploy(ecs)
  await ecs.advance('200ms')
  expect(shortOf(await ecs.service())).toEqual(['PRIMARY 2 4/0/4', 'ACTIVE 1 4/4/0'])
  await ecs.advance('1s')
  expect(shortOf(await ecs.service())).toEqual(['PRIMARY 2 4/4/0', 'ACTIVE 1 4/4/0'])
  await ecs.advance('10s')
  const service = await ecs.service()
  expect(shortOf(service)).toEqual(['PRIMARY 2 4/4/0'])
  expect(messagesOf(service).slice(3)).toEqual([
    '(service web) has started 4 tasks: (task) (task) (task) (task).',
    '(service web) has stopped 4 running tasks: (task) (task) (task) (task).',
    `(service web) (deployment ${service.deployments?.[0]?.id}) deployment completed.`,
    '(service web) has reached a steady state.',
  ])
})

test('between 50 % and 100 % half of the old ones make room first', async () => {
  await using ecs = await testEcs()
  await steadyService(ecs, 50, 100)
  await deploy(ecs)
  await ecs.advance('200ms')
  expect(shortOf(await ecs.service())).toEqual(['PRIMARY 2 4/0/2', 'ACTIVE 1 2/2/0'])
  await ecs.advance('20s')
  expect(shortOf(await ecs.service())).toEqual(['PRIMARY 2 4/4/0'])
})

test('stopped tasks say which deployment scaled them away', async () => {
  await using ecs = await testEcs()
  await steadyService(ecs, 100, 200)
  const before = (await ecs.service()).deployments?.[0]?.id
  await deploy(ecs)
  await ecs.advance('20s')
  const stopped = await ecs.tasks('STOPPED')
  expect(stopped).toHaveLength(4)
  for (const task of stopped) {
    expect(task).toMatchObject({
      stopCode: 'ServiceSchedulerInitiated',
      stoppedReason: `Scaling activity initiated by (deployment ${before})`,
      startedBy: before,
    })
  }
})

test('a deployment that cannot start leaves the old one alone, counts its failures and backs off', async () => {
  await using ecs = await testEcs()
  await steadyService(ecs, 100, 200)
  await ecs.register({ environment: [{ name: 'DRYDOCK_START_ERROR', value: 'exec format error' }] })
  await deploy(ecs)
  await ecs.advance('60s')
  const service = await ecs.service()
  expect(service.deployments).toMatchObject([
    { status: 'PRIMARY', rolloutState: 'IN_PROGRESS', runningCount: 0 },
    { status: 'ACTIVE', desiredCount: 4, runningCount: 4 },
  ])
  const failed = service.deployments?.[0]?.failedTasks ?? 0
  expect(failed).toBeGreaterThanOrEqual(12)
  expect(messagesOf(service)).toContain('(service web) is unable to consistently start tasks successfully.')
  await ecs.advance('60s')
  expect((await ecs.service()).deployments?.[0]?.failedTasks).toBeLessThan(2 * failed)
})

test('a newer deployment takes over from one that is stuck', async () => {
  await using ecs = await testEcs()
  await steadyService(ecs, 100, 200)
  await ecs.register({ environment: [{ name: 'DRYDOCK_START_ERROR', value: 'no' }] })
  await deploy(ecs)
  await ecs.advance('30s')
  await deploy(ecs, 'web:2')
  await ecs.advance('30s')
  expect(shortOf(await ecs.service())).toEqual(['PRIMARY 2 4/4/0'])
})

test('an old task that dies during a stuck deployment is replaced by its own revision', async () => {
  await using ecs = await testEcs()
  await steadyService(ecs, 100, 200)
  await ecs.register({ environment: [{ name: 'DRYDOCK_START_ERROR', value: 'no' }] })
  await deploy(ecs)
  await ecs.advance('10s')
  const [running] = await ecs.tasks()
  await ecs.client.stopTask({ task: running?.taskArn })
  await ecs.advance('10s')
  expect((await ecs.service()).deployments?.[1]).toMatchObject({ status: 'ACTIVE', runningCount: 4 })
})

test('a service is scaled out and in without a new deployment', async () => {
  await using ecs = await testEcs()
  await steadyService(ecs, 100, 200)
  for (const desiredCount of [7, 2, 0]) {
    await ecs.client.updateService({ service: 'web', desiredCount })
    await ecs.advance('10s')
    const service = await ecs.service()
    expect(shortOf(service)).toEqual([`PRIMARY 1 ${desiredCount}/${desiredCount}/0`])
    expect(messagesOf(service).at(-1)).toBe('(service web) has reached a steady state.')
  }
})

test('more tasks of a new definition are not more tasks of the old one', async () => {
  await using ecs = await testEcs()
  await steadyService(ecs, 100, 200)
  await ecs.client.updateService({ service: 'web', taskDefinition: 'web', desiredCount: 6 })
  await ecs.advance('200ms')
  expect(shortOf(await ecs.service())).toEqual(['PRIMARY 2 6/0/6', 'ACTIVE 1 4/4/0'])
  await ecs.advance('10s')
  expect(shortOf(await ecs.service())).toEqual(['PRIMARY 2 6/6/0'])
})

test('a task that exits is replaced', async () => {
  await using ecs = await testEcs()
  await steadyService(ecs, 100, 200)
  const [task] = await ecs.tasks()
  await ecs.client.stopTask({ task: task?.taskArn })
  await ecs.advance('10s')
  expect(shortOf(await ecs.service())).toEqual(['PRIMARY 1 4/4/0'])
  expect((await ecs.tasks()).map(({ taskArn }) => taskArn)).not.toContain(task?.taskArn)
})

test('percentages that leave no step are reported once', async () => {
  await using ecs = await testEcs()
  await ecs.register()
  await ecs.serve({
    desiredCount: 1,
    deploymentConfiguration: { minimumHealthyPercent: 100, maximumPercent: 150 },
  })
  await ecs.advance('10s')
  await ecs.client.updateService({ service: 'web', forceNewDeployment: true })
  await ecs.advance('1h')
  const service = await ecs.service()
  expect(shortOf(service)).toEqual(['PRIMARY 1 1/0/0', 'ACTIVE 1 1/1/0'])
  expect(
    messagesOf(service).filter((message) => message.includes('was unable to stop or start')),
  ).toHaveLength(1)
})

test('without version consistency each task runs what the tag is when it starts', async () => {
  await using ecs = await testEcs()
  const ecr = new ECR(ecs.drydock.config)
  await ecr.createRepository({ repositoryName: 'web' })
  const first = await putImage(ecr, 'web', 'main', { content: 'first' })
  const image = '123456789012.dkr.ecr.us-east-1.amazonaws.com/web:main'
  await ecs.register({ image, versionConsistency: 'disabled' })
  await ecs.serve({ desiredCount: 1 })
  await ecs.advance('10s')
  const second = await putImage(ecr, 'web', 'main', { content: 'second' })
  await ecs.client.updateService({ service: 'web', desiredCount: 2 })
  await ecs.advance('10s')
  const digests = (await ecs.tasks()).map(({ containers }) => containers?.[0]?.imageDigest)
  expect(new Set(digests)).toEqual(new Set([first, second]))
})

test('a tag that comes late is resolved by the first task that has it', async () => {
  await using ecs = await testEcs()
  const ecr = new ECR(ecs.drydock.config)
  await ecr.createRepository({ repositoryName: 'web' })
  await ecs.register({ image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/web:main' })
  await ecs.serve({ desiredCount: 1 })
  await ecs.advance('2s')
  const first = await putImage(ecr, 'web', 'main', { content: 'first' })
  await ecs.advance('20s')
  await putImage(ecr, 'web', 'main', { content: 'second' })
  await ecs.client.updateService({ service: 'web', desiredCount: 2 })
  await ecs.advance('10s')
  const tasks = await ecs.tasks()
  expect(tasks.map(({ containers }) => containers?.[0]?.imageDigest)).toEqual([first, first])
})

test('all tasks of a deployment run the digest that its tag had at its start', async () => {
  await using ecs = await testEcs()
  const ecr = new ECR(ecs.drydock.config)
  await ecr.createRepository({ repositoryName: 'web' })
  const first = await putImage(ecr, 'web', 'main', { content: 'first' })
  await ecs.register({ image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/web:main' })
  await ecs.serve({ desiredCount: 1 })
  await ecs.advance('10s')
  const second = await putImage(ecr, 'web', 'main', { content: 'second' })
  await ecs.client.updateService({ service: 'web', desiredCount: 2 })
  await ecs.advance('10s')
  const digests = async () => (await ecs.tasks()).map(({ containers }) => containers?.[0]?.imageDigest)
  expect(await digests()).toEqual([first, first])
  await ecs.client.updateService({ service: 'web', forceNewDeployment: true })
  await ecs.advance('20s')
  expect(await digests()).toEqual([second, second])
})
