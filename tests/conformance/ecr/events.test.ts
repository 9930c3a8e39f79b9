/** What EventBridge hears of ECR: a rule with a queue, as users have it. */
import { buildImage, buildIndex } from '@capstan/drydock/ecr/testing.ts'
import { expect, test } from 'vitest'
import { listen } from '../listen.ts'
import { testRegistry } from './harness.ts'

test('each push through the registry is one event, each deletion too', async () => {
  await using registry = await testRegistry('web')
  const heard = await listen(registry, 'aws.ecr')
  const child = buildImage()
  const index = buildIndex([child])
  await registry.push('web', index, 'v1')
  await registry.push('web', index, 'v1')
  await registry.client.batchDeleteImage({ repositoryName: 'web', imageIds: [{ imageTag: 'v1' }] })
  const common = {
    version: '0',
    'detail-type': 'ECR Image Action',
    source: 'aws.ecr',
    account: '123456789012',
    time: '2026-01-01T00:00:00Z',
    region: 'us-east-1',
    resources: [],
  }
  const detail = { result: 'SUCCESS', 'repository-name': 'web' }
  const ofIndex = {
    ...detail,
    'image-digest': index.digest,
    'image-tag': 'v1',
    'manifest-media-type': index.mediaType,
  }
  const events = [
    {
      ...common,
      detail: {
        ...detail,
        'action-type': 'PUSH',
        'image-digest': child.digest,
        'image-tag': '',
        'manifest-media-type': 'application/vnd.oci.image.manifest.v1+json',
        'artifact-media-type': 'application/vnd.oci.image.config.v1+json',
      },
    },
    { ...common, detail: { ...ofIndex, 'action-type': 'PUSH' } },
    { ...common, detail: { ...ofIndex, 'action-type': 'DELETE' } },
  ]
  expect(await heard()).toEqual(events.map((event) => ({ ...event, id: expect.any(String) })))
})

test('a change of resource tags is an event of the repository', async () => {
  await using registry = await testRegistry('web')
  const heard = await listen(registry, 'aws.tag')
  const resourceArn = 'arn:aws:ecr:us-east-1:123456789012:repository/web'
  await registry.client.tagResource({ resourceArn, tags: [{ Key: 'team', Value: 'a' }] })
  expect(await heard()).toMatchObject([
    {
      'detail-type': 'Tag Change on Resource',
      resources: [resourceArn],
      detail: {
        'changed-tag-keys': ['team'],
        service: 'ecr',
        'resource-type': 'repository',
        version: 1,
        tags: { team: 'a' },
      },
    },
  ])
})
