/** Tags of ECS resources, their limits, and the event that tells of their change. */
import { expect, test } from 'vitest'
import { listen } from '../listen.ts'
import { NETWORK, testEcs } from './harness.ts'

test('tags are added, changed and removed', async () => {
  await using ecs = await testEcs()
  await ecs.register()
  const { serviceArn: resourceArn } = await ecs.serve({ tags: [{ key: 'a', value: '1' }] })
  await ecs.client.tagResource({
    resourceArn,
    tags: [
      { key: 'a', value: '2' },
      { key: 'b', value: '' },
    ],
  })
  expect((await ecs.client.listTagsForResource({ resourceArn })).tags).toEqual([
    { key: 'a', value: '2' },
    { key: 'b', value: '' },
  ])
  await ecs.client.untagResource({ resourceArn, tagKeys: ['a', 'none'] })
  expect((await ecs.service()).tags).toEqual([{ key: 'b', value: '' }])
})

test.each<[string, { key: string; value: string }[]]>([
  ['a reserved prefix', [{ key: 'AWS:team', value: 'x' }]],
  ['an empty key', [{ key: '', value: 'x' }]],
  ['a long key', [{ key: 'k'.repeat(129), value: 'x' }]],
  ['a long value', [{ key: 'k', value: 'v'.repeat(257) }]],
  ['a letter that is not allowed', [{ key: 'k', value: 'a*' }]],
  [
    'the same key twice',
    [
      { key: 'k', value: '1' },
      { key: 'k', value: '2' },
    ],
  ],
  ['too many', Array.from({ length: 51 }, (_, n) => ({ key: `k${n}`, value: '' }))],
])('%s is refused', async (_, tags) => {
  await using ecs = await testEcs()
  const resourceArn = 'arn:aws:ecs:us-east-1:123456789012:cluster/default'
  await expect(ecs.client.tagResource({ resourceArn, tags })).rejects.toMatchObject({
    name: 'InvalidParameterException',
  })
  await expect(ecs.client.createCluster({ clusterName: 'new', tags })).rejects.toMatchObject({
    name: 'InvalidParameterException',
  })
})

test.each([
  ['cluster/none', 'ClusterNotFoundException'],
  ['service/default/none', 'ServiceNotFoundException'],
  ['task/default/none', 'ResourceNotFoundException'],
  ['web', 'InvalidParameterException'],
])('of %s there are no tags', async (name, error) => {
  await using ecs = await testEcs()
  const resourceArn = `arn:aws:ecs:us-east-1:123456789012:${name}`
  await expect(ecs.client.listTagsForResource({ resourceArn })).rejects.toMatchObject({ name: error })
})

test('each change is one event with all tags that there are then', async () => {
  await using ecs = await testEcs()
  const heard = await listen(ecs, 'aws.tag')
  await ecs.register()
  const { serviceArn: resourceArn = '' } = await ecs.serve({ tags: [{ key: 'track', value: 'semver:1.x' }] })
  await ecs.client.tagResource({ resourceArn, tags: [{ key: 'team', value: 'web' }] })
  await ecs.client.tagResource({ resourceArn, tags: [{ key: 'team', value: 'web' }] })
  await ecs.client.untagResource({ resourceArn, tagKeys: ['track'] })
  const common = { service: 'ecs', 'resource-type': 'service' }
  expect((await heard()).map(({ resources, detail }) => ({ resources, detail }))).toEqual(
    [
      { 'changed-tag-keys': ['track'], version: 1, tags: { track: 'semver:1.x' } },
      { 'changed-tag-keys': ['team'], version: 2, tags: { track: 'semver:1.x', team: 'web' } },
      { 'changed-tag-keys': ['track'], version: 3, tags: { team: 'web' } },
    ].map((detail) => ({ resources: [resourceArn], detail: { ...common, ...detail } })),
  )
})

test('a task that is tagged tells of it, one that is born with tags does not', async () => {
  await using ecs = await testEcs()
  const heard = await listen(ecs, 'aws.tag')
  await ecs.register()
  const { tasks = [] } = await ecs.client.runTask({
    taskDefinition: 'web',
    networkConfiguration: NETWORK,
    tags: [{ key: 'a', value: '1' }],
  })
  await ecs.client.tagResource({ resourceArn: tasks[0]?.taskArn, tags: [{ key: 'b', value: '2' }] })
  expect((await heard()).map(({ detail }) => detail)).toEqual([
    {
      'changed-tag-keys': ['b'],
      service: 'ecs',
      'resource-type': 'task',
      version: 1,
      tags: { a: '1', b: '2' },
    },
  ])
})

test("a service's tags reach its tasks when it propagates them", async () => {
  await using ecs = await testEcs()
  await ecs.register()
  await ecs.serve({ tags: [{ key: 'a', value: '1' }], propagateTags: 'SERVICE', enableECSManagedTags: true })
  await ecs.advance('10s')
  expect((await ecs.tasks())[0]?.tags).toEqual([
    { key: 'a', value: '1' },
    { key: 'aws:ecs:clusterName', value: 'default' },
    { key: 'aws:ecs:serviceName', value: 'web' },
  ])
})
