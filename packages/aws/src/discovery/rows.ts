/**
 * Discovery's rows in the ledger's table: how each is written, and the schema by which it is parsed when it is read. They grow
 * as those of ledger/rows.ts do.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type {
  KnownTask,
  NameRecord,
  OwnedRecord,
  Publication,
  SourceKey,
  Target,
} from '@capstan/core/discovery/view.ts'
import { messageOf } from '@capstan/core/failure.ts'
import { number, text } from '@capstan/core/plain.ts'
import * as z from 'zod/mini'
import { parseRow, placeOf } from '../ledger/rows.ts'
import { savingOf } from '../ledger/save.ts'
import { nameRow, sourceRow } from '../ledger/table.ts'
import type { SourceRecord } from './ledger.ts'

const source: z.ZodMiniType<SourceKey> = z.object({ cluster: text, group: text })

const target: z.ZodMiniType<Target> = z.union([
  z.object({ kind: z.literal('dns'), name: text }),
  z.object({ kind: z.literal('cloud-map'), namespace: text, service: text }),
])

const knownTask = z.object({
  arn: text,
  source,
  version: z.int(),
  taskDefinitionArn: text,
  desired: z.enum(['RUNNING', 'STOPPED']),
  last: text,
  health: z.enum(['HEALTHY', 'UNHEALTHY', 'UNKNOWN']),
  interfaceId: z.exactOptional(text),
  containerInstanceArn: z.exactOptional(text),
  // Each address is an attribute of its own, so that an update without it leaves it as it is.
  private: z.exactOptional(text),
  public: z.exactOptional(text),
  ipv6: z.exactOptional(text),
  ports: z.exactOptional(z.array(z.object({ container: text, port: z.int(), hostPort: z.int() }))),
  startedAt: z.exactOptional(number),
  isChecked: z.boolean(),
  seenAt: number,
})

/** A task from its row. Throws `Failure` INVALID_CONFIG that names a row which something else must have written. */
export function readTask(row: unknown): KnownTask {
  const { private: own, public: outer, ipv6, ports = [], ...rest } = parseRow(knownTask, row)
  const addresses = {
    ...(own !== undefined && { private: own }),
    ...(outer !== undefined && { public: outer }),
    ...(ipv6 !== undefined && { ipv6 }),
  }
  return { ...rest, id: placeOf(row).sk, addresses, ports }
}

/** A task's attributes, as far as it has them: what it lacks is not to overwrite what was learnt. */
export function taskAttributes({ id: _id, addresses, ports, ...rest }: KnownTask): Record<string, unknown> {
  const all = { ...rest, ...addresses, ...(ports.length > 0 && { ports }) }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

const publication: z.ZodMiniType<Publication> = z.looseObject({
  target,
  types: z.array(z.enum(['A', 'AAAA', 'SRV'])),
  address: z.enum(['private', 'public']),
  ttl: number,
  port: z.exactOptional(z.object({ container: z.exactOptional(text), port: z.int() })),
  perTask: z.boolean(),
  policy: z.enum(['sync', 'upsert-only', 'create-only']),
  txt: z.boolean(),
  zone: z.exactOptional(text),
})

const sourceFields = {
  source,
  targets: z.array(target),
  // One that cannot be read is as if nothing was ever understood.
  publications: z.exactOptional(z.catch(z.array(publication), [])),
  told: z.exactOptional(text),
}

const sourceRecord: z.ZodMiniType<SourceRecord> = z.object(sourceFields)

/** A source from its row. Throws as `readTask`. */
export const readSource = (row: unknown): SourceRecord => parseRow(sourceRecord, row)
/** How a source is written. */
export const savingOfSource = (record: SourceRecord) =>
  savingOf(sourceRow(record.source), Object.keys(sourceFields), record)

const ownedRecords: z.ZodMiniType<OwnedRecord[]> = z.array(
  z.looseObject({
    name: text,
    type: text,
    setIdentifier: z.exactOptional(text),
    ttl: z.exactOptional(number),
    values: z.array(text),
    task: z.exactOptional(text),
    state: z.enum(['intended', 'written', 'leaving']),
  }),
)

/** What an inflated row may hold at most: far more than a thousand instances are, far less than a function's memory. */
const MOST_BYTES = 16 * 1024 * 1024

const packed = z.pipe(
  z.instanceof(Uint8Array<ArrayBufferLike>),
  z.transform((bytes: Uint8Array, context): unknown => {
    try {
      return JSON.parse(inflateRawSync(bytes, { maxOutputLength: MOST_BYTES }).toString())
    } catch (error) {
      context.issues.push({ code: 'custom', message: messageOf(error), input: bytes })
      return z.NEVER
    }
  }),
)

const nameFields = {
  target,
  version: z.int().check(z.positive()),
  placeId: z.exactOptional(text),
  sources: z.array(source),
  owned: z.pipe(packed, ownedRecords),
  told: z.exactOptional(text),
  isHindered: z.exactOptional(z.boolean()),
  lookAt: z.exactOptional(number),
}

const nameRecord = z.object(nameFields)

/** A name from its row. Throws as `readTask`. */
export const readName = (row: unknown): NameRecord => parseRow(nameRecord, row)

/**
 * How a name is written. Its records are deflated JSON: a thousand instances with the longest names that ECS allows would be
 * 900 KB as they are, where DynamoDB takes 400 KB and each KB written is paid for; deflated they are under 60 KB, and
 * 300 record sets under 20 KB.
 */
export function savingOfName(record: NameRecord) {
  const owned = deflateRawSync(JSON.stringify(record.owned))
  return savingOf(nameRow(record.target), Object.keys(nameFields), { ...record, owned })
}
