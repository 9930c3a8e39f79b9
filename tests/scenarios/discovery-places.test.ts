/** Who writes in a place: whatever order the calls of several writers come in, and whoever is lost, no errand is. */
import { parseEnvironment } from '@capstan/aws'
import { createClients } from '@capstan/aws/clients.ts'
import type { Claim, DiscoveryLedger, Errand } from '@capstan/aws/discovery/ledger.ts'
import type { Documents } from '@capstan/aws/wire/documents.ts'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DiscoveryTable } from './discovery-table.ts'

const LEASE_MS = 30_000
let made: DiscoveryTable
beforeAll(async () => {
  made = await DiscoveryTable.start()
})
afterAll(() => made[Symbol.asyncDispose]())

const places = (function* () {
  for (let id = 1; ; id++) yield `Z${id}`
})()
const freshPlace = () => places.next().value ?? ''
const errand = (name: string, verifies = false): Errand => ({ target: { kind: 'dns', name }, verifies })
const map: Errand = { target: { kind: 'cloud-map', namespace: 'internal', service: 'web' }, verifies: true }
const namesIn = (claim: Claim | undefined) =>
  claim?.kind === 'held'
    ? claim.errands.map(({ target }) => (target.kind === 'dns' ? target.name : '')).toSorted()
    : claim?.kind
const held = (claim: Claim | undefined, holder: string) => {
  if (claim?.kind !== 'held') throw new Error(`${holder} does not hold the place`)
  return { generation: claim.generation, holder }
}

test('when it is quiet, a place is taken and given back by one call each', async () => {
  const place = freshPlace()
  const before = made.clients.calls['DynamoDB UpdateItem'] ?? 0
  for (const each of ['a', 'b']) {
    const claim = await made.ledger.claim(place, [errand('web', true), map], each, LEASE_MS)
    expect(claim).toMatchObject({ kind: 'held', errands: [map, errand('web', true)] })
    expect(await made.ledger.finish(place, held(claim, each), LEASE_MS)).toBeUndefined()
  }
  expect((made.clients.calls['DynamoDB UpdateItem'] ?? 0) - before).toBe(4)
})

test('others leave word, and the writer is handed just that before it gives the place back', async () => {
  const place = freshPlace()
  const first = await made.ledger.claim(place, [errand('a')], 'one', LEASE_MS)
  for (const name of ['a', 'b', 'b']) {
    expect(await made.ledger.claim(place, [errand(name)], 'two', LEASE_MS)).toEqual({ kind: 'left' })
  }
  await made.ledger.claim(place, [errand('b', true)], 'three', LEASE_MS)
  const second = await made.ledger.finish(place, held(first, 'one'), LEASE_MS)
  expect(second).toMatchObject({ kind: 'held', errands: [errand('a'), errand('b', true)] })
  expect(await made.ledger.finish(place, held(second, 'one'), LEASE_MS)).toBeUndefined()
})

test('a writer that never comes back is waited for as long as its lease, then all is handed to the next', async () => {
  const place = freshPlace()
  const lost = await made.ledger.claim(place, [errand('a')], 'lost', LEASE_MS)
  await made.ledger.claim(place, [errand('b')], 'two', LEASE_MS)
  made.now += LEASE_MS
  expect(await made.ledger.claim(place, [errand('c')], 'two', LEASE_MS)).toEqual({ kind: 'left' })
  made.now += 1
  const next = await made.ledger.claim(place, [errand('d')], 'two', LEASE_MS)
  expect(namesIn(next)).toEqual(['a', 'b', 'c', 'd'])
  // It comes back after all: the place is not its own any more.
  expect(await made.ledger.finish(place, held(lost, 'lost'), LEASE_MS)).toBeUndefined()
  await made.ledger.abandon(place, 'lost')
  expect(await made.ledger.claim(place, [errand('e')], 'three', LEASE_MS)).toEqual({ kind: 'left' })
  expect(namesIn(await made.ledger.finish(place, held(next, 'two'), LEASE_MS))).toEqual(['e'])
})

test('what a writer gives back undone, the next one does', async () => {
  const place = freshPlace()
  await made.ledger.claim(place, [errand('a')], 'one', LEASE_MS)
  await made.ledger.claim(place, [errand('b')], 'two', LEASE_MS)
  await made.ledger.abandon(place, 'one')
  const next = await made.ledger.claim(place, [], 'two', LEASE_MS)
  expect(namesIn(next)).toEqual(['a', 'b'])
  expect(await made.ledger.finish(place, held(next, 'two'), LEASE_MS)).toBeUndefined()
  expect(namesIn(await made.ledger.claim(place, [], 'two', LEASE_MS))).toEqual([])
})

test('a row that something else wrote is named', async () => {
  await made.put({ pk: 'PLACE#Z', sk: 'writer', generation: 'many', doing: 'all' })
  await expect(made.ledger.claim('Z', [errand('a')], 'one', LEASE_MS)).rejects.toMatchObject({
    code: 'INVALID_CONFIG',
    message: expect.stringContaining('row PLACE#Z writer'),
  })
})

