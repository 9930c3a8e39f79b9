/** Operations on items: reads run on the store as it is, writes one after the other through an overlay. */
import { type Item, type Json, prepare, run, type Store, type Table } from './dynalite.ts'
import { fault, isConditionFailure } from './errors.ts'
import { openOverlay } from './overlay.ts'
import { tableNamed } from './table-records.ts'

export const itemReads = ['BatchGetItem', 'GetItem', 'Query', 'Scan']
export const itemWrites = ['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem']

/** Reads items. Throws what DynamoDB answers to a bad request. */
export async function readItems(operation: string, input: Json, store: Store): Promise<Json> {
  return await run(operation, prepare(operation, input, store), store)
}

/** Makes one write with all that follows from it in the indexes, or nothing of it. */
export async function writeItems(operation: string, input: Json, store: Store): Promise<Json> {
  const { view, commit } = openOverlay(store)
  const prepared = prepare(operation, input, store)
  try {
    const output = await run(operation, prepared, view)
    await commit()
    return output
  } catch (error) {
    if (!isConditionFailure(error)) throw error
    throw fault(
      'ConditionalCheckFailedException',
      'The conditional request failed',
      await shown(input, store),
    )
  }
}

/** `{ Item }` where the caller asked to be shown the item that failed its condition. */
export async function shown(input: Json, store: Store): Promise<{ Item?: Item }> {
  if (input.ReturnValuesOnConditionCheckFailure !== 'ALL_OLD') return {}
  const table = await tableNamed(String(input.TableName), store)
  const Key = keyOf(table, (input.Key ?? input.Item) as Item)
  const { Item } = await readItems(
    'GetItem',
    { TableName: table.TableName, Key, ConsistentRead: true },
    store,
  )
  return Item ? { Item: Item as Item } : {}
}

/** The key attributes of an item. */
export function keyOf(table: Table, item: Item): Item {
  const names = table.KeySchema.map((key) => key.AttributeName)
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.includes(name)))
}
