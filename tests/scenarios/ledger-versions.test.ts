/** Versions of Capstan that share a ledger: what an older one wrote is read, what a newer one wrote is neither lost nor misread. */
import { readFileSync } from 'node:fs'
import { type AttributeValue, DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb'
import { ledgerOf } from '@capstan/aws/ledger/ledger.ts'
import { outboxOf } from '@capstan/aws/ledger/outbox.ts'
import { snapshotsOf } from '@capstan/aws/ledger/snapshots.ts'
import { expect, test } from 'vitest'
import * as old from '../fixtures/ledger-0.1.0.ts'
import { DiscoveryTable } from './discovery-table.ts'

type Row = Record<string, AttributeValue>

const FILE = new URL('../fixtures/ledger-0.1.0.json', import.meta.url)
/** JSON has no bytes: they are written as Base64, as DynamoDB's own wire does. */
const rowsOf010: Row[] = JSON.parse(readFileSync(FILE, 'utf8'), (name, value) =>
  name === 'B' ? new Uint8Array(Buffer.from(value, 'base64')) : value,
)

const key = { cluster: 'prod', service: 'web' }
const pause = { kind: 'pause', by: 'bo', reason: 'it is late' } as const
const placeOf = ({ pk, sk }: Row) => `${pk?.S} ${sk?.S}`

/** A table with all that there is in a ledger. */
class Versions {
  readonly made: DiscoveryTable
  readonly #client: DynamoDBClient

  constructor(made: DiscoveryTable) {
    this.made = made
    made.now = old.WRITTEN_AT
    this.#client = new DynamoDBClient(made.engine.config)
  }

  get ledger() {
    const newId = (now: number) => `20261101T000000000Z-0000${now - old.WRITTEN_AT + 1}-1a2b3c4d`
    return ledgerOf(this.made.clients.dynamodb, this.made.table, { now: () => this.made.now, newId })
  }

  get outbox() {
    return outboxOf(this.made.clients.dynamodb, this.made.table)
  }

  /** Writes one row of every kind as today's code does. */
  async write(): Promise<void> {
    const { decision: told, deployment, event, record, snapshot } = old
    const { ledger, outbox } = this
    const discovery = this.made.ledger
    const pass = { service: key, expects: undefined, record, begun: [deployment], updates: [] }
    await ledger.commit({ ...pass, decisions: [told], snapshots: [snapshot], events: [event] })
    await ledger.addFreeze(old.freeze)
    await outbox.tellOutage(old.outage, 0)
    await discovery.rememberTask(old.task)
    await discovery.putSource(old.found)
    await discovery.commitName(old.name)
    await discovery.claim(old.place.id, old.place.errands, 'somebody', 1000)
  }

  async load(rows: readonly Row[]): Promise<void> {
    for (const Item of rows) await this.#client.send(new PutItemCommand({ TableName: this.made.table, Item }))
  }

  async rows(): Promise<Map<string, Row>> {
    const { Items = [] } = await this.#client.send(new ScanCommand({ TableName: this.made.table }))
    return new Map(Items.map((row) => [placeOf(row), row]))
  }
}

const start = async () => new Versions(await DiscoveryTable.start())

test('every row that version 0.1.0 wrote is read', async () => {
  const versions = await start()
  await using made = versions.made
  await versions.load(rowsOf010)
  const { ledger, outbox } = versions
  expect(await ledger.listServices()).toEqual({ records: [old.record], damaged: [], freezes: [old.freeze] })
  expect(await ledger.listDeployments(key)).toEqual([old.deployment])
  expect(await ledger.listDecisions(key)).toEqual([old.decision])
  const snapshots = snapshotsOf(made.clients.dynamodb, made.table)
  expect(await snapshots.get(key, old.snapshot.taskDefinitionArn)).toEqual(old.snapshot)
  expect(await outbox.list()).toEqual([old.event, old.outage])
  expect(await outbox.isOutageSince(old.WRITTEN_AT)).toBe(true)
  expect(await made.ledger.listTasks(old.task.source)).toEqual([old.task])
  expect(await made.ledger.listSources()).toEqual([old.found])
  expect(await made.ledger.listNames()).toEqual([old.name])
  made.now += 2000
  const claim = await made.ledger.claim(old.place.id, [], 'another', 1000)
  expect(claim).toMatchObject({ kind: 'held', errands: old.place.errands })
})

test('what is written now has every attribute that version 0.1.0 wrote, of the same type', async () => {
  const versions = await start()
  await using _made = versions.made
  await versions.write()
  const written = await versions.rows()
  for (const row of rowsOf010) expect(written.get(placeOf(row))).toMatchObject(withoutBytes(row))
})

/** Deflated bytes may differ from one zlib to the next; what is in them is read above. */
const withoutBytes = (row: Row) =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, 'B' in value ? { B: expect.any(Uint8Array) } : value]),
  )