/** What a writer does once it has the place. */
type Fate = 'finishes' | 'abandons' | 'is lost'
interface Turn {
  readonly errands: readonly string[]
  readonly fate: Fate
  readonly waitsMs: number
}

const turnsOf = (fates: readonly Fate[], waits: readonly number[]): fc.Arbitrary<Turn[]> =>
  fc.array(
    fc.record({
      errands: fc.array(fc.constantFrom(...'abcdefghijkl'), { maxLength: 3 }),
      fate: fc.constantFrom(...fates),
      waitsMs: fc.constantFrom(...waits),
    }),
    { minLength: 2, maxLength: 6 },
  )

/** Words that were left and not done since, by target; the order of words and work decides, not their number. */
class Words {
  readonly #left = new Map<string, number>()
  readonly #done = new Map<string, number>()
  #step = 0

  /** Called when the word has been taken: work that began before it does not count for it. */
  leave(names: readonly string[]): void {
    for (const name of names) this.#left.set(name, ++this.#step)
  }

  begin(): number {
    return ++this.#step
  }

  /** Work on `names` that began at `step` has been done. */
  do(names: readonly string[], step: number): void {
    for (const name of names) this.#done.set(name, Math.max(step, this.#done.get(name) ?? 0))
  }

  get undone(): string[] {
    return [...this.#left].filter(([name, at]) => (this.#done.get(name) ?? 0) < at).map(([name]) => name)
  }
}

async function takeTurn(ledger: DiscoveryLedger, place: string, turn: Turn, holder: string, words: Words) {
  made.now += turn.waitsMs
  const errands = turn.errands.map((name) => errand(name))
  let claim: Claim | undefined = await ledger.claim(place, errands, holder, LEASE_MS)
  words.leave(turn.errands)
  while (claim?.kind === 'held') {
    if (turn.fate === 'abandons') return await ledger.abandon(place, holder)
    if (turn.fate === 'is lost') return
    const names = claim.errands.map(({ target }) => (target.kind === 'dns' ? target.name : ''))
    words.do(names, words.begin())
    claim = await ledger.finish(place, held(claim, holder), LEASE_MS)
  }
}

/** Lets one of several writers go on at a time, for one call, whichever is drawn: the others wait before theirs. */
class Interleaving {
  readonly #draw: () => number
  #waiting: (() => void)[] = []
  #writers: number

  constructor(writers: number, draw: () => number) {
    this.#writers = writers
    this.#draw = draw
  }

  async wait(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.push(resolve)
    this.#goOn()
    await promise
  }

  /** One of the writers has come to its end. */
  end(): void {
    this.#writers -= 1
    this.#goOn()
  }

  #goOn(): void {
    if (this.#waiting.length < this.#writers) return
    const [next] = this.#waiting.splice(this.#draw() % Math.max(1, this.#waiting.length), 1)
    next?.()
  }

  /** A client whose every call waits for its turn. */
  client(): Documents {
    const variables = { AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL: made.engine.endpoint }
    const { dynamodb } = createClients(parseEnvironment(variables))
    return new Proxy(dynamodb, {
      get: (target, operation: keyof Documents) => async (input: never) => {
        await this.wait()
        return await target[operation](input)
      },
    })
  }
}

/** Plays turns in an order of calls that is drawn, and returns what was left undone. */
async function play(all: readonly Turn[], draws: Iterator<number>, place: string): Promise<Words> {
  const words = new Words()
  const interleaving = new Interleaving(all.length, () => draws.next().value ?? 0)
  const ledger = made.ledgerOver(interleaving.client())
  const running = all.map((turn, index) =>
    takeTurn(ledger, place, turn, `holder-${index}`, words).finally(() => interleaving.end()),
  )
  await Promise.all(running)
  return words
}

const draws = fc.infiniteStream(fc.nat(99))

test('every errand is done by those who are there, in whatever order their calls come', async () => {
  const turns = turnsOf(['finishes'], [0])
  const property = fc.asyncProperty(turns, draws, async (all, drawn) => {
    expect((await play(all, drawn, freshPlace())).undone).toEqual([])
  })
  await fc.assert(property, { numRuns: 60 })
})

test('no errand is lost with a writer that is lost: the next one does it', async () => {
  const turns = turnsOf(['finishes', 'finishes', 'abandons', 'is lost'], [0, 0, 1_000, LEASE_MS + 1])
  const property = fc.asyncProperty(turns, draws, async (all, drawn) => {
    const place = freshPlace()
    const words = await play(all, drawn, place)
    made.now += LEASE_MS + 1
    await takeTurn(made.ledger, place, { errands: [], fate: 'finishes', waitsMs: 0 }, 'last', words)
    expect(words.undone).toEqual([])
  })
  await fc.assert(property, { numRuns: 60 })
})
