/** Values that no SDK would let through: sent as they are, refused as AWS refuses them, and nothing breaks. */
import { expect, test } from 'vitest'
import { NETWORK, testEcs } from './harness.ts'

const service = { serviceName: 'web', taskDefinition: 'web', desiredCount: 1, networkConfiguration: NETWORK }

test.each<[string, object]>([
  ['CreateService', { ...service, launchType: 'MOON' }],
  ['CreateService', { ...service, propagateTags: 'ALL' }],
  ['CreateService', { ...service, schedulingStrategy: 'GLOBAL' }],
  ['RunTask', { taskDefinition: 'web', networkConfiguration: NETWORK, propagateTags: 'constructor' }],
  ['ListTasks', { desiredStatus: 'GONE' }],
  ['ListServices', { launchType: 'MOON' }],
  ['ListTaskDefinitions', { status: 'ANY' }],
  ['ListTaskDefinitions', { sort: 'UP' }],
  ['RegisterTaskDefinition', { family: 'x', networkMode: 'tunnel', containerDefinitions: [] }],
  ['DescribeServices', { services: ['web'], include: ['ALL'] }],
  ['DescribeTasks', { tasks: ['web'], include: ['ALL'] }],
  ['DescribeClusters', { include: ['ALL'] }],
  ['DescribeTaskDefinition', { taskDefinition: 'web', include: ['ALL'] }],
  ['PutAccountSetting', { name: 'constructor', value: 'on' }],
])('%s refuses %j', async (operation, input) => {
  await using ecs = await testEcs()
  await ecs.register()
  const response = await fetch(ecs.drydock.endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AmazonEC2ContainerServiceV20141113.${operation}`,
    },
    body: JSON.stringify(input),
  })
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({
    __type: expect.stringContaining('InvalidParameterException'),
  })
})

test('names that every object inherits are names like others', async () => {
  await using ecs = await testEcs()
  const { failures } = await ecs.client.describeClusters({ clusters: ['constructor', '__proto__'] })
  expect(failures).toHaveLength(2)
  await ecs.register(
    { name: 'constructor' },
    { family: 'toString', tags: [{ key: '__proto__', value: 'x' }] },
  )
  await ecs.serve({ serviceName: 'valueOf', taskDefinition: 'toString' })
  await ecs.advance('10s')
  expect(await ecs.service('valueOf')).toMatchObject({ runningCount: 2 })
  expect((await ecs.tasks())[0]?.containers?.[0]).not.toHaveProperty('imageDigest')
  const { tags } = await ecs.client.describeTaskDefinition({ taskDefinition: 'toString', include: ['TAGS'] })
  expect(tags).toEqual([{ key: '__proto__', value: 'x' }])
})
