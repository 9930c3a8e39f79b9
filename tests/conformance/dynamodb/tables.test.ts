/** Tables through the real client: made, changed, kept, and what the engine does not have. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DynamoDB } from '@aws-sdk/client-dynamodb'
import { expect, test } from 'vitest'
import { testTables } from './harness.ts'

test('a table is shown as it was made', async () => {
  await using tables = await testTables()
  await tables.table('things', { Tags: [{ Key: 'team', Value: 'a' }], DeletionProtectionEnabled: true })
  const { Table } = await tables.client.describeTable({ TableName: 'things' })
  expect(Table).toMatchObject({
    TableName: 'things',
    TableStatus: 'ACTIVE',
    TableArn: 'arn:aws:dynamodb:us-east-1:123456789012:table/things',
    CreationDateTime: new Date('2026-01-01T00:00:00Z'),
    BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
    DeletionProtectionEnabled: true,
    GlobalSecondaryIndexes: [{ IndexName: 'byKind', IndexStatus: 'ACTIVE' }],
    LocalSecondaryIndexes: [{ IndexName: 'byRank' }],
  })
  const ResourceArn = Table?.TableArn
  await tables.client.tagResource({ ResourceArn, Tags: [{ Key: 'b', Value: '2' }] })
  await tables.client.untagResource({ ResourceArn, TagKeys: ['team'] })
  expect((await tables.client.listTagsOfResource({ ResourceArn })).Tags).toEqual([{ Key: 'b', Value: '2' }])
  await expect(tables.table('things')).rejects.toMatchObject({
    name: 'ResourceInUseException',
    message: 'Table already exists: things',
  })
  await expect(tables.client.deleteTable({ TableName: 'things' })).rejects.toMatchObject({
    name: 'ValidationException',
  })
  await tables.client.updateTable({ TableName: 'things', DeletionProtectionEnabled: false })
  await tables.client.deleteTable({ TableName: 'things' })
  await expect(tables.client.describeTable({ TableName: 'things' })).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  })
  expect(tables.drydock.faults).toEqual([])
})

test('a table made anew is empty', async () => {
  await using tables = await testTables()
  await tables.table('things')
  await tables.documents.put({ TableName: 'things', Item: { pk: 'p', sk: 's', kind: 'k', rank: 'r' } })
  await tables.client.deleteTable({ TableName: 'things' })
  await tables.table('things')
  expect((await tables.client.scan({ TableName: 'things' })).Count).toBe(0)
  expect((await tables.client.scan({ TableName: 'things', IndexName: 'byKind' })).Count).toBe(0)
})

test('tables are listed in pages, and belong to account and region', async () => {
  await using tables = await testTables()
  for (const name of ['c-table', 'a-table', 'b-table']) await tables.table(name)
  expect(await tables.client.listTables({ Limit: 2 })).toMatchObject({
    TableNames: ['a-table', 'b-table'],
    LastEvaluatedTableName: 'b-table',
  })
  expect((await tables.client.listTables({ ExclusiveStartTableName: 'b-table' })).TableNames).toEqual([
    'c-table',
  ])
  const elsewhere = new DynamoDB({ ...tables.drydock.config, region: 'eu-west-1' })
  expect((await elsewhere.listTables({})).TableNames).toEqual([])
  const other = new DynamoDB({
    ...tables.drydock.config,
    credentials: { accessKeyId: '111122223333', secretAccessKey: 'x' },
  })
  expect((await other.listTables({})).TableNames).toEqual([])
})

test('a global index that is added is filled, kept up to date, and can be taken away', async () => {
  await using tables = await testTables()
  await tables.table('things')
  for (const colour of ['red', 'blue', 'red']) {
    await tables.documents.put({
      TableName: 'things',
      Item: { pk: 'p', sk: Math.random().toString(), colour },
    })
  }
  await tables.documents.put({ TableName: 'things', Item: { pk: 'p', sk: 'none' } })
  const { Table } = await tables.client.describeTable({ TableName: 'things' })
  await tables.client.updateTable({
    TableName: 'things',
    AttributeDefinitions: [
      ...(Table?.AttributeDefinitions ?? []),
      { AttributeName: 'colour', AttributeType: 'S' },
    ],
    GlobalSecondaryIndexUpdates: [
      {
        Create: {
          IndexName: 'byColour',
          KeySchema: [{ AttributeName: 'colour', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'ALL' },
        },
      },
    ],
  })
  const red = async () =>
    (
      await tables.documents.query({
        TableName: 'things',
        IndexName: 'byColour',
        KeyConditionExpression: 'colour = :c',
        ExpressionAttributeValues: { ':c': 'red' },
      })
    ).Count
  expect(await red()).toBe(2)
  await tables.documents.put({ TableName: 'things', Item: { pk: 'p', sk: 'new', colour: 'red' } })
  expect(await red()).toBe(3)
  await tables.client.updateTable({
    TableName: 'things',
    GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: 'byColour' } }],
  })
  await expect(red()).rejects.toMatchObject({ name: 'ValidationException' })
  const after = await tables.client.describeTable({ TableName: 'things' })
  expect(after.Table?.AttributeDefinitions?.map((one) => one.AttributeName)).not.toContain('colour')
})

test('items are deleted some time after they have expired', async () => {
  await using tables = await testTables()
  await tables.table('things')
  const at = Date.UTC(2026, 0, 1, 1) / 1000
  await tables.documents.put({ TableName: 'things', Item: { pk: 'p', sk: 'soon', expires: at } })
  await tables.documents.put({ TableName: 'things', Item: { pk: 'p', sk: 'later', expires: at + 86_400 } })
  await tables.documents.put({ TableName: 'things', Item: { pk: 'p', sk: 'ancient', expires: 1 } })
  await tables.documents.put({ TableName: 'things', Item: { pk: 'p', sk: 'never' } })
  const TimeToLiveSpecification = { Enabled: true, AttributeName: 'expires' }
  await tables.client.updateTimeToLive({ TableName: 'things', TimeToLiveSpecification })
  expect((await tables.client.describeTimeToLive({ TableName: 'things' })).TimeToLiveDescription).toEqual({
    TimeToLiveStatus: 'ENABLED',
    AttributeName: 'expires',
  })
  const left = async () =>
    (await tables.documents.scan({ TableName: 'things' })).Items?.map((one) => one.sk).sort()
  await tables.drydock.engine.advance('59m')
  expect(await left()).toEqual(['ancient', 'later', 'never', 'soon'])
  await tables.drydock.engine.advance('12m')
  expect(await left()).toEqual(['ancient', 'later', 'never'])
  await expect(
    tables.client.updateTimeToLive({ TableName: 'things', TimeToLiveSpecification }),
  ).rejects.toMatchObject({
    message: 'TimeToLive is already enabled',
  })
})

test('settings that infrastructure tools read and write are kept', async () => {
  await using tables = await testTables()
  await tables.table('things')
  const status = async () =>
    (await tables.client.describeContinuousBackups({ TableName: 'things' })).ContinuousBackupsDescription
      ?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus
  expect(await status()).toBe('DISABLED')
  const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: true }
  await tables.client.updateContinuousBackups({ TableName: 'things', PointInTimeRecoverySpecification })
  expect(await status()).toBe('ENABLED')
})

test('tables outlive an engine with a data folder, and no reset', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'drydock-test-'))
  try {
    await using first = await testTables({ dataDir })
    await first.table('things')
    await first.documents.put({ TableName: 'things', Item: { pk: 'p', sk: 's' } })
    await first[Symbol.asyncDispose]()

    await using second = await testTables({ dataDir })
    expect((await second.documents.get({ TableName: 'things', Key: { pk: 'p', sk: 's' } })).Item).toEqual({
      pk: 'p',
      sk: 's',
    })
    await second.drydock.reset()
    expect((await second.client.listTables({})).TableNames).toEqual([])
  } finally {
    await rm(dataDir, { recursive: true })
  }
})

test('what the engine does not have answers so, and is not tried again', async () => {
  await using tables = await testTables()
  await tables.table('things')
  const statement = tables.client.executeStatement({ Statement: 'SELECT * FROM "things"' })
  await expect(statement).rejects.toMatchObject({
    name: 'NotImplementedException',
    $metadata: { httpStatusCode: 501 },
  })
  const StreamSpecification = { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' as const }
  await expect(tables.client.updateTable({ TableName: 'things', StreamSpecification })).rejects.toMatchObject(
    {
      $metadata: { httpStatusCode: 501 },
    },
  )
})
