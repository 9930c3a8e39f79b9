import { expect, test } from 'vitest'
import { deploymentStateChanged, imagePushed, reconcileDue, tagsChanged } from './events.ts'

const ENVELOPE = {
  version: '0',
  id: 'e-1',
  account: '123456789012',
  time: '2026-01-01T00:00:00Z',
  region: 'us-east-1',
  resources: [] as string[],
}
const ORIGIN = { id: 'e-1', account: '123456789012', region: 'us-east-1' }
const SERVICE = 'arn:aws:ecs:us-east-1:123456789012:service/prod/web'

function push(detail: object) {
  return {
    ...ENVELOPE,
    source: 'aws.ecr',
    'detail-type': 'ECR Image Action',
    detail: {
      result: 'SUCCESS',
      'repository-name': 'web',
      'image-digest': 'sha256:ab',
      'action-type': 'PUSH',
      'image-tag': '1.0.0',
      ...detail,
    },
  }
}

test.each<[string, object, object]>([
  ['a push', {}, { kind: 'image-pushed', repository: 'web', digest: 'sha256:ab', tag: '1.0.0' }],
  ['an untagged push', { 'image-tag': '' }, { kind: 'image-pushed', repository: 'web', digest: 'sha256:ab' }],
  [
    'a push without the key',
    { 'image-tag': undefined },
    { kind: 'image-pushed', repository: 'web', digest: 'sha256:ab' },
  ],
  [
    'unknown properties',
    { 'manifest-media-type': 'x', new: 1 },
    { kind: 'image-pushed', repository: 'web', digest: 'sha256:ab', tag: '1.0.0' },
  ],
  ['a deletion', { 'action-type': 'DELETE' }, { kind: 'ignored', reason: 'DELETE SUCCESS brings no image' }],
  ['a failed push', { result: 'FAILURE' }, { kind: 'ignored', reason: 'PUSH FAILURE brings no image' }],
  [
    'an archiving',
    { 'action-type': 'UPDATE_STORAGE_CLASS', 'image-tag': undefined },
    { kind: 'ignored', reason: 'UPDATE_STORAGE_CLASS SUCCESS brings no image' },
  ],
])('ECR Image Action: %s', (_, detail, expected) => {
  expect(imagePushed.parse(push(detail))).toEqual({ ...ORIGIN, ...expected })
})

test.each<[string, unknown]>([
  ['another type', { ...push({}), 'detail-type': 'ECR Scan' }],
  ['another source', { ...push({}), source: 'aws.ecs' }],
  ['no repository', push({ 'repository-name': undefined })],
  ['an empty digest', push({ 'image-digest': '' })],
  ['a number for a tag', push({ 'image-tag': 7 })],
  ['null', null],
  ['text', 'x'],
])('ECR Image Action: %s is refused', (_, event) => {
  expect(imagePushed.safeParse(event).success).toBe(false)
})

function deploymentEvent(arn: string) {
  const detail = {
    eventType: 'INFO',
    eventName: 'SERVICE_DEPLOYMENT_COMPLETED',
    deploymentId: 'ecs-svc/1',
    updatedAt: 'x',
    reason: 'y',
  }
  return {
    ...ENVELOPE,
    source: 'aws.ecs',
    'detail-type': 'ECS Deployment State Change',
    resources: [arn],
    detail,
  }
}

test('ECS Deployment State Change names the service by its resource', () => {
  expect(deploymentStateChanged.parse(deploymentEvent(SERVICE))).toEqual({
    ...ORIGIN,
    kind: 'deployment-state-changed',
    cluster: 'prod',
    service: 'web',
    what: 'SERVICE_DEPLOYMENT_COMPLETED',
  })
})

test('an event about no service is refused with the reason', () => {
  const read = deploymentStateChanged.safeParse(deploymentEvent('arn:aws:ecs:us-east-1:1:task/prod/abc'))
  expect(read.error?.issues[0]?.message).toContain('is not the ARN of an ECS service')
  expect(deploymentStateChanged.safeParse({ ...deploymentEvent(SERVICE), resources: [] }).success).toBe(false)
})

test.each<[string, object, object]>([
  ['an ECS service', {}, { kind: 'tags-changed', cluster: 'prod', service: 'web', what: 'capstan:track' }],
  [
    'a task definition',
    { 'resource-type': 'task-definition' },
    { kind: 'ignored', reason: 'ecs task-definition is no ECS service' },
  ],
  ['an instance', { service: 'ec2', 'resource-type': 'instance' }, { kind: 'ignored' }],
])('Tag Change on Resource: %s', (_, overrides, expected) => {
  const detail = {
    'changed-tag-keys': ['capstan:track'],
    service: 'ecs',
    'resource-type': 'service',
    version: 3.0,
    tags: {},
    ...overrides,
  }
  const event = {
    ...ENVELOPE,
    source: 'aws.tag',
    'detail-type': 'Tag Change on Resource',
    resources: [SERVICE],
    detail,
  }
  expect(tagsChanged.parse(event)).toMatchObject({ ...ORIGIN, ...expected })
})

test('a scheduled event is a call to reconcile, of whatever source', () => {
  for (const source of ['aws.events', 'aws.scheduler']) {
    expect(reconcileDue.parse({ ...ENVELOPE, source, 'detail-type': 'Scheduled Event', detail: {} })).toEqual(
      { kind: 'reconcile-due', id: 'e-1' },
    )
  }
})
