/**
 * The ledger's rows: their types, and the schemas by which each is parsed when it is read. Schemas only ever gain fields, and
 * those are optional (docs/decisions/029-ledger-versions.md): rows of every version are read, and what is part of a record
 * that is written again is loose, so that what a newer version put there is not lost.
 */
import '@capstan/core/english.ts'
import { Failure } from '@capstan/core/failure.ts'
import { number, text } from '@capstan/core/plain.ts'
import { type DeployedImage, HOLD_REASONS, type ServiceRecord } from '@capstan/core/view.ts'
import * as z from 'zod/mini'
import type { RowKey } from './table.ts'

const image: z.ZodMiniType<DeployedImage> = z.looseObject({
  repository: text,
  digest: text,
  tag: z.exactOptional(text),
})
const images = z.record(text, image)
const key = { cluster: text, service: text }

const known = z.looseObject({
  serviceCreatedAt: number,
  primaryId: text,
  taskDefinitionArn: text,
  images,
  completedAt: z.exactOptional(number),
})

const rollback = z.looseObject({
  of: text,
  cause: text,
  how: z.enum(['stop', 'update']),
  taskDefinitionArn: text,
})

const inFlight = z.looseObject({
  id: text,
  images,
  state: z.enum(['intended', 'started']),
  intendedAt: number,
  basePrimaryId: text,
  primaryId: z.exactOptional(text),
  rollback: z.exactOptional(rollback),
  breakGlass: z.exactOptional(text),
})

const hold = z.looseObject({
  reason: z.enum(['foreign-change', 'requested', 'rolled-back']),
  since: number,
  images: z.record(text, text),
  note: text,
})

const bake = z.looseObject({
  primaryId: text,
  since: number,
  verifiedAt: z.exactOptional(number),
})

const goodState = z.looseObject({
  taskDefinitionArn: text,
  images,
  serviceCreatedAt: number,
  verifiedAt: number,
  deployment: z.exactOptional(text),
  evidence: z.array(text),
  byTag: z.exactOptional(z.record(text, text)),
})

const trouble = z.looseObject({
  reason: z.enum(HOLD_REASONS),
  cause: text,
  since: number,
  note: text,
})

const rolledBack = z.looseObject({
  primaryId: z.exactOptional(text),
  taskDefinitionArn: text,
  at: number,
  cause: text,
})

const service = {
  ...key,
  version: z.int().check(z.positive()),
  repositories: z.array(text),
  inFlight: z.exactOptional(inFlight),
  known: z.exactOptional(known),
  hold: z.exactOptional(hold),
  quarantine: z.record(text, text),
  lastDecision: z.exactOptional(text),
  problems: z.array(text),
  bake: z.exactOptional(bake),
  good: z.exactOptional(z.array(goodState)),
  trouble: z.exactOptional(trouble),
  rolledBack: z.exactOptional(rolledBack),
  unverifiedSince: z.exactOptional(number),
  pause: z.exactOptional(z.looseObject({ by: text, reason: text, at: number })),
  warnings: z.exactOptional(z.array(text)),
  watches: z.exactOptional(z.array(text)),
}

export const serviceRecord: z.ZodMiniType<ServiceRecord> = z.object(service)
/** What this version knows of a service's record. */
export const SERVICE_FIELDS = Object.keys(service)

const change = z.object({
  container: text,
  from: text,
  fromDigest: z.exactOptional(text),
  to: image,
})

const states = ['intended', 'started', 'completed', 'failed', 'superseded'] as const

const milestone = z.object({
  /** Milliseconds since the epoch. */
  at: number,
  what: z.enum([...states, 'resumed']),
  note: z.exactOptional(text),
})

/** One deployment by Capstan, from its intent to its end. */
export const deploymentEntry = z.object({
  ...key,
  /** Sorts by time; the value of the tag `capstan:deployment` on its task definition. */
  id: text,
  reason: text,
  changes: z.array(change),
  state: z.enum(states),
  intendedAt: number,
  /** Id of the ECS deployment that carries it out, once seen. */
  primaryId: z.exactOptional(text),
  /** Why it failed, or by what it was superseded. */
  note: z.exactOptional(text),
  timeline: z.array(milestone),
})

/** One decision that was written down: why something was, or was not, done. */
export const decisionEntry = z.object({
  ...key,
  /** Sorts by time. */
  id: text,
  at: number,
  kind: text,
  reason: text,
  facts: z.record(text, z.union([text, number])),
  sentence: text,
  /** The deployment that it began or tells of. */
  deployment: z.exactOptional(text),
})

export type DeploymentEntry = z.infer<typeof deploymentEntry>
export type DecisionEntry = z.infer<typeof decisionEntry>
export type DeploymentState = DeploymentEntry['state']
export type Milestone = z.infer<typeof milestone>

/** The form of rows that this version reads. Where a row does not say its form, it is the first. */
const FORMAT = 1
const formatted = z.catch(z.object({ format: z._default(number, FORMAT) }), { format: FORMAT })

/** Throws `Failure` NEWER_LEDGER where a row says that a version as old as this one would misread it. */
export function requireKnownFormat(row: unknown): void {
  const { format } = formatted.parse(row)
  if (format <= FORMAT) return
  const { pk, sk } = placeOf(row)
  const what = `A newer version of Capstan wrote the ledger's row ${pk} ${sk} in form ${format}; this version reads ${FORMAT}.`
  throw new Failure('NEWER_LEDGER', `${what} Deploy that version again. The row was left as it is.`)
}

/**
 * Reads one row. Throws `Failure` INVALID_CONFIG that names a row which something else must have written, NEWER_LEDGER for
 * one that a newer version has told this one not to read.
 */
export function parseRow<T>(schema: z.ZodMiniType<T>, row: unknown): T {
  requireKnownFormat(row)
  const parsed = schema.safeParse(row)
  if (parsed.success) return parsed.data
  const { pk, sk } = placeOf(row)
  const wrong = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')
  const what = `The ledger's row ${pk} ${sk} is not of the expected form (${wrong}).`
  const remedy = 'Deploy the version of Capstan that wrote it; if none did, correct or delete it.'
  throw new Failure('INVALID_CONFIG', `${what} ${remedy}`, { cause: parsed.error })
}

const anyPlace = z.catch(z.object({ pk: text, sk: text }), { pk: '?', sk: '?' })

/** Where a row is, whatever else it holds. */
export const placeOf = (row: unknown): RowKey => anyPlace.parse(row)

/** How long decisions are kept. */
const DECISION_DAYS = 90

/** Epoch seconds, as DynamoDB's time to live wants them, at which a decision made at `at` (ms) may go. */
export const decisionExpiry = (at: number): number => Math.floor(at / 1000) + DECISION_DAYS * 24 * 60 * 60

/** A row as it is written: the entry at its place. */
export const rowOf = <T extends object>(place: RowKey, entry: T): T & RowKey => ({ ...entry, ...place })
