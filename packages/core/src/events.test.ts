import { expect, test } from 'vitest'
import {
  alarmStateChanged,
  deploymentStateChanged,
  imagePushed,
  reconcileDue,
  tagsChanged,
  taskStopped,
} from './events.ts'

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
  [
    'a replication',
    { 'action-type': 'REPLICATE', 'source-region': 'us-west-2', 'source-account': '123456789012' },
    { kind: 'image-pushed', repository: 'web', digest: 'sha256:ab', tag: '1.0.0' },
  ],
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
      { kind: 'reconcile-due' },
    )
  }
})

test('a schedule may name the place that is to be looked at', () => {
  expect(reconcileDue.parse({ place: 'eu' })).toEqual({ kind: 'reconcile-due', place: 'eu' })
  expect(reconcileDue.safeParse({}).success).toBe(false)
})

const TASK = 'arn:aws:ecs:us-east-1:123456789012:task/prod/c13b4cb40f1f4fe4a2971f76ae5a47ad'

function taskEvent(detail: object) {
  return {
    ...ENVELOPE,
    source: 'aws.ecs',
    'detail-type': 'ECS Task State Change',
    resources: [TASK],
    detail: {
      taskArn: TASK,
      clusterArn: 'arn:aws:ecs:us-east-1:123456789012:cluster/prod',
      group: 'service:web',
      startedBy: 'ecs-svc/1',
      lastStatus: 'STOPPED',
      desiredStatus: 'STOPPED',
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
      containers: [{ name: 'app', exitCode: 1, lastStatus: 'STOPPED' }],
      version: 6,
      ...detail,
    },
  }
}

const STOPPED = { kind: 'task-stopped', cluster: 'prod', service: 'web', taskArn: TASK }

test.each<[string, object, object]>([
  ['a crash', {}, { ...STOPPED, what: 'EssentialContainerExited: Essential container in task exited' }],
  ['a stop without a code', { stopCode: undefined, stoppedReason: undefined }, { ...STOPPED, what: '' }],
  [
    'a task that runs',
    { lastStatus: 'RUNNING' },
    { kind: 'ignored', reason: 'a task that is RUNNING has not stopped' },
  ],
  [
    'a task of its own',
    { group: 'family:web' },
    { kind: 'ignored', reason: 'the task\'s group "family:web" is no service' },
  ],
  [
    'a task without a group',
    { group: undefined },
    { kind: 'ignored', reason: 'the task\'s group "" is no service' },
  ],
])('ECS Task State Change: %s', (_, detail, expected) => {
  expect(taskStopped.parse(taskEvent(detail))).toEqual({ ...ORIGIN, ...expected })
})

test.each<[string, unknown]>([
  ['another source', { ...taskEvent({}), source: 'aws.ec2' }],
  ['no task', taskEvent({ taskArn: undefined })],
  ['no status', taskEvent({ lastStatus: undefined })],
  ['a cluster that is none', taskEvent({ clusterArn: 'prod' })],
  ['a service that cannot be', taskEvent({ group: 'service:a/b/c' })],
  ['null', null],
])('ECS Task State Change: %s is refused', (_, event) => {
  expect(taskStopped.safeParse(event).success).toBe(false)
})

const ALARM = 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:web-5xx'
const DIMENSIONS = {
  LoadBalancer: 'app/web/50dc6c495c0c9188',
  TargetGroup: 'targetgroup/web/943f017f100becff',
}

function alarmEvent(detail: object, state: object = {}) {
  return {
    ...ENVELOPE,
    source: 'aws.cloudwatch',
    'detail-type': 'CloudWatch Alarm State Change',
    resources: [ALARM],
    detail: {
      alarmName: 'web-5xx',
      configuration: {
        description: 'too many errors',
        metrics: [
          {
            id: 'm1',
            metricStat: {
              metric: {
                dimensions: DIMENSIONS,
                name: 'HTTPCode_Target_5XX_Count',
                namespace: 'AWS/ApplicationELB',
              },
              period: 60,
              stat: 'Sum',
            },
            returnData: true,
          },
        ],
      },
      previousState: { value: 'OK', reason: 'x', timestamp: '2019-10-01T13:56:40.987+0000' },
      state: {
        value: 'ALARM',
        reason: 'Threshold Crossed',
        reasonData: '{}',
        timestamp: '2019-10-02T17:04:40.989+0000',
        ...state,
      },
      ...detail,
    },
  }
}

const IN_ALARM = {
  ...ORIGIN,
  kind: 'alarm-state-changed',
  arn: ALARM,
  name: 'web-5xx',
  state: 'ALARM',
  at: Date.UTC(2019, 9, 2, 17, 4, 40, 989),
  reason: 'Threshold Crossed',
  metrics: [{ namespace: 'AWS/ApplicationELB', dimensions: DIMENSIONS }],
}

test.each<[string, unknown, object]>([
  ['a metric alarm', alarmEvent({}), IN_ALARM],
  [
    'a metric alarm with an expression',
    alarmEvent({
      configuration: {
        metrics: [
          { id: 'e1', expression: 'm1 / m2', label: 'share', returnData: true },
          { id: 'm1', metricStat: { metric: { namespace: 'My/App', name: 'x' }, period: 60, stat: 'Sum' } },
        ],
      },
    }),
    { ...IN_ALARM, metrics: [{ namespace: 'My/App', dimensions: {} }] },
  ],
  [
    'a composite alarm',
    alarmEvent(
      { configuration: { alarmRule: 'ALARM(a) OR ALARM(b)', actionsSuppressor: 'c' } },
      { actionsSuppressedBy: 'WaitPeriod' },
    ),
    { ...IN_ALARM, metrics: [], rule: 'ALARM(a) OR ALARM(b)', suppressedBy: 'WaitPeriod' },
  ],
  [
    'an alarm without a configuration',
    alarmEvent({ configuration: undefined }),
    { ...IN_ALARM, metrics: [] },
  ],
  ['a time with Z', alarmEvent({}, { timestamp: '2019-10-02T17:04:40.989Z' }), IN_ALARM],
])('CloudWatch Alarm State Change: %s', (_, event, expected) => {
  expect(alarmStateChanged.parse(event)).toEqual(expected)
})

test.each<[string, unknown, string]>([
  ['another source', { ...alarmEvent({}), source: 'aws.ecs' }, 'aws.cloudwatch'],
  ['no name', alarmEvent({ alarmName: undefined }), 'expected string'],
  ['a state that is none', alarmEvent({}, { value: 'ALERT' }), 'ALARM'],
  ['a time that is none', alarmEvent({}, { timestamp: 'now' }), 'detail.state.timestamp "now" is no time'],
  ['no alarm', { ...alarmEvent({}), resources: [] }, 'resources[0] is "", which is not the ARN of an alarm'],
  [
    'dimensions as a list',
    alarmEvent({ configuration: { metrics: [{ metricStat: { metric: { dimensions: [] } } }] } }),
    'expected record',
  ],
])('CloudWatch Alarm State Change: %s is refused', (_, event, sentence) => {
  const read = alarmStateChanged.safeParse(event)
  expect(read.error?.issues.map(({ message }) => message).join()).toContain(sentence)
})
