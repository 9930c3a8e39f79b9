/** Conditional writes of single rows: their expressions, and the row that refused one. */

import type { UpdateCommandInput } from '@aws-sdk/lib-dynamodb'
import { Failure } from '@capstan/core/failure.ts'
import type { RowKey } from '../ledger/table.ts'
import { type Documents, rowOf } from '../wire/documents.ts'
import { ServiceError } from '../wire/service-error.ts'

type Attributes = Readonly<Record<string, unknown>>

/** An update that succeeded with the row as it is now, or was refused by the row that is there, if one is. */
export type Updated =
  | { readonly isDone: true; readonly row: Attributes }
  | { readonly isDone: false; readonly row: Attributes | undefined }

/** What an update does. Every attribute is written `#name`, as many names are reserved words of DynamoDB. */
export interface Update {
  readonly expression: string
  readonly condition: string
  /** By name without its colon; those that are `undefined` are not sent. */
  readonly values: Attributes
}

/** Makes one conditional UpdateItem; a condition that does not hold is an answer. */
export async function updateRow(
  client: Documents,
  TableName: string,
  Key: RowKey,
  update: Update,
): Promise<Updated> {
  try {
    const { Attributes = {} } = await client.update({ TableName, Key: { ...Key }, ...inputOf(update) })
    return { isDone: true, row: Attributes }
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'CONFLICT') throw error
    return { isDone: false, row: refusedBy(error) }
  }
}

function inputOf({ expression, condition, values }: Update) {
  const text = `${expression} ${condition}`
  const set = Object.entries(values).filter(([, value]) => value !== undefined)
  return {
    UpdateExpression: expression,
    ConditionExpression: condition,
    ExpressionAttributeNames: Object.fromEntries(
      [...text.matchAll(/#\w+/g)].map(([name]) => [name, name.slice(1)]),
    ),
    ...(set.length > 0 && {
      ExpressionAttributeValues: Object.fromEntries(set.map(([name, value]) => [`:${name}`, value])),
    }),
    ReturnValues: 'ALL_NEW',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  } satisfies Omit<UpdateCommandInput, 'TableName' | 'Key'>
}

/** Errors are left as they came over the wire. */
function refusedBy({ cause }: Failure): Attributes | undefined {
  const item = cause instanceof ServiceError ? cause.details.Item : undefined
  return item === undefined ? undefined : rowOf(item as Attributes)
}

/** `SET #a = :a, #b = :b` */
export const assign = (values: Attributes): string =>
  `SET ${Object.keys(values)
    .map((name) => `#${name} = :${name}`)
    .join(', ')}`
