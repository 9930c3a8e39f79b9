/**
 * What one pass of decisions writes down: the service's next record, its deployments' milestones, and why. Pure, and
 * one transaction: a pass is in the ledger as a whole or not at all.
 */
import type { DeliveryDecision } from '@capstan/core/decision.ts'
import type { DeliveryView, InFlight, ServiceKey, ServiceRecord } from '@capstan/core/view.ts'
import type { DecisionEntry, DeploymentEntry, DeploymentState, Milestone } from './rows.ts'

/** What happened to a deployment that is in the ledger already. */
export interface DeploymentUpdate {
  readonly id: string
  readonly state: DeploymentState
  readonly primaryId?: string
  readonly note?: string
  readonly milestones: readonly Milestone[]
}

/** All that one pass writes. */
export interface Pass {
  readonly service: ServiceKey
  /** The version that the record must still have; `undefined`: there must be none. */
  readonly expects: number | undefined
  readonly record: ServiceRecord
  readonly begun: readonly DeploymentEntry[]
  readonly updates: readonly DeploymentUpdate[]
  readonly decisions: readonly DecisionEntry[]
}

export interface PassTools {
  /** Milliseconds since the epoch. */
  readonly now: number
  /** The id that a deployment begun in this pass gets; it sorts by time. */
  readonly id: string
  /** Core's sentence for a decision, and what tells two decisions of the same content as the same. */
  readonly explain: (decision: DeliveryDecision) => string
  readonly fingerprint: (decision: DeliveryDecision) => string
}

/** What one decision makes of the record and of deployments' rows. */
interface Told {
  readonly record: ServiceRecord
  readonly begun?: DeploymentEntry
  readonly update?: DeploymentUpdate
}

/**
 * What `decisions`, made of `view` in this order, write down. `undefined` where nothing is new: the same decision
 * as last time is not written again each minute, and a service that is nobody's business leaves no trace.
 */
export function passOf(
  view: DeliveryView,
  decisions: readonly DeliveryDecision[],
  tools: PassTools,
): Pass | undefined {
  const { record } = view
  const last = decisions.at(-1)
  if (!last || (!record && !view.settings.enrolled)) return undefined
  const noted = decisions.filter(
    (decision) => isChange(decision) || tools.fingerprint(decision) !== record?.lastDecision,
  )
  const next = { ...settingsOf(view), lastDecision: tools.fingerprint(last) }
  if (!noted.length && record && isSame(record, next)) return undefined
  const start: Told = { record: { ...blank(view), ...record, ...next, version: (record?.version ?? 0) + 1 } }
  const told = accumulate(start, decisions, (before, decision) => tell(before.record, decision, tools))
  return {
    service: nameOnly(view.service),
    expects: record?.version,
    record: told.at(-1)?.record ?? start.record,
    begun: told.flatMap(({ begun }) => begun ?? []),
    updates: joined(told.flatMap(({ update }) => update ?? [])),
    decisions: noted.map((decision, index) => entryOf(decision, `${tools.id}.${index}`, tools)),
  }
}

/** All steps of a fold, each made of the one before it. */
function accumulate<T, U>(start: U, items: readonly T[], step: (before: U, item: T) => U): U[] {
  const steps: U[] = []
  for (const item of items) steps.push(step(steps.at(-1) ?? start, item))
  return steps
}

/** Whether a decision changes the record by itself; waiting and skipping only tell why nothing happens. */
const isChange = ({ kind }: DeliveryDecision): boolean => kind !== 'wait' && kind !== 'skip'

function tell(record: ServiceRecord, decision: DeliveryDecision, tools: PassTools): Told {
  switch (decision.kind) {
    case 'deploy':
      return decision.resumes ? tellResumption(record, decision, tools) : tellIntent(record, decision, tools)
    case 'record':
      return tellOutcome(record, decision, tools)
    case 'adopt':
    case 'hold':
      return { record: { ...withHold(record, decision), known: decision.known } }
    case 'wait':
    case 'skip':
      return { record }
    default:
      return decision satisfies never
  }
}

type Deploy = Extract<DeliveryDecision, { kind: 'deploy' }>

function tellIntent(record: ServiceRecord, decision: Deploy, { id, now }: PassTools): Told {
  const images = Object.fromEntries(decision.changes.map(({ container, to }) => [container, to]))
  const { basePrimaryId, changes, reason, supersedes } = decision
  const inFlight: InFlight = { id, images, state: 'intended', intendedAt: now, basePrimaryId }
  return {
    record: { ...withHold(record, decision), inFlight },
    begun: {
      ...nameOnly(record),
      id,
      reason,
      changes: [...changes],
      state: 'intended',
      intendedAt: now,
      timeline: [{ at: now, what: 'intended' }],
    },
    ...(supersedes && { update: updateTo(supersedes, 'superseded', now, `Overtaken by ${id}.`) }),
  }
}

