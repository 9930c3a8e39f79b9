/** What goes wrong around Capstan: strangers, bad settings, bad events, bad images, vanished services. */

import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import {
  DeleteServiceCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs'
import { DeleteCommand, DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb'
import { expect, test, vi } from 'vitest'
import { Fleet } from './fleet.ts'

const WEB_ARN = 'arn:aws:ecs:us-east-1:123456789012:service/default/web'

/** Someone else deploys `image` to the service `web`. */
async function deployByHand(fleet: Fleet, image: string): Promise<void> {
  const taskDefinition = await fleet.registerTaskDefinition('web', [{ image }])
  await fleet.ecs.send(new UpdateServiceCommand({ service: 'web', taskDefinition }))
}

test("someone else's change is respected until something newer is pushed", async () => {
  await using fleet = await Fleet.withWeb()
  await fleet.push('web', '1.1.0')
  await fleet.settle()
  await deployByHand(fleet, `${fleet.uri}:1.0.0`)
  await fleet.settle()
  expect((await fleet.serviceNow('web')).images).toEqual({ app: `${fleet.uri}:1.0.0` })
  const held = await fleet.story('web')
  expect(held.record?.hold).toMatchObject({ reason: 'foreign-change' })
  expect(held.reasons).toContain('hold foreign-change')
  expect(held.states).toEqual(['completed'])

  const digest = await fleet.push('web', '1.2.0')
  await fleet.settle()
  expect((await fleet.serviceNow('web')).images).toEqual({ app: `${fleet.uri}@${digest}` })
  const after = await fleet.story('web')
  expect(after.record).not.toHaveProperty('hold')
  expect(after.states).toEqual(['completed', 'completed'])
})

test('a change by someone else that leaves the images alone is built upon', async () => {
  await using fleet = await Fleet.withWeb()
  const taskDefinition = await fleet.registerTaskDefinition('web', [
    { image: `${fleet.uri}:1.0.0`, environment: { COLOUR: 'blue' } },
  ])
  await fleet.ecs.send(new UpdateServiceCommand({ service: 'web', taskDefinition }))
  await fleet.settle()
  const digest = await fleet.push('web', '1.1.0')
  await fleet.settle()
  expect(await fleet.serviceNow('web')).toMatchObject({
    images: { app: `${fleet.uri}@${digest}` },
    revision: 3,
  })
  expect(await fleet.environmentOf('web')).toEqual({ COLOUR: 'blue' })
})

test('a policy that does not parse is reported on its service, and the others go on', async () => {
  await using fleet = await Fleet.withWeb()
  const image = `${fleet.uri}:1.0.0`
  await fleet.createService('bad', { tags: { 'capstan:track': 'semvr:1.x' }, containers: [{ image }] })
  await fleet.settle()
  const digest = await fleet.push('web', '1.1.0')
  await fleet.settle()
  expect((await fleet.serviceNow('web')).images).toEqual({ app: `${fleet.uri}@${digest}` })
  expect((await fleet.serviceNow('bad')).images).toEqual({ app: image })
  const { record, reasons, decisions } = await fleet.story('bad')
  expect(record?.problems).toEqual([expect.stringContaining('capstan:track')])
  expect(reasons).toContain('skip invalid-settings')
  expect(decisions.at(-1)?.sentence).toContain('semver')
  expect(await fleet.deadLetters()).toEqual([])
})

test('a corrected tag is taken over at once', async () => {
  await using fleet = await Fleet.withWeb()
  await fleet.createService('bad', {
    tags: { 'capstan:track': 'semvr:1.x' },
    containers: [{ image: `${fleet.uri}:1.0.0` }],
  })
  const digest = await fleet.push('web', '1.1.0')
  await fleet.settle()
  const tags = [{ key: 'capstan:track', value: 'semver:1.x' }]
  const resourceArn = WEB_ARN.replace('/web', '/bad')
  await fleet.ecs.send(new TagResourceCommand({ resourceArn, tags }))
  await fleet.deliverEvents(['tags-changed'])
  expect((await fleet.serviceNow('bad')).images).toEqual({ app: `${fleet.uri}@${digest}` })
  expect((await fleet.story('bad')).record?.problems).toEqual([])
})

test('a service whose tags are removed is left alone from then on', async () => {
  await using fleet = await Fleet.withWeb()
  await fleet.ecs.send(new UntagResourceCommand({ resourceArn: WEB_ARN, tagKeys: ['capstan:track'] }))
  await fleet.push('web', '1.1.0')
  await fleet.settle()
  expect((await fleet.serviceNow('web')).images).toEqual({ app: `${fleet.uri}:1.0.0` })
  const { record, reasons } = await fleet.story('web')
  expect(record?.repositories).toEqual([])
  expect(reasons.at(-1)).toBe('skip not-enrolled')
})

test.each([
  ['no detail', { source: 'aws.ecr', 'detail-type': 'ECR Image Action' }, 'detail'],
  ['a number for a repository', { detail: { 'repository-name': 7 } }, 'repository-name'],
  ['text', 'not an event', 'expected object'],
])(
  'a malformed event (%s) is kept with its reason, reported once, and not tried again',
  async (_, event, why) => {
    await using fleet = await Fleet.withWeb()
    const reported = vi.spyOn(console, 'error').mockImplementation(() => {})
    await fleet.wake('image-pushed', event)
    expect(await fleet.deadLetters()).toEqual([
      { event, code: 'INVALID_EVENT', reason: expect.stringContaining(why), function: 'capstan-door' },
    ])
    const issues = reported.mock.calls.filter(([first]) => first instanceof Error)
    expect(issues).toEqual([[expect.objectContaining({ name: 'InvalidEvent', code: 'INVALID_EVENT' })]])
    reported.mockRestore()
  },
)

test('an event about a service that is gone does nothing', async () => {
  await using fleet = await Fleet.withWeb()
  await fleet.wake('deployment-state-changed', {
    id: '1',
    account: '123456789012',
    region: 'us-east-1',
    time: '2026-01-01T00:00:00Z',
    source: 'aws.ecs',
    'detail-type': 'ECS Deployment State Change',
    resources: [WEB_ARN.replace('/web', '/gone')],
    detail: { eventName: 'SERVICE_DEPLOYMENT_COMPLETED', deploymentId: 'ecs-svc/1' },
  })
  expect(await fleet.deadLetters()).toEqual([])
})

test('an image that cannot start stays under way, and the next one overtakes it', async () => {
  await using fleet = await Fleet.withWeb()
  await fleet.push('web', '1.1.0', { isBroken: true })
  await fleet.settle()
  expect(await fleet.serviceNow('web')).toMatchObject({ rolloutState: 'IN_PROGRESS', deployments: 2 })
  expect((await fleet.story('web')).states).toEqual(['started'])
  const digest = await fleet.push('web', '1.1.1')
  await fleet.settle()
  expect(await fleet.serviceNow('web')).toMatchObject({
    images: { app: `${fleet.uri}@${digest}` },
    rolloutState: 'COMPLETED',
    deployments: 1,
  })
  expect((await fleet.story('web')).states).toEqual(['superseded', 'completed'])
})

test('what ECS rejects for good is written down as failed and kept; it stops no other and is not tried again', async () => {
  await using fleet = await Fleet.withWeb()
  // A task definition may have 50 tags; a revision by Capstan needs room for two more.
  const tags = Object.fromEntries(Array.from({ length: 49 }, (_, index) => [`tag-${index}`, 'x']))
  const taskDefinition = await fleet.registerTaskDefinition('web', [{ image: `${fleet.uri}:1.0.0` }], tags)
  await fleet.ecs.send(new UpdateServiceCommand({ service: 'web', taskDefinition }))
  await fleet.settle()
  await fleet.createService('other', {
    tags: { 'capstan:track': 'semver:1.x' },
    containers: [{ image: `${fleet.uri}:1.0.0` }],
  })
  await fleet.settle()
  const reported = vi.spyOn(console, 'error').mockImplementation(() => {})
  const digest = await fleet.push('web', '1.1.0')
  await fleet.settle()
  reported.mockRestore()
  expect((await fleet.serviceNow('web')).images).toEqual({ app: `${fleet.uri}:1.0.0` })
  const { deployments, record, reasons } = await fleet.story('web')
  expect(deployments).toMatchObject([
    { state: 'failed', note: expect.stringContaining('RegisterTaskDefinition') },
  ])
  expect(record).not.toHaveProperty('inFlight')
  expect(Object.keys(record?.quarantine ?? {})).toEqual([digest])
  expect(reasons.at(-1)).toBe('skip quarantined')
  expect(await fleet.deadLetters()).toMatchObject([{ code: 'INVALID_REQUEST', event: { source: 'aws.ecr' } }])
})

test('the record of a deleted service is removed, its history stays', async () => {
  await using fleet = await Fleet.withWeb()
  await fleet.push('web', '1.1.0')
  await fleet.settle()
  await fleet.ecs.send(new DeleteServiceCommand({ service: 'web', force: true }))
  await fleet.sweep()
  const { record, states } = await fleet.story('web')
  expect(record).toBeUndefined()
  expect(states).toEqual(['completed'])
})

test('a service deleted and created anew before anyone looked is begun with afresh', async () => {
  await using fleet = await Fleet.withWeb()
  await fleet.push('web', '1.1.0')
  await fleet.deliverEvents()
  await fleet.ecs.send(new DeleteServiceCommand({ service: 'web', force: true }))
  await fleet.advance('30s')
  await fleet.createService('web', {
    tags: { 'capstan:track': 'semver:1.x' },
    containers: [{ image: `${fleet.uri}:1.0.0` }],
  })
  const digest = await fleet.push('web', '1.2.0')
  await fleet.settle()
  await fleet.settle()
  expect(await fleet.serviceNow('web')).toMatchObject({
    images: { app: `${fleet.uri}@${digest}` },
    rolloutState: 'COMPLETED',
  })
  const { states, reasons } = await fleet.story('web')
  expect(states).toEqual(['superseded', 'completed'])
  expect(reasons).toContain('adopt created-anew')
  expect(reasons).not.toContain('hold foreign-change')
})

test("a service's damaged record is told with what to do, and hinders no other service", async () => {
  await using fleet = await Fleet.withWeb()
  const ledger = DynamoDBDocumentClient.from(new DynamoDBClient(fleet.engine.config))
  const Item = { pk: 'SERVICE', sk: 'default/other', cluster: 'default', service: 'other', version: 'seven' }
  await ledger.send(new PutCommand({ TableName: 'capstan-ledger', Item }))
  const digest = await fleet.push('web', '1.1.0')
  await fleet.deliverEvents()
  await fleet.advance('60s')
  const reported = vi.spyOn(console, 'error').mockImplementation(() => {})
  await fleet.sweep()
  const [failure] = reported.mock.calls.flat().filter((each) => each instanceof Error)
  reported.mockRestore()
  expect(failure).toMatchObject({
    code: 'INVALID_CONFIG',
    message: expect.stringMatching(/row SERVICE default\/other .*version: .* correct or delete it\.$/),
  })
  expect((await fleet.serviceNow('web')).images).toEqual({ app: `${fleet.uri}@${digest}` })
  expect((await fleet.story('web')).states).toEqual(['completed'])
  expect(await fleet.deadLetters()).toEqual([])
})

test('a deployment whose row was deleted meanwhile is recorded all the same', async () => {
  await using fleet = await Fleet.withWeb()
  await fleet.push('web', '1.1.0')
  await fleet.deliverEvents(['image-pushed'])
  const [begun] = (await fleet.story('web')).deployments
  const ledger = DynamoDBDocumentClient.from(new DynamoDBClient(fleet.engine.config))
  const Key = { pk: 'DEPLOYMENT#default/web', sk: begun?.id }
  await ledger.send(new DeleteCommand({ TableName: 'capstan-ledger', Key }))
  await fleet.settle()
  const { deployments, record } = await fleet.story('web')
  expect(deployments).toMatchObject([{ id: begun?.id, state: 'completed', reason: 'unknown' }])
  expect(record).not.toHaveProperty('inFlight')
})
