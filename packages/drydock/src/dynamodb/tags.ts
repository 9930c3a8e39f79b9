/** Tags of tables. */
import { type Json, prefixes, prepare, range, type Store } from './dynalite.ts'
import { fault } from './errors.ts'

export interface Tag {
  readonly Key: string
  readonly Value: string
}

/** Adds tags to a table, or replaces their values. */
export async function putTags(table: string, tags: readonly Tag[] = [], store: Store): Promise<void> {
  const prefix = prefixes.tags(table)
  await store.db.batch(tags.map(({ Key, Value }) => ({ type: 'put', key: prefix + Key, value: Value })))
}

/** TagResource. */
export async function tagResource(input: Json, store: Store): Promise<Json> {
  const { table, data } = await read('TagResource', input, store)
  await putTags(table, data.Tags as Tag[], store)
  return {}
}

/** UntagResource. */
export async function untagResource(input: Json, store: Store): Promise<Json> {
  const { table, data } = await read('UntagResource', input, store)
  const keys = data.TagKeys as string[]
  await store.db.batch(keys.map((key) => ({ type: 'del', key: prefixes.tags(table) + key })))
  return {}
}

/** ListTagsOfResource; all tags are on one page. */
export async function listTags(input: Json, store: Store): Promise<Json> {
  const { table } = await read('ListTagsOfResource', input, store)
  const prefix = prefixes.tags(table)
  const entries = await Array.fromAsync(store.db.iterator(range(prefix)))
  return { Tags: entries.map(([key, Value]) => ({ Key: key.slice(prefix.length), Value })) }
}

async function read(operation: string, input: Json, store: Store): Promise<{ table: string; data: Json }> {
  const data = prepare(operation, input, store)
  const arn = String(data.ResourceArn)
  const table = arn.split('/').at(-1) ?? ''
  if (await store.db.get(prefixes.table + table)) return { table, data }
  throw fault('ResourceNotFoundException', `Requested resource not found: ResourcArn: ${arn} not found`)
}
