/**
 * How a record is written over the one that was read: attribute by attribute, so that what only a newer version of Capstan
 * writes there stays. Versions meet in one table while functions are replaced, and after a version was rolled back.
 */
import type { RowKey } from './table.ts'

/** The part of an UpdateItem that is the record itself; a condition's values go beside these. */
export interface Saving {
  readonly Key: RowKey
  readonly UpdateExpression: string
  readonly ExpressionAttributeNames: Record<string, string>
  readonly ExpressionAttributeValues: Record<string, unknown>
}

/** Sets what `entry` has, and removes those of its `fields` that it lacks. Makes the row where there is none. */
export function savingOf(Key: RowKey, fields: readonly string[], entry: object): Saving {
  const values = Object.entries(entry).filter(([, value]) => value !== undefined)
  const has = new Set(values.map(([name]) => name))
  const gone = fields.filter((name) => !has.has(name))
  const sets = values.map(([name]) => `#${name} = :${name}`)
  const removes = gone.map((name) => `#${name}`)
  return {
    Key,
    UpdateExpression: `SET ${sets.join(', ')}${removes.length ? ` REMOVE ${removes.join(', ')}` : ''}`,
    ExpressionAttributeNames: Object.fromEntries([...has, ...gone].map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: Object.fromEntries(values.map(([name, value]) => [`:${name}`, value])),
  }
}
