/**
 * What one pass of decisions writes down: the service's next record, its deployments' milestones, and why. Pure, and
 * one transaction: a pass is in the ledger as a whole or not at all.
 */
import type { DeliveryDecision } from '@capstan/core/decision.ts'
import { failedDigests } from '@capstan/core/in-flight.ts'
import { type Measures, measuresOf } from '@capstan/core/measures.ts'
import { type Progress, progressAfter, progressOf } from '@capstan/core/progress.ts'
import { keyOf } from '@capstan/core/service-key.ts'
import type { DeliveryView, ServiceKey, ServiceRecord } from '@capstan/core/view.ts'
import { deliveryLine, type Line } from '../line.ts'
import type { UnsentEvent } from './outbox.ts'
import { eventsOf } from './own-event.ts'
import type { DecisionEntry, DeploymentEntry, DeploymentState, Milestone } from './rows.ts'
import type { Snapshot } from './snapshots.ts'

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
  /** Task definitions of states that were verified, kept from now on. */
  readonly snapshots?: readonly Snapshot[]
  /** ARNs of task definitions whose snapshots are no longer needed. */
  readonly forgotten?: readonly string[]
  /** What is told to others, once it is done. */
  readonly events?: readonly UnsentEvent[]
  /** What is told in the log, and counted, once it is written. */
  readonly lines?: readonly Line[]
  readonly measures?: readonly Measures[]
}

export interface PassTools {
  /** Milliseconds since the epoch. */
  readonly now: number
  /** The id that a deployment begun in this pass gets; it sorts by time. */
  readonly id: string
  /** Core's sentence for a decision, and what tells two decisions of the same content as the same. */
  readonly explain: (decision: DeliveryDecision) => string
  readonly fingerprint: (decision: DeliveryDecision) => string
  /** The task definition of what a decision verifies. */
  readonly snapshots?: readonly Snapshot[]
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
  const progress = decisions.reduce<Progress>(
    (before, decision) => progressAfter(before, decision, tools),
    progressOf(record),
  )
  const updates = decisions.flatMap((decision) => updatesOf(decision, tools))
  const entries = noted.map((decision, index) => entryOf(decision, `${tools.id}.${index}`, tools))
  return {
    service: keyOf(view.service),
    expects: record?.version,
    record: {
      ...keyOf(view.service),
      version: (record?.version ?? 0) + 1,
      ...keptOf(record),
      ...next,
      ...progress,
    },
    begun: decisions.flatMap((decision) => begunBy(decision, tools)),
    updates: joined(updates),
    decisions: entries,
    snapshots: tools.snapshots ?? [],
    forgotten: forgottenBy(record, progress),
    events: noted.flatMap((decision, index) => eventsOf(decision, entries[index], view)),
    lines: noted.flatMap((decision, index) => {
      const entry = entries[index]
      return entry ? [deliveryLine(decision, entry, view)] : []
    }),
    measures: measuresOf(view, noted),
  }
}

/** Of the good states that were dropped, unless another one has the same task definition. */
function forgottenBy(record: ServiceRecord | undefined, { good = [] }: Progress): string[] {
  const kept = new Set(good.map(({ taskDefinitionArn }) => taskDefinitionArn))
  const before = (record?.good ?? []).map(({ taskDefinitionArn }) => taskDefinitionArn)
  return [...new Set(before)].filter((arn) => !kept.has(arn))
}

/** Whether a decision changes the record by itself; waiting and skipping only tell why nothing happens. */
const isChange = ({ kind }: DeliveryDecision): boolean => kind !== 'wait' && kind !== 'skip'

/** The row of a deployment that the decision begins. */
function begunBy(decision: DeliveryDecision, { id, now }: PassTools): DeploymentEntry[] {
  if ((decision.kind !== 'deploy' && decision.kind !== 'roll-back') || decision.resumes) return []
  const { changes, reason, service } = decision
  const timeline: Milestone[] = [{ at: now, what: 'intended' }]
  const entry = { ...keyOf(service), id, reason, changes: [...changes] }
  return [{ ...entry, state: 'intended', intendedAt: now, timeline }]
}

/** What the decision tells of deployments that were begun before. */
function updatesOf(decision: DeliveryDecision, { explain, id, now }: PassTools): DeploymentUpdate[] {
  switch (decision.kind) {
    case 'deploy':
    case 'roll-back': {
      const { resumes, supersedes } = decision
      const resumed = { state: 'intended', milestones: [{ at: now, what: 'resumed' }] } as const
      return [
        ...(resumes ? [{ id: resumes, ...resumed }] : []),
        ...(supersedes ? [updateTo(supersedes, 'superseded', now, `Overtaken by ${id}.`)] : []),
      ]
    }
    case 'record': {
      const { deployment, primaryId, reason } = decision
      const state = reason === 'overtaken' ? 'superseded' : reason
      const isBad = reason === 'failed' || reason === 'overtaken'
      return [{ ...updateTo(deployment, state, now, isBad ? explain(decision) : undefined), primaryId }]
    }
    case 'adopt':
    case 'hold':
    case 'bake':
    case 'verify':
    case 'clear':
    case 'wait':
    case 'skip':
      return []
    default:
      return decision satisfies never
  }
}

/**
 * The record and the row of a deployment that AWS will never accept: it is not tried again. What a rollback goes back to
 * was good and is not to blame; the record's `rolledBack` keeps the cause from being tried again.
 */
export function rejectionOf(record: ServiceRecord, reason: string, now: number): Pass {
  const { inFlight, ...rest } = record
  const digests =
    inFlight === undefined || inFlight.rollback !== undefined ? [] : failedDigests(inFlight, rest.known)
  const rejected = Object.fromEntries(digests.map((digest) => [digest, reason]))
  const quarantine = { ...rest.quarantine, ...rejected }
  return {
    service: keyOf(record),
    expects: record.version,
    record: { ...rest, quarantine, version: record.version + 1 },
    begun: [],
    updates: inFlight ? [updateTo(inFlight.id, 'failed', now, reason)] : [],
    decisions: [],
  }
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
  const base = { ...keyOf(decision.service), id, at: tools.now, kind, reason, facts: { ...facts } }
  const deployment = deploymentIn(decision, tools.id)
  return { ...base, sentence: tools.explain(decision), ...(deployment && { deployment }) }
}

function deploymentIn(decision: DeliveryDecision, id: string): string | undefined {
  if (decision.kind === 'deploy' || decision.kind === 'roll-back') return decision.resumes ?? id
  return decision.kind === 'record' ? decision.deployment : undefined
}

/** What the record repeats of settings and sight: a push and an alarm find their services by it. */
function settingsOf(view: DeliveryView) {
  const { record, settings, warnings = record?.warnings, watches = record?.watches } = view
  const repositories = [...new Set(settings.tracks.map(({ repository }) => repository))].sort()
  return {
    repositories,
    problems: [...settings.problems],
    ...(watches && { watches: settings.enrolled ? [...watches] : [] }),
    ...(warnings?.length && { warnings: [...warnings] }),
  }
}

/** The part of a record that others write: it stays as it is. */
function keptOf(record: ServiceRecord | undefined): Pick<ServiceRecord, 'pause'> {
  return record?.pause ? { pause: record.pause } : {}
}

type Repeated = Pick<ServiceRecord, 'repositories' | 'problems' | 'watches' | 'warnings'>

function isSame(record: ServiceRecord, next: Repeated): boolean {
  const part = ({ repositories, problems, watches = [], warnings = [] }: Repeated) =>
    JSON.stringify([repositories, problems, watches, warnings])
  return part(record) === part(next)
}
