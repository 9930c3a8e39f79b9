/**
 * What an operator says about a service beside what to deploy: pause, resume, release. Each changes the record on the
 * condition that it is the one that was read, together with the decision that tells who did it and why.
 */
import { Failure } from '@capstan/core/failure.ts'
import { shortDigest } from '@capstan/core/image.ts'
import { keyOf, nameOf } from '@capstan/core/service-key.ts'
import type { ServiceKey, ServiceRecord } from '@capstan/core/view.ts'
import type { Author, LedgerTools } from './freezes.ts'
import type { Ledger } from './ledger.ts'
import type { Pass } from './pass.ts'
import type { DecisionEntry } from './rows.ts'

/** One of the things that an operator may say. */
export type Wish =
  | ({ readonly kind: 'pause' | 'resume' } & Author)
  /** Lets what is quarantined be deployed again: the one `digest`, or its beginning; all, and any hold, without it. */
  | ({ readonly kind: 'release'; readonly digest?: string } & Author)

/** What became of a wish: without an entry there was nothing to do. */
export interface Intervention {
  readonly record: ServiceRecord
  readonly entry?: DecisionEntry
}

/** Each conflict means that a door has got on with the same service, so few looks are ever needed. */
const MOST_TRIES = 5

/**
 * Writes a wish down. Throws `Failure` NOT_FOUND where the ledger knows no such service, INVALID_REQUEST where the
 * digest to release is not quarantined, CONFLICT where the record does not stay for long enough.
 */
export async function intervene(
  ledger: Pick<Ledger, 'getService' | 'commit'>,
  key: ServiceKey,
  wish: Wish,
  tools: LedgerTools,
  tries = 1,
): Promise<Intervention> {
  const record = await ledger.getService(key)
  if (!record) throw unknownService(key)
  const at = tools.now()
  const pass = interventionOf(record, wish, { at, id: `${tools.newId(at, record.version + 1)}.0` })
  if (!pass) return { record }
  try {
    await ledger.commit(pass)
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'CONFLICT' || tries === MOST_TRIES) throw error
    return intervene(ledger, key, wish, tools, tries + 1)
  }
  const [entry] = pass.decisions
  return { record: pass.record, ...(entry && { entry }) }
}

/** The pass that a wish makes of a record; `undefined` where it is so already. Throws as `intervene` does. */
export function interventionOf(
  record: ServiceRecord,
  wish: Wish,
  { at, id }: { at: number; id: string },
): Pass | undefined {
  const change = changeOf(record, wish, at)
  if (!change) return undefined
  const { by, kind, reason } = wish
  const facts = { by, why: reason, ...change.facts }
  const sentence = `${change.what}, as ${by} asked: ${reason}.`
  return {
    service: keyOf(record),
    expects: record.version,
    record: { ...change.record, version: record.version + 1 },
    begun: [],
    updates: [],
    decisions: [{ ...keyOf(record), id, at, kind, reason: 'requested', facts, sentence }],
  }
}

interface Change {
  readonly record: ServiceRecord
  /** What is done, as the beginning of a sentence. */
  readonly what: string
  readonly facts?: Readonly<Record<string, string>>
}

function changeOf(record: ServiceRecord, wish: Wish, at: number): Change | undefined {
  switch (wish.kind) {
    case 'pause': {
      const { by, reason } = wish
      return { record: { ...record, pause: { by, reason, at } }, what: `Pauses ${nameOf(record)}` }
    }
    case 'resume': {
      const { pause, ...rest } = record
      return pause && { record: rest, what: `Resumes ${nameOf(record)}` }
    }
    case 'release':
      return released(record, wish.digest)
    default:
      return wish satisfies never
  }
}

function released(record: ServiceRecord, digest: string | undefined): Change | undefined {
  const { hold, quarantine, ...rest } = record
  const digests = digest === undefined ? Object.keys(quarantine) : [quarantined(record, digest)]
  // A hold that came with a rollback would keep the released image back all the same.
  const endsHold = digest === undefined || hold?.reason === 'rolled-back'
  if (!digests.length && !hold) return undefined
  const left = Object.entries(quarantine).filter(([one]) => !digests.includes(one))
  const names = digests.map(shortDigest).join(', ')
  const what = [names, ...(hold && endsHold ? ['the hold'] : [])].filter(Boolean).join(' and ')
  return {
    record: { ...rest, quarantine: Object.fromEntries(left), ...(hold && !endsHold && { hold }) },
    what: `Releases ${what} on ${nameOf(record)}`,
    facts: { ...(names && { released: names }), ...(hold && endsHold && { hold: hold.reason }) },
  }
}

/** The one quarantined digest that begins with `text`. Throws `Failure` INVALID_REQUEST. */
function quarantined(record: ServiceRecord, text: string): string {
  const all = Object.keys(record.quarantine)
  const [found, ...more] = all.filter((digest) => digest.startsWith(text))
  if (found && !more.length) return found
  const there = all.length ? `it has ${all.map(shortDigest).join(', ')}` : 'nothing is'
  const why = found
    ? `more than one quarantined digest begins with '${text}'`
    : `'${text}' is not quarantined`
  throw new Failure(
    'INVALID_REQUEST',
    `Nothing is released on ${nameOf(record)}, because ${why} there; ${there}.`,
  )
}

function unknownService(key: ServiceKey): Failure {
  return new Failure(
    'NOT_FOUND',
    `The ledger has no service ${nameOf(key)}; it knows those that are enrolled and were looked at. 'capstan service list' shows them.`,
  )
}
