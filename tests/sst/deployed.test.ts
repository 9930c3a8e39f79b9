/**
 * The stage as it would be deployed, at work: its whole graph in Drydock with policies enforced, and its doors woken by its own rules,
 * queue and schedules. Each door alone can do all of its work, is denied nothing, and needs every action that its role allows.
 */

import { Lambda } from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Rule, rules } from '../../functions/rules.ts'
import { type Evaluated, evaluate } from './evaluate.ts'
import { allOf, componentOf } from './graph.ts'
import { found, type Harbour, openHarbour, release, startTasks, stopTasks } from './harbour.ts'
import { Judgements } from './judgements.ts'
import { notPlayed } from './not-played.ts'
import { createAlarms, defineShop, openShop, quiet, ring, type Shop, tagShop, wakings } from './shop.ts'
import { World } from './world.ts'

const judgements = new Judgements()
let stage: Evaluated
let world: World
let shop: Shop
let harbour: Harbour
/** How many images were pushed, and doors woken. */
let count = 0

beforeAll(async () => {
  stage = await evaluate('production')
  world = await World.start(stage, judgements.record)
  shop = await openShop(world)
  harbour = await openHarbour(world)
}, 300_000)
afterAll(async () => {
  await world?.close()
  await stage?.dispose()
})

const push = () => world.push('shop', `1.${++count}.0`)
const wake = (door: string) => wakings[door]?.(world, ++count)

test('a task that crashes again and again is gone back from, by the door that crashes wake', async () => {
  await world.only('task-stopped')
  const bad = await push()
  const crashing = { DRYDOCK_EXIT_AFTER: '8s', DRYDOCK_EXIT_CODE: '1' }
  const taskDefinition = await defineShop(world, `${shop.uri}@${bad}`, crashing)
  await world.ecs.updateService({ service: 'shop', taskDefinition })
  await world.advance('90s')
  expect((await world.story('shop')).reasons.at(-1)).toBe('roll-back crash-loop')
  await world.all()
  await world.advance('6m')
  expect(await world.serviceNow('shop')).toEqual({ image: `${shop.uri}:1.0.0`, rolloutState: 'COMPLETED' })
  expect((await world.story('shop')).record?.quarantine).toHaveProperty(bad)
  await createAlarms(world, shop)
})

describe.each(Object.keys(wakings))('%s, alone', (door) => {
  test('deploys a pushed image; it is verified, and that is known', async () => {
    // Whoever else would be told is not, so this door finds by itself what the push has left.
    const isToldOfPushes = door === 'image-pushed'
    await world.only(...(isToldOfPushes ? [door] : []))
    const pushed = await push()
    await world.only(door)
    if (!isToldOfPushes) await wake(door)
    await world.settle()
    expect(await world.serviceNow('shop')).toMatchObject({ image: pushed })
    await world.all()
    await world.advance('3m')
    expect((await world.story('shop')).record?.good?.[0]?.images.app?.digest).toBe(pushed)
  })

  test('stops a deployment during which alarms ring, and remembers its image', async () => {
    const { image: good } = await world.serviceNow('shop')
    // A sweep a minute later would come when all is over.
    const isSweep = door === 'reconcile'
    await world.only('image-pushed', ...(isSweep ? [door] : []))
    if (isSweep) await world.advance('59950ms')
    const bad = await push()
    expect(await world.serviceNow('shop')).toEqual({ image: bad, rolloutState: 'IN_PROGRESS' })
    await world.only(...(isSweep ? [door] : []))
    await ring(world, shop)
    await world.only(door)
    await wake(door)
    await world.settle()
    await expectBack(good, bad, 'stop')
  })

  test('goes back from what completed, to a task definition that was deregistered meanwhile', async () => {
    const { image: good } = await world.serviceNow('shop')
    const { services } = await world.ecs.describeServices({ services: ['shop'] })
    await world.only('image-pushed', 'deployment-state-changed')
    const bad = await push()
    await world.advance('20s')
    expect(await world.serviceNow('shop')).toEqual({ image: bad, rolloutState: 'COMPLETED' })
    await world.ecs.deregisterTaskDefinition({ taskDefinition: services?.[0]?.taskDefinition })
    await world.only()
    await ring(world, shop)
    await world.only(door)
    await wake(door)
    await world.settle()
    await expectBack(good, bad, 'update')
  })
})

async function expectBack(good: string, bad: string, how: 'stop' | 'update'): Promise<void> {
  expect((await world.story('shop')).record?.inFlight?.rollback).toMatchObject({ how })
  await world.all()
  await quiet(world)
  await world.advance('7m')
  expect(await world.serviceNow('shop')).toEqual({ image: good, rolloutState: 'COMPLETED' })
  const { record } = await world.story('shop')
  expect(record?.quarantine).toHaveProperty(bad)
  expect(record).not.toHaveProperty('inFlight')
}

describe.each(['task-state-changed', 'reconcile-discovery'])('%s, alone', (door) => {
  test('lets tasks of every kind be found, and no longer when they stop', async () => {
    await world.only(door)
    await startTasks(world, harbour, door)
    await world.advance('4m')
    expect(await found(world, harbour)).toEqual({
      names: [`page-${door}.example.com.`, `worker-${door}.example.com.`],
      instances: 1,
    })
    await stopTasks(world, door)
    await world.advance('3m')
    expect(await found(world, harbour)).toEqual({ names: [], instances: 0 })
    await release(world, door)
    await world.advance('2m')
    const known = await world.names()
    expect(known.filter((name) => name.includes(`page-${door}`))).toEqual([])
    await world.all()
  })
})

