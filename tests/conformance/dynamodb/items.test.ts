/** Items through the real client: written, read, found and changed in transactions. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type TestTables, testTables } from './harness.ts'

let tables: TestTables
let TableName = ''
let count = 0
beforeAll(async () => {
  tables = await testTables()
})
beforeEach(async () => {
  TableName = `items-${count++}`
  await tables.table(TableName)
})
afterAll(async () => {
  expect(tables.drydock.faults).toEqual([])
  await tables[Symbol.asyncDispose]()
})

const item = (n: number, more: object = {}) => ({
  pk: 'p',
  sk: `s${n}`,
  kind: 'k',
  rank: `r${n}`,
  n,
  ...more,
})
const put = (n: number, more?: object) => tables.documents.put({ TableName, Item: item(n, more) })
const get = async (sk: string) => (await tables.documents.get({ TableName, Key: { pk: 'p', sk } })).Item

test('all kinds of attributes come back as they were', async () => {
  const Item = {
    pk: { S: 'p' },
    sk: { S: 's' },
    number: { N: '12345678901234567890.5' },
    bytes: { B: new Uint8Array([0, 255, 1]) },
    yes: { BOOL: true },
    nothing: { NULL: true },
    list: { L: [{ S: 'a' }, { N: '1' }] },
    map: { M: { deep: { M: { er: { S: 'x' } } } } },
    texts: { SS: ['a', 'b'] },
    numbers: { NS: ['1', '2.5'] },
    empty: { S: '' },
  }
  await tables.client.putItem({ TableName, Item })
  const got = await tables.client.getItem({ TableName, Key: { pk: { S: 'p' }, sk: { S: 's' } } })
  expect(got.Item).toEqual(Item)
})

test('as many and as large items as a batch may have are written', async () => {
  const bytes = new Uint8Array(399 * 1024)
  const puts = Array.from({ length: 25 }, (_, n) => ({ PutRequest: { Item: item(n, { bytes }) } }))
  const written = await tables.documents.batchWrite({ RequestItems: { [TableName]: puts } })
  expect(written.UnprocessedItems).toEqual({})
  expect((await get('s24'))?.bytes).toEqual(bytes)
})

test('a condition that does not hold changes nothing, and shows the item if asked', async () => {
  await put(1)
  const again = tables.documents.put({
    TableName,
    Item: item(1, { n: 99 }),
    ConditionExpression: 'attribute_not_exists(pk)',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  })
  await expect(again).rejects.toMatchObject({
    name: 'ConditionalCheckFailedException',
    message: 'The conditional request failed',
    Item: { n: { N: '1' } },
  })
  expect(await get('s1')).toMatchObject({ n: 1 })
})

test('update expressions set, add, remove and delete', async () => {
  await put(1, { gone: true, tags: new Set(['a']) })
  const Key = { pk: 'p', sk: 's1' }
  const { Attributes } = await tables.documents.update({
    TableName,
    Key,
    UpdateExpression:
      'SET #l = list_append(if_not_exists(#l, :none), :one), m = :map, n = n + :n REMOVE gone ADD tags :tags',
    ExpressionAttributeNames: { '#l': 'list' },
    ExpressionAttributeValues: {
      ':none': [],
      ':one': ['x'],
      ':map': { deep: 1 },
      ':n': 5,
      ':tags': new Set(['b']),
    },
    ReturnValues: 'ALL_NEW',
  })
  expect(Attributes).toEqual(item(1, { n: 6, list: ['x'], m: { deep: 1 }, tags: new Set(['a', 'b']) }))
  await tables.documents.update({
    TableName,
    Key,
    UpdateExpression: 'SET m.deep = :v, #l[0] = :v DELETE tags :a',
    ExpressionAttributeNames: { '#l': 'list' },
    ExpressionAttributeValues: { ':v': 'z', ':a': new Set(['a']) },
  })
  expect(await get('s1')).toMatchObject({ m: { deep: 'z' }, list: ['z'], tags: new Set(['b']) })
})

test('a query finds, filters, turns round and pages', async () => {
  for (let n = 0; n < 5; n++) await put(n)
  const found = await tables.documents.query({
    TableName,
    IndexName: 'byKind',
    KeyConditionExpression: 'kind = :k and begins_with(#r, :r)',
    FilterExpression: 'n >= :n',
    ExpressionAttributeNames: { '#r': 'rank' },
    ExpressionAttributeValues: { ':k': 'k', ':r': 'r', ':n': 3 },
    ScanIndexForward: false,
  })
  expect(found.Items?.map((one) => one.n)).toEqual([4, 3])
  expect([found.Count, found.ScannedCount]).toEqual([2, 5])
  const page = {
    TableName,
    KeyConditionExpression: 'pk = :p',
    ExpressionAttributeValues: { ':p': 'p' },
    Limit: 3,
  }
  const first = await tables.documents.query(page)
  const second = await tables.documents.query({ ...page, ExclusiveStartKey: first.LastEvaluatedKey })
  expect([...(first.Items ?? []), ...(second.Items ?? [])].map((one) => one.n)).toEqual([0, 1, 2, 3, 4])
  expect(second.LastEvaluatedKey).toBeUndefined()
  const local = await tables.documents.query({
    TableName,
    IndexName: 'byRank',
    KeyConditionExpression: 'pk = :p and #r > :r',
    ExpressionAttributeNames: { '#r': 'rank' },
    ExpressionAttributeValues: { ':p': 'p', ':r': 'r3' },
  })
  expect(local.Items).toEqual([{ pk: 'p', sk: 's4', rank: 'r4' }])
})

test('a scan sees every item once, in segments too', async () => {
  for (let n = 0; n < 20; n++) await tables.documents.put({ TableName, Item: { pk: `p${n}`, sk: 's' } })
  const segments = await Promise.all(
    [0, 1, 2].map((Segment) => tables.documents.scan({ TableName, Segment, TotalSegments: 3 })),
  )
  const seen = segments.flatMap((segment) => segment.Items ?? []).map((one) => one.pk)
  expect(new Set(seen).size).toBe(20)
  expect(seen.length).toBe(20)
})

test('batches write and read', async () => {
  await put(0)
  const requests = [{ PutRequest: { Item: item(1) } }, { DeleteRequest: { Key: { pk: 'p', sk: 's0' } } }]
  const { UnprocessedItems } = await tables.documents.batchWrite({ RequestItems: { [TableName]: requests } })
  expect(UnprocessedItems).toEqual({})
  const Keys = [0, 1].map((n) => ({ pk: 'p', sk: `s${n}` }))
  const { Responses } = await tables.documents.batchGet({ RequestItems: { [TableName]: { Keys } } })
  expect(Responses?.[TableName]).toEqual([item(1)])
})

test('a transaction does all or nothing', async () => {
  await put(1)
  await put(2)
  await tables.documents.transactWrite({
    TransactItems: [
      { Put: { TableName, Item: item(3) } },
      {
        Update: {
          TableName,
          Key: { pk: 'p', sk: 's1' },
          UpdateExpression: 'SET n = :n',
          ExpressionAttributeValues: { ':n': 10 },
        },
      },
      { Delete: { TableName, Key: { pk: 'p', sk: 's2' } } },
    ],
  })
  expect([await get('s1'), await get('s2'), await get('s3')]).toEqual([
    item(1, { n: 10 }),
    undefined,
    item(3),
  ])
  const failing = tables.documents.transactWrite({
    TransactItems: [
      { Put: { TableName, Item: item(4) } },
      {
        ConditionCheck: {
          TableName,
          Key: { pk: 'p', sk: 's1' },
          ConditionExpression: 'n < :n',
          ExpressionAttributeValues: { ':n': 5 },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        },
      },
    ],
  })
  await expect(failing).rejects.toMatchObject({
    name: 'TransactionCanceledException',
    message:
      'Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed]',
    CancellationReasons: [
      { Code: 'None' },
      { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed', Item: { n: { N: '10' } } },
    ],
  })
  expect(await get('s4')).toBeUndefined()
  const { Responses } = await tables.documents.transactGet({
    TransactItems: ['s1', 's4'].map((sk) => ({ Get: { TableName, Key: { pk: 'p', sk } } })),
  })
  expect(Responses).toEqual([{ Item: item(1, { n: 10 }) }, {}])
})

test('a transaction with a token is done once, for ten minutes', async () => {
  const { engine } = tables.drydock
  const ClientRequestToken = 'once'
  const count = (sk: string) => ({
    ClientRequestToken,
    TransactItems: [
      {
        Update: {
          TableName,
          Key: { pk: 'p', sk },
          UpdateExpression: 'ADD n :n',
          ExpressionAttributeValues: { ':n': 1 },
        },
      },
    ],
  })
  await tables.documents.transactWrite(count('s1'))
  await tables.documents.transactWrite(count('s1'))
  expect(await get('s1')).toMatchObject({ n: 1 })
  await expect(tables.documents.transactWrite(count('s2'))).rejects.toMatchObject({
    name: 'IdempotentParameterMismatchException',
  })
  await engine.advance('10m')
  await tables.documents.transactWrite(count('s1'))
  expect(await get('s1')).toMatchObject({ n: 2 })
})

const badTransactions: [string, unknown, RegExp][] = [
  ['no items', [], /length greater than or equal to 1/],
  [
    '101 items',
    Array.from({ length: 101 }, (_, n) => ({ Put: { Item: item(n) } })),
    /length less than or equal to 100/,
  ],
  [
    'two operations in one',
    [{ Put: { Item: item(1) }, Delete: { Key: { pk: 'p', sk: 's2' } } }],
    /can only contain one of/,
  ],
  [
    'two operations on one item',
    [{ Put: { Item: item(1) } }, { Delete: { Key: { pk: 'p', sk: 's1' } } }],
    /multiple operations on one item/,
  ],
  [
    'a check without a condition',
    [{ ConditionCheck: { Key: { pk: 'p', sk: 's1' } } }],
    /conditionCheck.conditionExpression/,
  ],
  [
    'an update without an expression',
    [{ Update: { Key: { pk: 'p', sk: 's1' } } }],
    /update.updateExpression/,
  ],
]
test.each(badTransactions)('a transaction with %s is refused', async (_, entries, message) => {
  const TransactItems = (entries as object[]).map((entry) =>
    Object.fromEntries(Object.entries(entry).map(([kind, input]) => [kind, { TableName, ...input }])),
  )
  const refused = tables.documents.transactWrite({ TransactItems })
  await expect(refused).rejects.toMatchObject({
    name: 'ValidationException',
    message: expect.stringMatching(message),
  })
})

test('counters that many add to at once lose nothing', async () => {
  const add = () =>
    tables.documents.update({
      TableName,
      Key: { pk: 'p', sk: 'n' },
      UpdateExpression: 'ADD n :one',
      ExpressionAttributeValues: { ':one': 1 },
    })
  await Promise.all(Array.from({ length: 50 }, add))
  expect(await get('n')).toMatchObject({ n: 50 })
})
