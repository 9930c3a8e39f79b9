/** Records of tasks in hosted zones: found, read, and written in few requests, whatever Route 53 says of some of them. */
import { toFailure } from '@capstan/aws/sdk-error.ts'
import type { Place } from '@capstan/core/discovery/view.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  AFRESH,
  changeAsOthers,
  dns,
  many,
  PRIVATE,
  type Stage,
  stageOf,
  write,
  writesOf,
  zoneOf,
} from './registrars.ts'

const CHANGES = 'Route53 ChangeResourceRecordSets'
const LISTS = 'Route53 ListResourceRecordSets'
const WRITTEN = { kind: 'written' }
const RATE = { route53Rate: { perSecond: 10, burst: 50 } }

const until = (stage: Stage, seconds: number) => stage.now() + seconds * 1000
const countAt = async ({ registrar }: Stage, place: Place, names: readonly string[]) =>
  (await registrar.read(place, names.map(dns))).map((records) => records.length)
/** Uses up the burst, as others do. */
const exhaust = async ({ others }: Stage) => {
  for (;;) {
    const answer = await others.route53.listHostedZones({}).catch((error: Error) => error)
    if (answer instanceof Error) return
  }
}

test('zones are listed once a minute, and again where that is asked for', async () => {
  await using stage = await stageOf()
  const { registrar, others, clients, drydock } = stage
  for (let each = 0; each < 120; each += 1)
    await others.route53.createHostedZone({ Name: `z${each}.example`, CallerReference: `${each}` })
  expect(await registrar.find(dns('web.z119.example'), PRIVATE)).toMatchObject({
    kind: 'zone',
    name: 'z119.example',
  })
  await registrar.find(dns('web.z1.example'), PRIVATE)
  expect(clients.calls).toEqual({ 'Route53 ListHostedZones': 2 })
  await others.route53.createHostedZone({ Name: 'new.example', CallerReference: 'new' })
  expect(await registrar.find(dns('new.example'), PRIVATE)).toMatchObject({ kind: 'none', reason: 'no-zone' })
  expect(await registrar.find(dns('new.example'), PRIVATE, AFRESH)).toMatchObject({
    kind: 'zone',
    isPrivate: false,
  })
  await drydock.engine.advance('61s')
  await registrar.find(dns('new.example'), PRIVATE)
  expect(clients.calls).toEqual({ 'Route53 ListHostedZones': 6 })
})

test('that a name has no zone is believed for ten seconds, and asked once for all names', async () => {
  await using stage = await stageOf()
  const { registrar, clients, others, drydock } = stage
  const lists = () => clients.calls['Route53 ListHostedZones']
  await zoneOf(stage, 'example.com')
  const lost = () =>
    Promise.all(['a.example.org', 'b.example.org'].map((name) => registrar.find(dns(name), PRIVATE)))
  expect(await lost()).toMatchObject([{ kind: 'none' }, { kind: 'none' }])
  await others.route53.createHostedZone({ Name: 'example.org', CallerReference: 'new' })
  await drydock.engine.advance('9s')
  expect(await lost()).toMatchObject([{ kind: 'none' }, { kind: 'none' }])
  expect(lists()).toBe(1)
  await drydock.engine.advance('1s')
  await registrar.find(dns('web.example.com'), PRIVATE)
  expect(lists()).toBe(1)
  expect(await lost()).toMatchObject([{ kind: 'zone' }, { kind: 'zone' }])
  expect(lists()).toBe(2)
})

test('the hosted zone of a Cloud Map namespace is no place for records', async () => {
  await using stage = await stageOf()
  const { registrar, others, drydock } = stage
  await others.discovery.createPublicDnsNamespace({ Name: 'shop.example.com' })
  await drydock.engine.advance('1s')
  expect((await others.route53.listHostedZones({})).HostedZones).toHaveLength(1)
  expect(await registrar.find(dns('web.shop.example.com'), PRIVATE)).toMatchObject({ kind: 'none' })
  await zoneOf(stage, 'example.com')
  expect(await registrar.find(dns('web.shop.example.com'), PRIVATE)).toMatchObject({ name: 'example.com' })
})

test('2,500 writes of fifty names are three requests', async () => {
  await using stage = await stageOf(RATE)
  const place = await zoneOf(stage, 'example.com')
  const names = Array.from({ length: 50 }, (_, index) => `n${index}.example.com`)
  const writes = names.map((name) => many(50, 'create', name))
  const outcomes = await stage.registrar.write(place, writes, until(stage, 60))
  expect(outcomes).toEqual(names.map(() => WRITTEN))
  expect(stage.clients.calls[CHANGES]).toBe(3)
  expect(stage.waits).toEqual([])
  expect(await countAt(stage, place, names)).toEqual(names.map(() => 50))
})

