/** A ledger of discovery in a real table, for tests: with a clock that the test sets, and calls that it may hold up. */
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { parseEnvironment, tableDefinition } from '@capstan/aws'
import { type Clients, createClients } from '@capstan/aws/clients.ts'
import type { DiscoveryLedger } from '@capstan/aws/discovery/ledger.ts'
import { discoveryLedgerOf } from '@capstan/aws/discovery/table-ledger.ts'
import type { Documents } from '@capstan/aws/wire/documents.ts'
import type { Failure } from '@capstan/core/failure.ts'
import { type TestEngine, testEngine } from '@capstan/drydock/testing.ts'
import { vi } from 'vitest'

export class DiscoveryTable implements AsyncDisposable {
  readonly engine: TestEngine
  readonly clients: Clients
  readonly ledger: DiscoveryLedger
  readonly damaged: Failure[] = []
  readonly table: string
  /** Milliseconds since the epoch. */
  now = Date.UTC(2026, 0, 1)

  private constructor(engine: TestEngine, table: string) {
    this.engine = engine
    this.table = table
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test')
    const variables = { AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL: engine.endpoint }
    this.clients = createClients(parseEnvironment(variables))
    this.ledger = this.ledgerOver(this.clients.dynamodb)
  }

  static async start(): Promise<DiscoveryTable> {
    const engine = await testEngine()
    const made = new DiscoveryTable(engine, 'ledger')
    await new DynamoDBClient(engine.config).send(
      new CreateTableCommand({ TableName: made.table, ...tableDefinition }),
    )
    return made
  }

  /** The same table through another client, as another function has it. */
  ledgerOver(dynamodb: Documents): DiscoveryLedger {
    const onDamaged = (failure: Failure) => void this.damaged.push(failure)
    return discoveryLedgerOf(dynamodb, this.table, { now: () => this.now, onDamaged })
  }

  /** Puts a row there as a hand would. */
  async put(row: Record<string, unknown>): Promise<void> {
    await this.clients.dynamodb.put({ TableName: this.table, Item: row })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.engine.close()
  }
}
