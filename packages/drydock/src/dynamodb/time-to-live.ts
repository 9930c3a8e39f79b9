/**
 * Time to live: its settings, and the removal of items that have expired. Items are looked for when a request comes
 * in and some engine time has passed since the last look, so no timer runs, and nobody can see the difference.
 */
import { type Item, type Json, prefixes, range, type Store } from './dynalite.ts'
import { invalid, missing } from './errors.ts'
import { keyOf, writeItems } from './items.ts'
import { putSettings, settingsOf, tableIn, tableNamed, tableNames } from './table-records.ts'

/** How long expired items may stay, in engine milliseconds. DynamoDB promises "within a few days". */
export const SWEEP_EVERY_MS = 10 * 60_000
/** Older times are taken for a mistake and never expire (Developer Guide: Computing Time to Live). */
const OLDEST_SECONDS = 5 * 365 * 24 * 3600

/** UpdateTimeToLive. */
export async function updateTimeToLive(input: Json, store: Store): Promise<Json> {
  const spec = input.TimeToLiveSpecification as { Enabled?: boolean; AttributeName?: string } | undefined
  if (!spec) throw missing('timeToLiveSpecification')
  if (typeof spec.AttributeName !== 'string') throw missing('timeToLiveSpecification.attributeName')
  if (typeof spec.Enabled !== 'boolean') throw missing('timeToLiveSpecification.enabled')
  const { TableName } = await tableIn(input, store)
  const { timeToLive, ...others } = await settingsOf(TableName, store)
  if (!spec.Enabled && timeToLive === undefined) throw invalid('TimeToLive is already disabled')
  if (spec.Enabled && timeToLive !== undefined) throw invalid('TimeToLive is already enabled')
  if (!spec.Enabled && timeToLive !== spec.AttributeName) {
    throw invalid(`TimeToLive is active on a different AttributeName: current AttributeName is ${timeToLive}`)
  }
  await putSettings(TableName, spec.Enabled ? { ...others, timeToLive: spec.AttributeName } : others, store)
  return { TimeToLiveSpecification: spec }
}

/** DescribeTimeToLive. */
export async function describeTimeToLive(input: Json, store: Store): Promise<Json> {
  const { TableName } = await tableIn(input, store)
  const { timeToLive } = await settingsOf(TableName, store)
  if (timeToLive === undefined) return { TimeToLiveDescription: { TimeToLiveStatus: 'DISABLED' } }
  return { TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED', AttributeName: timeToLive } }
}

/** Whether an item's time to live has passed. `now` in milliseconds. */
function hasExpired(item: Item, attribute: string, now: number): boolean {
  const at = item[attribute]?.N
  if (typeof at !== 'string') return false
  const age = now / 1000 - Number(at)
  return age >= 0 && age < OLDEST_SECONDS
}

/** Deletes all items that have expired. */
export async function sweep(now: number, store: Store): Promise<void> {
  for (const name of await tableNames(store)) {
    const { timeToLive } = await settingsOf(name, store)
    if (timeToLive !== undefined) await sweepTable(name, timeToLive, now, store)
  }
}

async function sweepTable(name: string, attribute: string, now: number, store: Store): Promise<void> {
  const table = await tableNamed(name, store)
  for await (const value of store.db.values(range(prefixes.items(name)))) {
    const item = value as Item
    if (!hasExpired(item, attribute, now)) continue
    await writeItems('DeleteItem', { TableName: name, Key: keyOf(table, item) }, store)
  }
}
