/** What discovery reads out of the messages of its queue. */
import { expect, test } from 'vitest'
import { discoveryEvent, seenTaskOf } from './events.ts'

const ARN = 'arn:aws:ecs:us-east-1:123456789012'
const CHANGED = { source: 'aws.ecs', 'detail-type': 'ECS Task State Change' }

const DETAIL = {
  taskArn: `${ARN}:task/prod/0a1b`,
  clusterArn: `${ARN}:cluster/prod`,
  group: 'service:web',
  version: 4,
  taskDefinitionArn: `${ARN}:task-definition/web:7`,
  desiredStatus: 'RUNNING',
  lastStatus: 'RUNNING',
  startedAt: '2026-01-01T00:00:01.500Z',
  attachments: [
    { type: 'ServiceConnect', details: [{ name: 'x', value: 'y' }] },
    {
      id: 'a',
      type: 'eni',
      status: 'ATTACHED',
      details: [
        { name: 'networkInterfaceId', value: 'eni-1' },
        { name: 'privateIPv4Address', value: '10.0.0.139' },
      ],
    },
  ],
  containers: [
    { name: 'app', networkInterfaces: [{ privateIpv4Address: '10.0.0.139', ipv6Address: '2001:db8::1' }] },
  ],
}

const TASK = {
  id: '0a1b',
  arn: DETAIL.taskArn,
  source: { cluster: 'prod', group: 'service:web' },
  version: 4,
  taskDefinitionArn: DETAIL.taskDefinitionArn,
  desired: 'RUNNING',
  last: 'RUNNING',
  health: 'UNKNOWN',
  interfaceId: 'eni-1',
  addresses: { private: '10.0.0.139', ipv6: '2001:db8::1' },
  ports: [],
  startedAt: Date.UTC(2026, 0, 1, 0, 0, 1, 500),
}

test('a task that changed is read with its addresses', () => {
  const event = { ...CHANGED, id: 'e', detail: { ...DETAIL, unknown: 1 } }
  expect(discoveryEvent.parse(event)).toMatchObject({ kind: 'task-changed', task: TASK })
})

test('DescribeTasks names some things otherwise', () => {
  const [, own] = DETAIL.attachments
  const task = {
    ...DETAIL,
    startedAt: new Date(Date.UTC(2026, 0, 1, 0, 0, 1, 500)),
    attachments: [{ ...own, type: 'ElasticNetworkInterface' }],
    healthStatus: 'HEALTHY',
    stopCode: undefined,
  }
  expect(seenTaskOf(task)).toEqual({ ...TASK, health: 'HEALTHY' })
  expect(seenTaskOf({ taskArn: 'x' })).toBeUndefined()
})

test('a task on a container instance is known by the ports of its host', () => {
  const networkBindings = [
    { bindIP: '0.0.0.0', containerPort: 8080, hostPort: 49_153, protocol: 'tcp' },
    { bindIP: '0.0.0.0', hostPort: 1 },
  ]
  const seen = seenTaskOf({
    ...DETAIL,
    group: 'family:worker',
    attachments: undefined,
    containerInstanceArn: `${ARN}:container-instance/prod/i1`,
    containers: [{ name: 'app', networkInterfaces: [], networkBindings }],
    desiredStatus: 'STOPPED',
  })
  expect(seen).toMatchObject({
    source: { cluster: 'prod', group: 'family:web' },
    addresses: {},
    ports: [{ container: 'app', port: 8080, hostPort: 49_153 }],
    containerInstanceArn: `${ARN}:container-instance/prod/i1`,
    desired: 'STOPPED',
  })
})

test('tags of an ECS service that changed name the source', () => {
  const changed = (service: string, type: string) => ({
    source: 'aws.tag',
    'detail-type': 'Tag Change on Resource',
    resources: [`${ARN}:service/prod/web`],
    detail: { 'changed-tag-keys': ['capstan:dns'], service, 'resource-type': type, tags: {} },
  })
  expect(discoveryEvent.parse(changed('ecs', 'service'))).toMatchObject({
    kind: 'source-changed',
    source: { cluster: 'prod', group: 'service:web' },
  })
  expect(discoveryEvent.parse(changed('ec2', 'instance'))).toMatchObject({
    kind: 'ignored',
    reason: 'ec2 instance is no ECS service',
  })
})

test("Capstan's own word says what to look at", () => {
  const detail = { cluster: 'prod', group: 'service:web', target: 'web.example.com' }
  const event = { source: 'capstan', 'detail-type': 'Capstan Look Again', detail }
  expect(discoveryEvent.parse(event)).toMatchObject({
    kind: 'look-again',
    source: { cluster: 'prod', group: 'service:web' },
    target: { kind: 'dns', name: 'web.example.com' },
  })
})

test.each<[string, object, object]>([
  [
    'its account and region',
    { account: '1', region: 'eu-west-1', place: 'x' },
    { account: '1', region: 'eu-west-1' },
  ],
  ['the place that it names', { place: 'eu' }, { place: 'eu' }],
  ['nothing', {}, { place: undefined }],
  ['no name', { place: 7 }, { place: undefined }],
])('an event is from where %s says', (_, said, from) => {
  const event = { ...CHANGED, detail: DETAIL, ...said }
  expect(discoveryEvent.parse(event)).toEqual({ kind: 'task-changed', task: TASK, from })
})

test('other events are ignored, and those of a wrong form refused with the path', () => {
  const other = { source: 'aws.ecs', 'detail-type': 'ECS Service Action' }
  expect(discoveryEvent.parse(other)).toMatchObject({ kind: 'ignored' })
  const { error } = discoveryEvent.safeParse({ ...CHANGED, detail: { ...DETAIL, version: 'x' } })
  expect(error?.issues.map(({ path }) => path.join('.'))).toEqual(['detail.version'])
})
