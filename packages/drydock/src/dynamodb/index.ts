/**
 * Amazon DynamoDB, mounted beside the services of `services.ts` because its items are stored, not held in state. The
 * storage engine is loaded by the first request.
 */

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isRecord } from '../json.ts'
import type { Scope } from '../service.ts'
import { isAnswer, malformed } from './errors.ts'
import type { Tables } from './tables.ts'

export interface DynamodbOptions {
  /** Where tables are kept; without it they are in memory. */
  readonly dataDir?: string
  /** Engine time in milliseconds. */
  readonly now: () => number
}

export interface Dynamodb {
  /**
   * Answers one request: `operation` is what follows `DynamoDB_20120810.` in X-Amz-Target, `input` its body as JSON
   * (`undefined` if it was none). Never rejects for what a client sent; rejects only on a bug.
   */
  handle(
    operation: string,
    input: unknown,
    scope: Scope,
  ): Promise<{ status: number; body: Record<string, unknown> }>
  /** Forgets all tables. */
  reset(): Promise<void>
  /** Waits for what is under way and closes the tables. */
  close(): Promise<void>
}

/** Makes the service. Tables belong to the account and region of the request. */
export function createDynamodb({ dataDir, now }: DynamodbOptions): Dynamodb {
  const opened = new Map<string, Promise<Tables>>()
  const root = dataDir === undefined ? undefined : join(dataDir, 'dynamodb')

  function tablesOf(scope: Scope): Promise<Tables> {
    const key = `${scope.accountId}/${scope.region}`
    let tables = opened.get(key)
    if (!tables) {
      tables = open(root && join(root, scope.accountId, scope.region), scope, now)
      opened.set(key, tables)
      // What could not be opened once may be later.
      tables.catch(() => opened.delete(key))
    }
    return tables
  }

  async function close(): Promise<void> {
    const closing = [...opened.values()].map(async (tables) => (await tables).close())
    opened.clear()
    await Promise.all(closing)
  }

  return {
    async handle(operation, input, scope) {
      try {
        if (!isRecord(input)) throw malformed('The request body is not a JSON object')
        return { status: 200, body: await (await tablesOf(scope)).handle(operation, input) }
      } catch (error) {
        if (isAnswer(error)) return { status: error.statusCode, body: error.body }
        throw error
      }
    },
    async reset() {
      await close()
      if (root !== undefined) await rm(root, { recursive: true, force: true })
    },
    close,
  }
}

async function open(path: string | undefined, scope: Scope, now: () => number): Promise<Tables> {
  const { openTables } = await import('./tables.ts')
  return await openTables(path, scope, now)
}
