/** Rollbacks in trouble themselves: in flight, interrupted between effects, throttled, without what they need. */
import { BatchDeleteImageCommand } from '@aws-sdk/client-ecr'
import { DeregisterTaskDefinitionCommand } from '@aws-sdk/client-ecs'
import { decideDelivery } from '@capstan/core/delivery.ts'
import { expect, test, vi } from 'vitest'
import { about, type Guarded, guardedWeb, listen, putAlarm, setAlarm } from './guarded.ts'
import { throttlingProxy } from './throttling-proxy.ts'

/** Deploys 1.1.0 until ECS has completed it, and lets the service's alarm ring; its event is not handed over. */
async function turnBad(fleet: Guarded): Promise<string> {
  await putAlarm(fleet, 'web-errors', about('web'))
  const bad = await fleet.push('web', '1.1.0')
  await fleet.deliverEvents()
  await fleet.advance('20s')
  await fleet.deliverEvents()
  await setAlarm(fleet, 'web-errors', 'ALARM')
  return bad
}

/** Plays on until everything has had time to end, with the alarm over as soon as the service is back. */
async function recover(fleet: Guarded): Promise<void> {
  await fleet.settle()
  await setAlarm(fleet, 'web-errors', 'OK')
  await fleet.settle()
}

async function expectOneRollback(fleet: Guarded, bad: string, image = `${fleet.uri}:1.0.0`): Promise<void> {
  const { deployments, record } = await fleet.story('web')
  expect(deployments.filter(({ reason }) => reason === 'alarm')).toMatchObject([{ state: 'completed' }])
  expect(await fleet.serviceNow('web')).toMatchObject({
    images: { app: image },
    rolloutState: 'COMPLETED',
    deployments: 1,
  })
  expect(Object.keys(record?.quarantine ?? {})).toEqual([bad])
  expect(record?.hold).toMatchObject({ reason: 'rolled-back' })
  expect(record).not.toHaveProperty('inFlight')
  expect(record).not.toHaveProperty('trouble')
  expect(fleet.engine.faults).toEqual([])
}

test('an alarm while ECS still rolls out stops that deployment, and nothing is registered', async () => {
  await using fleet = await guardedWeb()
  await putAlarm(fleet, 'web-errors', about('web'))
  const bad = await fleet.push('web', '1.1.0')
  await fleet.deliverEvents()
  await fleet.advance('1s')
  await fleet.deliverEvents()
  expect(await fleet.serviceNow('web')).toMatchObject({ rolloutState: 'IN_PROGRESS' })
  await setAlarm(fleet, 'web-errors', 'ALARM')
  await fleet.deliverEvents(['alarm-state-changed'])
  expect((await fleet.story('web')).record?.inFlight?.rollback).toMatchObject({ how: 'stop' })
  await recover(fleet)
  await expectOneRollback(fleet, bad)
  expect(await fleet.serviceNow('web')).toMatchObject({ revision: 1 })
})

test.each([0, 1, 2, 3])('ended after %i effects of a rollback, the sweeps finish it, once', async (count) => {
  await using fleet = await guardedWeb()
  const own = await listen(fleet)
  const bad = await turnBad(fleet)
  await fleet.takeEvents('alarm-state-changed')
  const done = await fleet.dieAfter(count)
  expect(done).toEqual(['pass-written', 'service-updated', 'events-sent'].slice(0, count))
  await recover(fleet)
  await expectOneRollback(fleet, bad)
  expect((await own.types()).filter((type) => type === 'Capstan Deployment Rolled Back')).toHaveLength(1)
})

test.each(['UpdateService', 'DescribeAlarms', 'PutEvents'])(
  'where %s is throttled, Lambda is left to try again, and it is rolled back once',
  async (operation) => {
    await using fleet = await guardedWeb()
    await using proxy = await throttlingProxy(fleet.engine.endpoint)
    vi.stubEnv('AWS_ENDPOINT_URL', proxy.endpoint)
    fleet.coldStart()
    const bad = await turnBad(fleet)
    const [event] = (await fleet.takeEvents('alarm-state-changed')).slice(-1)
    proxy.refused = operation
    const woken = fleet.wake('alarm-state-changed', event)
    await expect(woken).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    proxy.refused = ''
    await fleet.advance('60s')
    await fleet.wake('alarm-state-changed', event)
    await recover(fleet)
    await expectOneRollback(fleet, bad)
  },
)

test('a good task definition that was deregistered is registered again, with its image by digest', async () => {
  await using fleet = await guardedWeb()
  const good = (await fleet.story('web')).record?.good?.[0]?.images.app?.digest
  const bad = await turnBad(fleet)
  await fleet.ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition: 'web:1' }))
  await fleet.deliverEvents(['alarm-state-changed'])
  await recover(fleet)
  await expectOneRollback(fleet, bad, `${fleet.uri}@${good}`)
  expect(await fleet.serviceNow('web')).toMatchObject({ revision: 3 })
})

