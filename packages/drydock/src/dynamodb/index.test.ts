/** What no client would send: malformed bodies, unknown operations. The engine must answer all of it. */
import * as client from '@aws-sdk/client-dynamodb'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDynamodb } from './index.ts'
import { missingOperations } from './missing.ts'

const scope = { accountId: '123456789012', region: 'us-east-1' }
const dynamodb = createDynamodb({ now: () => Date.UTC(2026, 0, 1) })
const key = { pk: { S: 'a' } }
const values = { ':v': { N: '1' } }
const update = {
  TableName: 'things',
  Key: key,
  UpdateExpression: 'SET n = :v',
  ExpressionAttributeValues: values,
}

/** A good input of every operation that is there. */
const inputs: Record<string, object> = {
  PutItem: { TableName: 'things', Item: { ...key, n: { N: '1' }, m: { M: { l: { L: [{ S: 'x' }] } } } } },
  GetItem: { TableName: 'things', Key: key, ProjectionExpression: 'n, m.l[0]' },
  UpdateItem: {
    ...update,
    ConditionExpression: 'attribute_not_exists(n) OR n <= :v',
    ReturnValues: 'ALL_NEW',
  },
  DeleteItem: { TableName: 'things', Key: key, ReturnValues: 'ALL_OLD' },
  BatchGetItem: { RequestItems: { things: { Keys: [key] } } },
  BatchWriteItem: { RequestItems: { things: [{ PutRequest: { Item: key } }] } },
  Query: {
    TableName: 'things',
    KeyConditionExpression: 'pk = :p',
    FilterExpression: 'size(n) > :v OR contains(m, :p)',
    ExpressionAttributeValues: { ...values, ':p': { S: 'a' } },
  },
  Scan: { TableName: 'things', Limit: 1, Segment: 0, TotalSegments: 1, ExclusiveStartKey: key },
  TransactWriteItems: {
    TransactItems: [{ Update: update }, { Put: { TableName: 'things', Item: { pk: { S: 'b' } } } }],
    ClientRequestToken: 'x',
  },
  TransactGetItems: { TransactItems: [{ Get: { TableName: 'things', Key: key } }] },
  CreateTable: {
    TableName: 'others',
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    Tags: [{ Key: 'a', Value: 'b' }],
  },
  UpdateTable: {
    TableName: 'things',
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'n', AttributeType: 'N' },
    ],
    GlobalSecondaryIndexUpdates: [
      {
        Create: {
          IndexName: 'byN',
          KeySchema: [{ AttributeName: 'n', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'ALL' },
        },
      },
    ],
  },
  DescribeTable: { TableName: 'things' },
  DeleteTable: { TableName: 'others' },
  ListTables: { Limit: 3, ExclusiveStartTableName: 'abc' },
  TagResource: {
    ResourceArn: 'arn:aws:dynamodb:us-east-1:123456789012:table/things',
    Tags: [{ Key: 'a', Value: 'b' }],
  },
  UntagResource: { ResourceArn: 'arn:aws:dynamodb:us-east-1:123456789012:table/things', TagKeys: ['a'] },
  ListTagsOfResource: { ResourceArn: 'arn:aws:dynamodb:us-east-1:123456789012:table/things' },
  UpdateTimeToLive: { TableName: 'things', TimeToLiveSpecification: { Enabled: true, AttributeName: 'ttl' } },
  DescribeTimeToLive: { TableName: 'things' },
  UpdateContinuousBackups: {
    TableName: 'things',
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
  },
  DescribeContinuousBackups: { TableName: 'things' },
}

beforeAll(async () => {
  const { CreateTable } = inputs
  const made = await dynamodb.handle('CreateTable', { ...CreateTable, TableName: 'things' }, scope)
  expect(made.status).toBe(200)
})
afterAll(() => dynamodb.close())

test('every operation of DynamoDB is either there or known to be missing', () => {
  const known = Object.keys(client)
    .filter((name) => /^[A-Z]\w+Command$/.test(name))
    .map((name) => name.replace(/Command$/, ''))
  expect([...missingOperations, ...Object.keys(inputs)].sort()).toEqual(known.sort())
})

test.each(Object.entries(inputs).filter(([name]) => name !== 'DeleteTable'))(
  '%s answers',
  async (operation, input) => {
    expect(await dynamodb.handle(operation, input, scope)).toMatchObject({ status: 200 })
  },
)

test('an operation that is missing answers 501, an unknown one 400', async () => {
  expect((await dynamodb.handle('ExecuteStatement', {}, scope)).status).toBe(501)
  const { status, body } = await dynamodb.handle('Nothing', {}, scope)
  expect([status, body.__type]).toEqual([400, 'com.amazon.coral.service#UnknownOperationException'])
})

test.each([undefined, null, 1, 'x', []])('a body of %j is a serialization error', async (body) => {
  const answer = await dynamodb.handle('GetItem', body, scope)
  expect(answer).toMatchObject({
    status: 400,
    body: { __type: 'com.amazon.coral.service#SerializationException' },
  })
})

/** Replaces what lies at the n-th place of a value, counted depth first. */
function replaceAt(value: unknown, place: { left: number }, by: unknown): unknown {
  if (place.left-- === 0) return by
  if (Array.isArray(value)) return value.map((one) => replaceAt(one, place, by))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, replaceAt(one, place, by)]))
}

test('any operation answers anything, and nothing brings it down', async () => {
  const odd = fc.oneof(
    fc.constantFrom(null, undefined, '', ':v', '__proto__', 'things', 0, -1, 1e99, true, [], {}, [[]], {
      S: null,
    }),
    fc.constantFrom({ N: 'x' }, { B: '!' }, { SS: [] }, { M: [] }, { L: {} }, { S: 1 }, [null], {
      Put: null,
    }),
    fc.json().map((text) => JSON.parse(text) as unknown),
  )
  const changes = fc.array(fc.tuple(fc.nat(25), odd), { minLength: 1, maxLength: 3 })
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...Object.entries(inputs)), changes, async ([operation, input], all) => {
      const changed = all.reduce<unknown>((value, [left, by]) => replaceAt(value, { left }, by), input)
      const { status, body } = await dynamodb.handle(operation, changed, scope)
      expect([200, 400, 501]).toContain(status)
      expect(typeof body).toBe('object')
    }),
    { numRuns: 1000 },
  )
})
