/** Task definitions, through the AWS SDK. */
import { expect, test } from 'vitest'
import { testEcs } from './harness.ts'

const ARN = 'arn:aws:ecs:us-east-1:123456789012:task-definition'

test('each registration is a new revision, found by family, revision or ARN', async () => {
  await using ecs = await testEcs()
  await ecs.register()
  expect(await ecs.register({ image: 'web:2' }, { tags: [{ key: 'a', value: 'b' }] })).toBe(`${ARN}/web:2`)
  const image = async (taskDefinition: string) => {
    const answer = await ecs.client.describeTaskDefinition({ taskDefinition })
    return answer.taskDefinition?.containerDefinitions?.[0]?.image
  }
  expect(await image('web')).toBe('web:2')
  expect(await image('web:1')).toBe('web:1')
  expect(await image(`${ARN}/web:1`)).toBe('web:1')
  const { tags } = await ecs.client.describeTaskDefinition({ taskDefinition: 'web', include: ['TAGS'] })
  expect(tags).toEqual([{ key: 'a', value: 'b' }])
})

test('what is registered comes back as it was, with the defaults of AWS', async () => {
  await using ecs = await testEcs()
  const healthCheck = { command: ['CMD-SHELL', 'true'], interval: 5 }
  const runtimePlatform = { cpuArchitecture: 'ARM64', operatingSystemFamily: 'LINUX' } as const
  await ecs.register({ healthCheck, stopTimeout: 120 }, { runtimePlatform })
  const { taskDefinition } = await ecs.client.describeTaskDefinition({ taskDefinition: 'web' })
  expect(taskDefinition).toMatchObject({
    status: 'ACTIVE',
    revision: 1,
    runtimePlatform,
    compatibilities: ['EC2', 'FARGATE'],
    registeredAt: new Date('2026-01-01T00:00:00Z'),
    registeredBy: 'arn:aws:iam::123456789012:root',
    containerDefinitions: [
      { essential: true, healthCheck, stopTimeout: 120, portMappings: [{ hostPort: 80, protocol: 'tcp' }] },
    ],
  })
})

test('a definition that is no longer active cannot be used, and its revision is never given again', async () => {
  await using ecs = await testEcs()
  const first = await ecs.register()
  await ecs.client.deregisterTaskDefinition({ taskDefinition: first })
  await expect(ecs.serve()).rejects.toMatchObject({
    name: 'ClientException',
    message: 'TaskDefinition not found.',
  })
  await expect(ecs.serve({ taskDefinition: first })).rejects.toThrow('TaskDefinition is inactive')
  const deleted = await ecs.client.deleteTaskDefinitions({ taskDefinitions: [first, 'none:1'] })
  expect(deleted.taskDefinitions?.[0]?.status).toBe('DELETE_IN_PROGRESS')
  expect(deleted.failures).toMatchObject([{ reason: 'MISSING' }])
  expect(await ecs.register()).toBe(`${ARN}/web:2`)
})

test('families and definitions are listed by status', async () => {
  await using ecs = await testEcs()
  for (const family of ['web', 'web', 'worker', 'old']) await ecs.register({}, { family })
  await ecs.client.deregisterTaskDefinition({ taskDefinition: 'old:1' })
  const list = async (input = {}) =>
    (await ecs.client.listTaskDefinitions(input)).taskDefinitionArns?.map((arn) => arn.split('/')[1])
  expect(await list()).toEqual(['web:1', 'web:2', 'worker:1'])
  expect(await list({ familyPrefix: 'web', sort: 'DESC' })).toEqual(['web:2', 'web:1'])
  expect(await list({ status: 'INACTIVE' })).toEqual(['old:1'])
  const families = async (input = {}) => (await ecs.client.listTaskDefinitionFamilies(input)).families
  expect(await families()).toEqual(['web', 'worker'])
  expect(await families({ status: 'ALL' })).toEqual(['old', 'web', 'worker'])
  expect(await families({ status: 'INACTIVE' })).toEqual(['old'])
})

test('who deregisters page by page, newest first, meets each definition once', async () => {
  await using ecs = await testEcs()
  for (let revision = 1; revision <= 11; revision++) await ecs.register()
  const met: (string | undefined)[] = []
  let nextToken: string | undefined
  do {
    const page = await ecs.client.listTaskDefinitions({ sort: 'DESC', maxResults: 3, nextToken })
    for (const taskDefinition of page.taskDefinitionArns ?? []) {
      await ecs.client.deregisterTaskDefinition({ taskDefinition })
      met.push(taskDefinition.split(':').at(-1))
    }
    nextToken = page.nextToken
  } while (nextToken)
  expect(met).toEqual(['11', '10', '9', '8', '7', '6', '5', '4', '3', '2', '1'])
})

test('a definition that is unknown cannot be described', async () => {
  await using ecs = await testEcs()
  await expect(ecs.client.describeTaskDefinition({ taskDefinition: 'none' })).rejects.toMatchObject({
    name: 'ClientException',
    message: 'Unable to describe task definition.',
  })
})

test('what is refused is not registered', async () => {
  await using ecs = await testEcs()
  await expect(ecs.register({}, { memory: '4096' })).rejects.toMatchObject({ name: 'ClientException' })
  expect((await ecs.client.listTaskDefinitions({ status: 'ACTIVE' })).taskDefinitionArns).toEqual([])
})
