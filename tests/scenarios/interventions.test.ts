/** What operators say by hand: pauses and freezes are in the ledger with who and why, and nobody's word is lost. */
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { expect, test } from 'vitest'
import { Fleet } from './fleet.ts'

const web = { cluster: 'default', service: 'web' }
const ann = { by: 'ann', reason: 'migration' }

test('a pause and its end are decisions in the ledger', async () => {
  await using fleet = await Fleet.withWeb()
  const { ledger } = fleet.capstan
  const { record } = await ledger.intervene(web, { kind: 'pause', ...ann })
  expect(record.pause).toEqual({ ...ann, at: fleet.now })
  expect(await ledger.getService(web)).toEqual(record)
  await fleet.sweep()
  expect((await ledger.getService(web))?.pause).toEqual(record.pause)
  await ledger.intervene(web, { kind: 'resume', by: 'bo', reason: 'done' })
  expect(await ledger.getService(web)).not.toHaveProperty('pause')
  const { decisions } = await fleet.story('web')
  const spoken = decisions.filter(({ reason }) => reason === 'requested')
  expect(spoken.map(({ kind, facts }) => ({ kind, ...facts }))).toEqual([
    { kind: 'pause', by: 'ann', why: 'migration' },
    { kind: 'resume', by: 'bo', why: 'done' },
  ])
})

test('two who speak at once are both heard', async () => {
  await using fleet = await Fleet.withWeb()
  const { ledger } = fleet.capstan
  const pauses = ['ann', 'bo', 'cy'].map((by) =>
    ledger.intervene(web, { kind: 'pause', by, reason: 'me too' }),
  )
  await Promise.all(pauses)
  const { decisions } = await fleet.story('web')
  const heard = decisions.filter(({ kind }) => kind === 'pause').map(({ facts }) => facts.by)
  expect(heard.toSorted()).toEqual(['ann', 'bo', 'cy'])
})

test('freezes are listed until they are removed, and both is told', async () => {
  await using fleet = await Fleet.start()
  const { ledger } = fleet.capstan
  const all = await ledger.addFreeze({ scope: 'all', by: 'ann', reason: 'launch', until: fleet.now + 60_000 })
  await fleet.advance('1s')
  const weekly = { rule: 'FREQ=WEEKLY;BYDAY=FR;BYHOUR=16', duration: '64h', timeZone: 'Europe/Berlin' }
  const prod = await ledger.addFreeze({ scope: 'prod', by: 'bo', reason: 'weekend', ...weekly })
  expect(await ledger.listFreezes()).toEqual([all, prod])
  expect(all.id).toMatch(/^f-\d{8}-[0-9a-f]{4}$/)

  await fleet.advance('1s')
  expect(await ledger.removeFreeze(all.id, { by: 'cy', reason: 'launched' })).toEqual(all)
  expect(await ledger.listFreezes()).toEqual([prod])
  const again = ledger.removeFreeze(all.id, { by: 'cy', reason: 'again' })
  await expect(again).rejects.toMatchObject({ code: 'NOT_FOUND' })
  const told = (await ledger.listDecisions()).toReversed()
  expect(told.map(({ kind, cluster, facts }) => [kind, cluster, facts.by, facts.why])).toEqual([
    ['freeze', '*', 'ann', 'launch'],
    ['freeze', 'prod', 'bo', 'weekend'],
    ['unfreeze', '*', 'cy', 'launched'],
  ])
})

test('a look at all services finds the freezes in the same query, and a freeze that cannot be read holds', async () => {
  await using fleet = await Fleet.withWeb()
  const { ledger } = fleet.capstan
  const freeze = await ledger.addFreeze({ scope: 'default', by: 'ann', reason: 'launch' })
  expect(await ledger.listServices()).toMatchObject({
    records: [{ service: 'web' }],
    damaged: [],
    freezes: [freeze],
  })
  const table = new DynamoDBClient(fleet.engine.config)
  const Item = { pk: { S: 'SERVICE' }, sk: { S: `FREEZE#${freeze.id}` }, scope: { N: '1' } }
  await table.send(new PutItemCommand({ TableName: 'capstan-ledger', Item }))
  const broken = { id: freeze.id, scope: 'all', reason: expect.stringContaining('correct or delete it') }
  expect(await ledger.listFreezes()).toMatchObject([broken])

  await fleet.push('web', '1.1.0')
  await fleet.deliverEvents()
  expect((await fleet.story('web')).reasons).toContain('wait frozen')
  await ledger.removeFreeze(freeze.id, { by: 'ann', reason: 'nonsense' })
  await fleet.settle()
  expect((await fleet.story('web')).states).toEqual(['completed'])
})