test('what a newer version has added stays where this one writes', async () => {
  const versions = await start()
  await using made = versions.made
  const grown = rowsOf010.map((row) => ({ ...row, canary: { S: 'ten percent' } }))
  const service: Row = { ...grown.find((row) => placeOf(row) === 'SERVICE prod/web') }
  const nested = { M: { ...service.bake?.M, until: { N: '99' } } }
  await versions.load([...grown, { ...service, bake: nested }])
  made.now += 1
  await versions.ledger.intervene(key, pause)
  await made.ledger.rememberTask({ ...old.task, version: 4 })
  await made.ledger.putSource({ ...old.found, told: 'another' })
  const { told: _gone, ...name } = { ...old.name, version: 2 }
  await made.ledger.commitName(name)
  const after = await versions.rows()
  for (const row of grown) expect(after.get(placeOf(row))).toMatchObject({ canary: { S: 'ten percent' } })
  const record = after.get('SERVICE prod/web')
  expect(record).toMatchObject({ bake: nested, version: { N: '2' }, pause: { M: { by: { S: 'bo' } } } })
  expect(await made.ledger.getName(old.name.target)).toEqual(name)
})

test('what is no longer so is taken out of a record that is written again', async () => {
  const versions = await start()
  await using made = versions.made
  await versions.load(rowsOf010)
  await versions.ledger.intervene(key, { ...pause, kind: 'resume' })
  expect((await versions.rows()).get('SERVICE prod/web')).not.toHaveProperty('pause')
  const { told: _told, publications: _all, ...source } = old.found
  await made.ledger.putSource(source)
  expect(await made.ledger.getSource(source.source)).toEqual(source)
})

test('a row of a form that only a newer version reads is refused by name, and left as it is', async () => {
  const versions = await start()
  await using made = versions.made
  const newer = rowsOf010.map((row) => ({ ...row, format: { N: '2' } }))
  await versions.load(newer)
  const refused = { code: 'NEWER_LEDGER', message: expect.stringContaining('Deploy that version again') }
  const { ledger, outbox } = versions
  const snapshots = snapshotsOf(made.clients.dynamodb, made.table)
  const tries: Promise<unknown>[] = [
    ledger.intervene(key, pause),
    ledger.listDeployments(key),
    ledger.listDecisions(key),
    snapshots.get(key, old.snapshot.taskDefinitionArn),
    outbox.list(),
    made.ledger.rememberTask({ ...old.task, health: 'UNHEALTHY' }),
    made.ledger.listTasks(old.task.source),
    made.ledger.getSource(old.found.source),
    made.ledger.getName(old.name.target),
  ]
  for (const one of await Promise.allSettled(tries)) expect(one).toMatchObject({ reason: refused })
  const { damaged, freezes, records } = await ledger.listServices()
  expect({ damaged, records }).toMatchObject({ damaged: [{ service: key, error: refused }], records: [] })
  // A freeze that is not understood freezes everything.
  expect(freezes).toMatchObject([{ scope: 'all', reason: refused.message }])
  expect(await versions.rows()).toEqual(new Map(newer.map((row) => [placeOf(row), row])))
})
