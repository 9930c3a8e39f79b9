/** Snapshots of task definitions: what a verified state ran, kept so that it can be registered again. */

import type { RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs'
import { Failure } from '@capstan/core/failure.ts'
import type { ServiceKey } from '@capstan/core/view.ts'
import * as z from 'zod/mini'
import type { Documents } from '../wire/documents.ts'
import { requireKnownFormat } from './rows.ts'
import { type RowKey, snapshotRow } from './table.ts'

/** A task definition as RegisterTaskDefinition takes it, with the tags that it had. */
export interface Snapshot {
  readonly taskDefinitionArn: string
  readonly definition: RegisterTaskDefinitionCommandInput
}

export interface Snapshots {
  /** What is kept of a service's task definition. Throws `Failure` INVALID_CONFIG for a row that others wrote, NEWER_LEDGER as `parseRow`. */
  get(key: ServiceKey, taskDefinitionArn: string): Promise<Snapshot | undefined>
}

/** Read as far as it must be whole: ECS itself judges the rest when it is registered. */
const outline = z.object({
  definition: z.looseObject({ family: z.string(), containerDefinitions: z.array(z.looseObject({})) }),
})

/** The snapshots in the table `table`; they are written with the pass that verifies. */
export function snapshotsOf(dynamodb: Documents, table: string): Snapshots {
  return {
    async get(key, taskDefinitionArn) {
      const Key = snapshotRow(key, taskDefinitionArn)
      const { Item } = await dynamodb.get({ TableName: table, Key, ConsistentRead: true })
      return Item && { taskDefinitionArn, definition: parseSnapshot(Item, Key) }
    },
  }
}

function parseSnapshot(row: unknown, { pk, sk }: RowKey): Snapshot['definition'] {
  requireKnownFormat(row)
  const read = outline.safeParse(row)
  if (read.success) return read.data.definition
  const what = `The ledger's row ${pk} ${sk} is not of the expected form.`
  throw new Failure('INVALID_CONFIG', `${what} Delete it: the service's next verified state is kept anew.`)
}
