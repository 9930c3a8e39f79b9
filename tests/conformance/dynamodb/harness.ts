/** An engine with a DynamoDB client, and a table that most tests share the form of. */
import { type CreateTableCommandInput, DynamoDB } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocument } from '@aws-sdk/lib-dynamodb'
import { type TestEngine, testEngine } from '@capstan/drydock/testing.ts'

export interface TestTables extends AsyncDisposable {
  readonly drydock: TestEngine
  readonly client: DynamoDB
  readonly documents: DynamoDBDocument
  /** Makes a table with the keys `pk` and `sk`, a global index `byKind` and a local one `byRank`. */
  table(name: string, more?: Partial<CreateTableCommandInput>): Promise<void>
}

const text = (...names: string[]) =>
  names.map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const }))
const keys = (hash: string, sort: string) => [
  { AttributeName: hash, KeyType: 'HASH' as const },
  { AttributeName: sort, KeyType: 'RANGE' as const },
]

/** Starts an engine for tables. */
export async function testTables(options: Parameters<typeof testEngine>[0] = {}): Promise<TestTables> {
  const drydock = await testEngine(options)
  const client = new DynamoDB(drydock.config)
  return {
    drydock,
    client,
    documents: DynamoDBDocument.from(client),
    async table(TableName, more = {}) {
      await client.createTable({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: text('pk', 'sk', 'kind', 'rank'),
        KeySchema: keys('pk', 'sk'),
        GlobalSecondaryIndexes: [
          { IndexName: 'byKind', KeySchema: keys('kind', 'rank'), Projection: { ProjectionType: 'ALL' } },
        ],
        LocalSecondaryIndexes: [
          { IndexName: 'byRank', KeySchema: keys('pk', 'rank'), Projection: { ProjectionType: 'KEYS_ONLY' } },
        ],
        ...more,
      })
    },
    async [Symbol.asyncDispose]() {
      client.destroy()
      await drydock.close()
    },
  }
}