test('where the image of the good state is gone, nothing is rolled back, and it is said', async () => {
  await using fleet = await guardedWeb()
  const own = await listen(fleet)
  const good = (await fleet.story('web')).record?.good?.[0]?.images.app?.digest
  const bad = await turnBad(fleet)
  await fleet.ecr.send(
    new BatchDeleteImageCommand({ repositoryName: 'web', imageIds: [{ imageDigest: good }] }),
  )
  await fleet.deliverEvents()
  const { record, reasons } = await fleet.story('web')
  expect(reasons).toContain('hold nothing-to-roll-back-to')
  expect(Object.keys(record?.quarantine ?? {})).toEqual([bad])
  expect((await fleet.serviceNow('web')).images).toEqual({ app: `${fleet.uri}@${bad}` })
  expect(await own.types()).toContain('Capstan Deployment Held')
})

test('two doors that see the alarm at once roll back once', async () => {
  await using fleet = await guardedWeb()
  const bad = await turnBad(fleet)
  const [event] = (await fleet.takeEvents('alarm-state-changed')).slice(-1)
  await Promise.all([
    fleet.wake('alarm-state-changed', event),
    fleet.wake('alarm-state-changed', event),
    fleet.sweep(),
  ])
  await recover(fleet)
  await expectOneRollback(fleet, bad)
})

test('who flaps is not rolled back twice', async () => {
  await using fleet = await guardedWeb()
  const bad = await turnBad(fleet)
  for (const state of ['OK', 'ALARM', 'OK', 'ALARM', 'OK', 'ALARM'] as const) {
    await fleet.deliverEvents()
    await fleet.advance('10s')
    await setAlarm(fleet, 'web-errors', state)
  }
  await recover(fleet)
  await expectOneRollback(fleet, bad)
})

test('from an alarm to the rollback it takes a known number of calls', async () => {
  await using fleet = await guardedWeb()
  await turnBad(fleet)
  const { capstan } = fleet
  const before = { ...capstan.calls }
  const observations = await capstan.observeIfKnown({ cluster: 'default', service: 'web' })
  await capstan.deliver(observations, decideDelivery)
  const made = Object.entries(capstan.calls).map(([name, count]) => [name, count - (before[name] ?? 0)])
  expect(Object.fromEntries(made.filter(([, count]) => count))).toEqual({
    // The record. The snapshot of the good state is needed only where its task definition is not active.
    'DynamoDB GetItem': 1,
    // All records for the fleet's share, and freezes.
    'DynamoDB Query': 1,
    'ECS DescribeServices': 1,
    // What runs, which this connection has not seen, and the good state.
    'ECS DescribeTaskDefinition': 2,
    'ECR DescribeImages': 1,
    'CloudWatch DescribeAlarms': 1,
    'CloudWatch ListAlarmMuteRules': 1,
    // Of the stopped tasks.
    'ECS ListTasks': 1,
    'ECS DescribeTasks': 1,
    'DynamoDB TransactWriteItems': 1,
    'ECS UpdateService': 1,
    'EventBridge PutEvents': 1,
    'DynamoDB DeleteItem': 1,
  })
})

test('an operator goes back to the last known good, through a pause with a reason', async () => {
  await using fleet = await guardedWeb()
  const bad = await fleet.push('web', '1.1.0')
  await fleet.settle()
  const key = { cluster: 'default', service: 'web' }
  const { capstan } = fleet
  const request = { by: 'ana', reason: 'the new page is ugly' }
  await capstan.ledger.intervene(key, { kind: 'pause', by: 'ana', reason: 'looking' })
  await capstan.deliver([await capstan.observeRollback(key, request)], decideDelivery)
  expect((await fleet.serviceNow('web')).images).toEqual({ app: `${fleet.uri}@${bad}` })
  const broken = { ...request, breakGlass: 'customers complain' }
  await capstan.deliver([await capstan.observeRollback(key, broken)], decideDelivery)
  await fleet.settle()
  expect((await fleet.serviceNow('web')).images).toEqual({ app: `${fleet.uri}:1.0.0` })
  const { decisions, record } = await fleet.story('web')
  expect(decisions.find(({ kind }) => kind === 'roll-back')?.facts).toMatchObject({
    by: 'ana',
    why: request.reason,
  })
  expect(Object.keys(record?.quarantine ?? {})).toEqual([bad])
})

test('a deployment that ends before it can be stopped is looked at again, and rolled back by an update', async () => {
  await using fleet = await guardedWeb()
  await putAlarm(fleet, 'web-errors', about('web'))
  const bad = await fleet.push('web', '1.1.0')
  await fleet.deliverEvents()
  await fleet.advance('1s')
  await fleet.deliverEvents()
  await setAlarm(fleet, 'web-errors', 'ALARM')
  const { capstan } = fleet
  const [seen] = await capstan.observeIfKnown({ cluster: 'default', service: 'web' })
  if (seen?.kind !== 'seen') throw new Error('The service was not seen')
  const effects = capstan.effects(seen.view, decideDelivery(seen.view, fleet.now))
  await effects.next()
  await fleet.advance('5s')
  expect(await fleet.serviceNow('web')).toMatchObject({ rolloutState: 'COMPLETED' })
  await expect(effects.next()).rejects.toMatchObject({ code: 'CONFLICT' })
  await fleet.settle()
  await recover(fleet)
  await expectOneRollback(fleet, bad)
})
