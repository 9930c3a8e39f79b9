import { Failure } from '@capstan/core/failure.ts'
import type { Whereabouts } from '@capstan/core/places.ts'
import { expect, test } from 'vitest'
import type { Log } from './apply.ts'
import { type Connecting, logAt, placesOf } from './places.ts'

const home = { account: '111111111111', region: 'us-east-1' }
const eu = { account: '111111111111', region: 'eu-west-1' }
const tools = { account: '333333333333', region: 'us-east-1' }
const elsewhere = { account: '444444444444', region: 'us-east-1' }
const others = [
  { name: 'eu', ...eu },
  { name: 'tools', ...tools },
]

/** Places whose connections are their names, with what was asked, made and told. */
function watched(connecting: Partial<Connecting<string>> = {}) {
  const seen = { asked: 0, made: [] as string[], told: [] as string[] }
  const places = placesOf<string>({
    others,
    async findHome() {
      seen.asked += 1
      return home
    },
    connect(place) {
      seen.made.push(place?.name ?? 'alone')
      return place?.name ?? 'alone'
    },
    ...connecting,
  })
  const log: Log = { info: (message) => void seen.told.push(message) }
  const at = async (where: Whereabouts) => {
    const worked: string[] = []
    await places.at(where, log, async (here) => worked.push(here))
    return worked
  }
  return { places, log, at, seen }
}

test.each<[string, Whereabouts, string[]]>([
  ["home's own account and region", home, ['home']],
  ["a place's account and region", eu, ['eu']],
  ['the name of a place', { place: 'tools' }, ['tools']],
  ['nothing', {}, ['home']],
])('what says %s is done there', async (_, where, worked) => {
  const { at, seen } = watched()
  expect(await at(where)).toEqual(worked)
  expect(seen.made).toEqual(worked)
})

test('what is about no place is ignored, and the log says what to add', async () => {
  const { at, seen } = watched()
  expect([...(await at(elsewhere)), ...(await at({ place: 'us' }))]).toEqual([])
  expect(seen.told[0]).toContain("add it to places: { account: '444444444444', region: 'us-east-1' }.")
  expect(seen.told[1]).toContain('no place "us"; it has home, eu, tools.')
  expect(seen.made).toEqual([])
})

test('home alone is asked nothing, and takes whatever comes', async () => {
  const { at, log, places, seen } = watched({ others: [] })
  expect(await at(elsewhere)).toEqual(['alone'])
  await places.each(elsewhere, log, async (here) => expect(here).toBe('alone'))
  expect(await places.named()).toBe('alone')
  await expect(places.named('eu')).rejects.toThrow('no place "eu"; it names none')
  expect(seen).toEqual({ asked: 0, made: ['alone'], told: [] })
})

test('a place that is home itself is home', async () => {
  const { at } = watched({ others: [{ name: 'self', ...home }, ...others] })
  expect([...(await at(home)), ...(await at({ place: 'self' }))]).toEqual(['home'])
})

test('a place is connected to once, and home asked for once, but for a failure', async () => {
  let failures = 1
  const { at, seen } = watched({
    findHome: async () => {
      if (failures-- > 0) throw new Failure('UNAVAILABLE', 'STS does not answer.')
      return home
    },
  })
  await expect(at(eu)).rejects.toThrow('STS does not answer.')
  await Promise.all([at(eu), at(home), at(eu), at({ place: 'eu' })])
  expect(seen.made).toEqual(['eu', 'home'])
  expect(failures).toBe(-1)
})

test('what happened in one place is looked at in each, and one that fails hinders no other', async () => {
  const { log, places } = watched()
  const done: string[] = []
  const both = new AggregateError([new Error('a'), new Error('b')], 'both')
  const work = async (here: string) => {
    if (here === 'home') throw both
    if (here === 'eu') throw new Error('c')
    done.push(here)
  }
  await expect(places.each(tools, log, work)).rejects.toMatchObject({
    errors: [new Error('a'), new Error('b'), new Error('c')],
  })
  expect(done).toEqual(['tools'])
  await places.each(elsewhere, log, () => Promise.reject(new Error('nothing is to be done')))
})

test('messages are worked on by place, and answered for in their order', async () => {
  const { log, places } = watched()
  const froms = [eu, home, elsewhere, eu, tools, { place: 'eu' }]
  const messages = froms.map((from, id) => ({ from, id }))
  const groups: string[] = []
  const outcomes = await places.groups(messages, log, async (here, own) => {
    groups.push(`${here} ${own.map(({ id }) => id).join()}`)
    if (here === 'tools') throw new Error('denied')
    return own.map(({ id }) => ({ status: 'fulfilled', value: id }))
  })
  expect(groups.toSorted()).toEqual(['eu 0,3,5', 'home 1', 'tools 4'])
  expect(outcomes.map((each) => (each.status === 'fulfilled' ? each.value : each.reason))).toEqual([
    ...[0, 1, undefined, 3, new Error('denied'), 5],
  ])
})

test('what is told and measured of another place says which', () => {
  const seen: unknown[] = []
  const log: Log = {
    info: (message, fields) => void seen.push([message, fields]),
    measure: (measures) => void seen.push(measures),
  }
  const [eu = undefined] = others
  const measures = [
    { by: { service: 'prod/web' }, metrics: [] },
    { by: { reason: 'paused' }, metrics: [] },
    { metrics: [] },
  ]
  expect(logAt(log, { name: 'home', ...home })).toBe(log)
  logAt(log, eu).info('Deploys', { id: '1' })
  logAt(log, eu).measure?.(measures)
  expect(seen).toEqual([
    ['Deploys', { id: '1', place: 'eu' }],
    [{ by: { service: 'eu:prod/web' }, metrics: [] }, ...measures.slice(1)],
  ])
})