test('the sweep makes the recommended alarms and removes them, and warns of a policy that takes good images away', async () => {
  const alarms = async () => {
    const { MetricAlarms = [] } = await world.cloudwatch.describeAlarms({
      AlarmNamePrefix: 'capstan-default-shop-',
    })
    return MetricAlarms.map(({ AlarmName = '' }) => AlarmName.replace('capstan-default-shop-', ''))
  }
  expect(await alarms()).toEqual(['5xx', 'latency', 'unhealthy'])
  const warning = expect.stringMatching(/^Rule 1 of the lifecycle policy of shop deletes the image/)
  expect((await world.story('shop')).record?.warnings).toContainEqual(warning)
  await tagShop(world, 'capstan:guard', 'watch')
  await world.advance('60s')
  expect(await alarms()).toEqual([])
})

test.each(rules.filter((rule) => 'pattern' in rule).map((rule) => [rule.door, rule] as const))(
  '%s keeps what it cannot read',
  async (door, rule) => {
    await world.deadLetters()
    await world.tell({ ...leastEventOf(rule), resources: [] })
    await world.advance('5s')
    expect(await world.deadLetters()).toContainEqual(
      expect.stringContaining(`capstan-production-${door} INVALID_EVENT`),
    )
  },
)

/** The least that a rule's pattern lets through, which lacks all that a door needs. */
function leastEventOf(rule: Rule) {
  type Pattern = {
    source: string[]
    'detail-type': string[]
    detail?: Record<string, [string | { prefix: string }]>
  }
  const pattern = ('pattern' in rule ? rule.pattern : {}) as Pattern & { $or?: Pattern[] }
  const { detail = {}, source, 'detail-type': type } = pattern.$or?.[0] ?? pattern
  const first = Object.entries(detail).map(([key, [value]]) => [
    key,
    typeof value === 'string' ? value : `${value.prefix}x`,
  ])
  return {
    source: source[0] ?? '',
    'detail-type': type[0] ?? '',
    detail: Object.fromEntries(first) as Record<string, unknown>,
  }
}

test.each(['reconcile', 'reconcile-discovery'])('what %s fails at is kept by Lambda', async (door) => {
  const FunctionName = `capstan-production-${door}`
  const lambda = new Lambda(world.sdk)
  await lambda.updateFunctionConfiguration({ FunctionName, Handler: 'bundle.nothing' })
  await world.deadLetters()
  await world.only(door)
  await world.advance('70s')
  expect(await world.deadLetters()).toHaveLength(1)
  await lambda.updateFunctionConfiguration({ FunctionName, Handler: 'bundle.handler' })
  await world.all()
})

test('nothing was denied', () => {
  expect(judgements.takeDenied()).toEqual([])
  expect(world.drydock.faults).toEqual([])
})

test.each(rules.map(({ door }) => door))('%s needs every action of its role', (door) => {
  const needless = judgements.needless(stage.graph, `${componentOf(door)}Role`)
  expect(needless.filter((grant) => notPlayed[actionIn(grant)] === undefined)).toEqual([])
})

test('what is not played could not be', () => {
  const needless = rules.flatMap(({ door }) => judgements.needless(stage.graph, `${componentOf(door)}Role`))
  expect([...new Set(needless.map(actionIn))].sort()).toEqual(Object.keys(notPlayed).sort())
})

const actionIn = (grant: string) => grant.split(' ', 1)[0] ?? ''

test('there is no role but those of the doors', () => {
  const roles = rules.map(({ door }) => `${componentOf(door)}Role`)
  expect([...allOf(stage.graph, 'Role').keys()].sort()).toEqual(roles.sort())
})

describe('without one action', () => {
  test('a push is not deployed, and that is known', async () => {
    await world.only('image-pushed')
    const { image: before } = await world.serviceNow('shop')
    await world.lacking('image-pushed', 'ecs:UpdateService', async () => {
      await push()
      expect(await world.serviceNow('shop')).toMatchObject({ image: before })
    })
    expect(judgements.takeDenied()).toEqual(['capstan-production-ImagePushedRole ecs:UpdateService'])
    expect(await world.deadLetters()).toEqual([
      expect.stringMatching(/^capstan-production-image-pushed DENIED .*ecs:UpdateService/),
    ])
  })

  test('a deployment goes on though alarms ring', async () => {
    await world.only('image-pushed')
    const bad = await push()
    await world.only('alarm-state-changed')
    await world.lacking('alarm-state-changed', 'ecs:StopServiceDeployment', () => ring(world, shop))
    expect(new Set(judgements.takeDenied())).toEqual(
      new Set(['capstan-production-AlarmStateChangedRole ecs:StopServiceDeployment']),
    )
    await world.advance('20s')
    expect(await world.serviceNow('shop')).toEqual({ image: bad, rolloutState: 'COMPLETED' })
    await quiet(world)
  })

  test('a task is not found by name', async () => {
    await world.only('task-state-changed')
    await world.lacking('task-state-changed', 'route53:ChangeResourceRecordSets', async () => {
      await startTasks(world, harbour, 'denied')
      await world.advance('3m')
      expect(await found(world, harbour)).toEqual({ names: [], instances: 1 })
    })
    expect(new Set(judgements.takeDenied())).toEqual(
      new Set(['capstan-production-TaskStateChangedRole route53:ChangeResourceRecordSets']),
    )
  })
})