test('where others have used up the limit, writes wait for their turn', async () => {
  await using stage = await stageOf(RATE)
  const place = await zoneOf(stage, 'example.com')
  await exhaust(stage)
  const writes = Array.from({ length: 50 }, (_, index) => many(50, 'create', `n${index}.example.com`))
  expect(await stage.registrar.write(place, writes, until(stage, 60))).toEqual(writes.map(() => WRITTEN))
  // Each batch was throttled once.
  expect(stage.clients.calls[CHANGES]).toBe(3 + 3)
  expect(stage.waits).toEqual([100, 100, 100])
})

test('waits grow up to a limit, and end before the deadline', async () => {
  await using stage = await stageOf({ route53Rate: { perSecond: 0.001, burst: 3 } })
  const place = await zoneOf(stage, 'example.com')
  await exhaust(stage)
  const start = stage.now()
  const writing = stage.registrar.write(place, [many(1, 'create', 'web.example.com')], until(stage, 10))
  await expect(writing).rejects.toMatchObject({ code: 'UNAVAILABLE', retry: true })
  expect(stage.waits).toEqual([100, 200, 400, 800, 1600, 2500, 2500])
  expect(stage.now() - start).toBeLessThan(10_000)
})

test('one bad name hinders no other, and is refused in the words of Route 53', async () => {
  await using stage = await stageOf()
  const place = await zoneOf(stage, 'example.com')
  await stage.registrar.write(place, [many(1, 'create', 'taken.example.com', 7)], until(stage, 60))
  const good = Array.from({ length: 40 }, (_, index) => many(5, 'create', `n${index}.example.com`))
  const bad = many(10, 'create', 'taken.example.com')
  const names = [...good.slice(0, 20), bad, ...good.slice(20)]
  const outcomes = await stage.registrar.write(place, names, until(stage, 60))
  expect(outcomes.filter(({ kind }) => kind === 'written')).toHaveLength(40)
  expect(outcomes[20]).toEqual({
    kind: 'refused',
    reason:
      "Tried to create resource record set [name='taken.example.com.', type='A', set-identifier='capstan-7'] but it already exists",
  })
  expect(await countAt(stage, place, ['taken.example.com', 'n39.example.com'])).toEqual([1, 5])
  // The first, all others together, and the bad one alone.
  expect(stage.clients.calls[CHANGES]).toBe(1 + 3)
})

test('a bad name that Route 53 does not name is found by halves', async () => {
  await using stage = await stageOf()
  const place = await zoneOf(stage, 'example.com')
  const names = Array.from({ length: 16 }, (_, index) => many(2, 'create', `n${index}.example.com`))
  names[11] = writesOf('bad.example.com', write('create', 'bad.example.com', 1, 'nowhere'))
  const outcomes = await stage.registrar.write(place, names, until(stage, 60))
  expect(outcomes.map(({ kind }) => kind).filter((kind) => kind === 'refused')).toHaveLength(1)
  expect(outcomes[11]).toMatchObject({ kind: 'refused', reason: expect.stringContaining('IPv4') })
  expect(stage.clients.calls[CHANGES]).toBe(1 + 2 * 4)
})

test('whichever names are bad, those are refused, and all others are written', async () => {
  await using stage = await stageOf()
  const place = await zoneOf(stage, 'example.com')
  let run = 0
  const kinds = fc.array(fc.constantFrom('good', 'good', 'taken', 'malformed'), {
    minLength: 1,
    maxLength: 24,
  })
  await fc.assert(
    fc.asyncProperty(kinds, async (wanted) => {
      run += 1
      const names = wanted.map((_, index) => `n${index}.r${run}.example.com`)
      const taken = names.filter((_, index) => wanted[index] === 'taken')
      await stage.registrar.write(
        place,
        taken.map((name) => many(1, 'create', name)),
        until(stage, 60),
      )
      const writes = names.map((name, index) =>
        wanted[index] === 'malformed'
          ? writesOf(name, write('create', name, 1), write('create', name, 2, '10.0.0.256'))
          : many(2, 'create', name),
      )
      const outcomes = await stage.registrar.write(place, writes, until(stage, 60))
      expect(outcomes.map(({ kind }) => kind)).toEqual(
        wanted.map((kind) => (kind === 'good' ? 'written' : 'refused')),
      )
      const left = { good: 2, taken: 1, malformed: 0 }
      expect(await countAt(stage, place, names)).toEqual(wanted.map((kind) => left[kind]))
    }),
    { numRuns: 20 },
  )
})

test('where the zone is deleted, nothing is there, and no name has a place', async () => {
  await using stage = await stageOf()
  const { registrar, others } = stage
  const place = await zoneOf(stage, 'example.com')
  const names = [many(3, 'create', 'a.example.com'), many(3, 'create', 'b.example.com')]
  await others.route53.deleteHostedZone({ Id: place.kind === 'zone' ? place.id : '' })
  expect(await registrar.find(dns('a.example.com'), PRIVATE)).toEqual(place)
  const gone = { kind: 'place-gone', reason: expect.stringMatching(/^No hosted zone found with ID: Z/) }
  expect(await registrar.write(place, names, until(stage, 60))).toEqual([gone, gone])
  expect(await registrar.find(dns('a.example.com'), PRIVATE)).toMatchObject({ kind: 'none' })
  expect(await registrar.read(place, [dns('a.example.com'), dns('b.example.com')])).toEqual([[], []])
})