/** Carrying on is an intent anew: the version that it writes makes sure that only one carries on. */
function tellResumption(record: ServiceRecord, decision: Deploy, { now }: PassTools): Told {
  const { inFlight } = record
  if (!inFlight) return { record }
  const { id } = inFlight
  const again = { ...inFlight, intendedAt: now, basePrimaryId: decision.basePrimaryId }
  return {
    record: { ...withHold(record, decision), inFlight: again },
    update: { id, state: 'intended', milestones: [{ at: now, what: 'resumed' }] },
  }
}

function tellOutcome(
  record: ServiceRecord,
  decision: Extract<DeliveryDecision, { kind: 'record' }>,
  { now, explain }: PassTools,
): Told {
  const { deployment, known, primaryId, reason } = decision
  const { inFlight, ...rest } = record
  const state = reason === 'overtaken' ? 'superseded' : reason
  const note = reason === 'failed' || reason === 'overtaken' ? explain(decision) : undefined
  const update = { ...updateTo(deployment, state, now, note), primaryId }
  if (reason === 'started') {
    const started = inFlight && { inFlight: { ...inFlight, state: reason, primaryId } }
    return { record: { ...rest, known, ...started }, update }
  }
  const quarantine = quarantined(rest.quarantine, decision.failedDigests ?? [], explain(decision))
  return { record: { ...rest, known, quarantine }, update }
}

/** The record and the row of a deployment that AWS will never accept: it is not tried again. */
export function rejectionOf(record: ServiceRecord, reason: string, now: number): Pass {
  const { inFlight, ...rest } = record
  const digests = Object.values(inFlight?.images ?? {}).map(({ digest }) => digest)
  const quarantine = quarantined(rest.quarantine, digests, reason)
  return {
    service: nameOnly(record),
    expects: record.version,
    record: { ...rest, quarantine, version: record.version + 1 },
    begun: [],
    updates: inFlight ? [updateTo(inFlight.id, 'failed', now, reason)] : [],
    decisions: [],
  }
}

/** A service's record is read with every push: it remembers this many digests, the latest. */
const MOST_QUARANTINED = 100

function quarantined(before: Readonly<Record<string, string>>, digests: readonly string[], reason: string) {
  const all = { ...before, ...Object.fromEntries(digests.map((digest) => [digest, reason])) }
  return Object.fromEntries(Object.entries(all).slice(-MOST_QUARANTINED))
}

function updateTo(id: string, state: DeploymentState, at: number, note?: string): DeploymentUpdate {
  const why = note === undefined ? {} : { note }
  return { id, state, ...why, milestones: [{ at, what: state, ...why }] }
}

/** One update for each deployment: a transaction may touch a row but once. */
function joined(updates: readonly DeploymentUpdate[]): DeploymentUpdate[] {
  const byId = Map.groupBy(updates, ({ id }) => id)
  return [...byId.values()].map((same) => ({
    ...Object.assign({}, ...same),
    milestones: same.flatMap(({ milestones }) => milestones),
  }))
}

function entryOf(decision: DeliveryDecision, id: string, tools: PassTools): DecisionEntry {
  const { kind, reason, facts } = decision
  const base = { ...nameOnly(decision.service), id, at: tools.now, kind, reason, facts: { ...facts } }
  const deployment = deploymentIn(decision, tools.id)
  return { ...base, sentence: tools.explain(decision), ...(deployment && { deployment }) }
}

function deploymentIn(decision: DeliveryDecision, id: string): string | undefined {
  if (decision.kind === 'deploy') return decision.resumes ?? id
  return decision.kind === 'record' ? decision.deployment : undefined
}

const nameOnly = ({ cluster, service }: ServiceKey): ServiceKey => ({ cluster, service })

/** The record under the hold that a decision carries; without one, nothing is held any more. */
function withHold(record: ServiceRecord, { hold }: Pick<Deploy, 'hold'>): ServiceRecord {
  const { hold: _before, ...rest } = record
  return hold ? { ...rest, hold } : rest
}

/** What the record repeats of the settings: a push finds its services by it. */
function settingsOf({ settings }: DeliveryView) {
  const repositories = [...new Set(settings.tracks.map(({ repository }) => repository))].sort()
  return { repositories, problems: [...settings.problems] }
}

function blank({ service }: DeliveryView): ServiceRecord {
  return { ...nameOnly(service), version: 0, repositories: [], quarantine: {}, problems: [] }
}

function isSame(record: ServiceRecord, next: Pick<ServiceRecord, 'repositories' | 'problems'>): boolean {
  const part = ({ repositories, problems }: typeof next) => JSON.stringify([repositories, problems])
  return part(record) === part(next)
}

/** The state that a pass leaves behind, for whoever looks on without reading again. */
export const viewAfter = (view: DeliveryView, pass: Pass | undefined): DeliveryView =>
  pass ? { ...view, record: pass.record } : view