test("others' records are read as they are and stay as they are", async () => {
  await using stage = await stageOf()
  const { registrar } = stage
  const place = await zoneOf(stage, 'example.com')
  const set = { Type: 'A' as const, TTL: 5, ResourceRecords: [{ Value: '192.0.2.1' }] }
  await changeAsOthers(
    stage,
    place,
    ...['\\052.web.example.com', 'a.web-b.example.com', 'webb.example.com', 'x.y.web.example.com'].map(
      (Name) => ({
        Action: 'CREATE' as const,
        ResourceRecordSet: { Name, ...set },
      }),
    ),
    {
      Action: 'CREATE',
      ResourceRecordSet: { Name: 'web.example.com', ...set, SetIdentifier: 'w', MultiValueAnswer: true },
    },
    {
      Action: 'CREATE',
      ResourceRecordSet: {
        Name: 'web.example.com',
        ...set,
        Type: 'TXT',
        ResourceRecords: [{ Value: '"hi"' }],
        SetIdentifier: 'w',
        Weight: 1,
      },
    },
  )
  const foreign = await registrar.read(place, [dns('web.example.com')])
  const before = [
    { name: 'web.example.com', type: 'A', setIdentifier: 'w', ttl: 5, values: ['192.0.2.1'], isPlain: true },
    { name: 'web.example.com', type: 'TXT', setIdentifier: 'w', ttl: 5, values: ['"hi"'], isPlain: false },
    { name: '*.web.example.com', type: 'A', ttl: 5, values: ['192.0.2.1'], isPlain: true },
  ]
  expect(foreign).toEqual([before])
  await registrar.write(place, [many(3, 'create', 'web.example.com')], until(stage, 60))
  await registrar.write(place, [many(3, 'delete', 'web.example.com')], until(stage, 60))
  expect(await registrar.read(place, [dns('web.example.com')])).toEqual(foreign)
})

test('a simple record set is replaced at once by those of tasks', async () => {
  await using stage = await stageOf()
  const { registrar } = stage
  const place = await zoneOf(stage, 'example.com')
  const simple = { name: 'web.example.com', type: 'A', ttl: 60, values: ['192.0.2.1', '192.0.2.2'] }
  const name = 'web.example.com'
  await registrar.write(place, [writesOf(name, { action: 'create', record: simple })], until(stage, 60))
  const writes = writesOf(name, write('create', name, 1), write('create', name, 2), {
    action: 'delete',
    record: simple,
  })
  expect(await registrar.write(place, [writes], until(stage, 60))).toEqual([WRITTEN])
  expect(await countAt(stage, place, [name])).toEqual([2])
})

test('one name is read by itself, however many are below it; many names with the whole zone', async () => {
  await using stage = await stageOf()
  const place = await zoneOf(stage, 'example.com')
  const tasks = Array.from({ length: 350 }, (_, id) => write('create', `t${id}.web.example.com`, id))
  const names = [
    writesOf('web.example.com', ...tasks),
    ...Array.from({ length: 9 }, (_, id) => many(100, 'create', `n${id}.example.com`)),
  ]
  await stage.registrar.write(place, names, until(stage, 60))
  expect(await countAt(stage, place, ['n3.example.com'])).toEqual([100])
  expect(stage.clients.calls[LISTS]).toBe(1)
  expect(await countAt(stage, place, ['web.example.com'])).toEqual([350])
  expect(stage.clients.calls[LISTS]).toBe(1 + 2)
  await stage.registrar.find(dns('example.com'), PRIVATE, AFRESH)
  const all = names.flatMap(({ target }) => (target.kind === 'dns' ? [target.name] : []))
  expect(await countAt(stage, place, all)).toEqual([350, ...Array.from({ length: 9 }, () => 100)])
  expect(stage.clients.calls[LISTS]).toBe(1 + 2 + 5)
})

test('a batch of which the answer is lost is not said to be refused because its records are there', async () => {
  await using stage = await stageOf()
  const place = await zoneOf(stage, 'example.com')
  let isLost = true
  const { call } = stage.clients.route53
  const losing: typeof call = async (operation, input) => {
    const answer = await call(operation, input)
    if (operation !== 'ChangeResourceRecordSets' || !isLost) return answer
    isLost = false
    throw toFailure(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }), operation)
  }
  Object.assign(stage.clients.route53, { call: losing })
  const writing = stage.registrar.write(place, [many(3, 'create', 'web.example.com')], until(stage, 60))
  await expect(writing).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  expect(await countAt(stage, place, ['web.example.com'])).toEqual([3])
  const again = await stage.registrar.write(place, [many(3, 'upsert', 'web.example.com')], until(stage, 60))
  expect(again).toEqual([WRITTEN])
})
