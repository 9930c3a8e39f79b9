/**
 * Applies a pass of decisions to one service, effect by effect, in an order that a crash between any two of them
 * leaves for the next look to repair:
 *
 * 1. the ledger: the pass as one transaction, on the condition that the record is the one that was read, with what
 *    is verified by it and what is to be told of it;
 * 2. the task definition, tagged with the deployment's id; a rollback needs none where the good one is active;
 * 3. the service: updated, or for a rollback under way its deployment stopped;
 * 4. the events that tell of it.
 *
 * What becomes of it is observed, not written here: one path for outcome and for repair.
 */
import type { DeliveryDecision } from '@capstan/core/decision.ts'
import { explain, fingerprint } from '@capstan/core/explain.ts'
import { Failure } from '@capstan/core/failure.ts'
import type { Measures } from '@capstan/core/measures.ts'
import type { DeliveryView, ServiceRecord } from '@capstan/core/view.ts'
import { carryOut, type RolloutEffect, type RolloutTools } from './carry-out.ts'
import type { Ledger } from './ledger/ledger.ts'
import { type Pass, passOf, rejectionOf } from './ledger/pass.ts'
import type { Snapshot } from './ledger/snapshots.ts'
import type { Mail } from './mail.ts'
import { registrationOf } from './task-definition.ts'

/** An effect that has been done. */
export type Effect = 'pass-written' | RolloutEffect | 'events-sent'

export interface ApplyTools extends RolloutTools {
  readonly ledger: Ledger
  readonly mail: Mail
  /** A new id for the pass that makes version `version` of a record at `now`; one service's ids sort in that order. */
  readonly newId: (now: number, version: number) => string
  readonly log?: Log
}

/** Where is told what came about: lines for people and machines, and what is counted. Each is told once. */
export interface Log {
  info(message: string, fields: Record<string, unknown>): void
  measure?(measures: readonly Measures[]): void
}

/** The log itself, or one in which what is measured of a service counts to what is measured of all alone. */
export function countedAs(metrics: 'each' | 'together', log: Log): Log {
  if (metrics === 'each') return log
  const all = ({ by, ...rest }: Measures): Measures => (by && 'reason' in by ? { by, ...rest } : rest)
  return {
    info: (message, fields) => log.info(message, fields),
    measure: (measures) => log.measure?.(measures.map(all)),
  }
}

/** What a pass came to. */
export interface Applied {
  /** The record as it is now. */
  readonly record: ServiceRecord | undefined
  /** The deployment that was begun or carried on. */
  readonly deployment?: string
}

/**
 * Does the effects of `decisions`, made of `view`, one for each `next()`; whoever stops asking stops between two of
 * them. Throws `Failure` CONFLICT where the record is not the one that was read, and nothing is done then. What AWS
 * will never accept is written down as failed before it is thrown.
 */
export async function* effectsOf(
  view: DeliveryView,
  decisions: readonly DeliveryDecision[],
  tools: ApplyTools,
): AsyncGenerator<Effect, Applied> {
  const now = tools.now()
  const id = tools.newId(now, (view.record?.version ?? 0) + 1)
  const snapshots = await snapshotsFor(decisions, tools)
  const pass = passOf(view, decisions, { now, id, explain, fingerprint, snapshots })
  if (!pass) return { record: view.record }
  await tools.mail.tellOutage(pass)
  await tools.ledger.commit(pass)
  tell(pass, tools.log)
  yield 'pass-written'

  const rollout = decisions.find((decision) => decision.kind === 'deploy' || decision.kind === 'roll-back')
  const deployment = rollout && (rollout.resumes ?? id)
  if (rollout && deployment !== undefined) {
    try {
      yield* carryOut({ rollout, deployment, intendedAt: now }, tools)
    } catch (error) {
      await writeRejection(error, pass.record, tools)
      throw error
    }
  }
  if (pass.events?.length) {
    await tools.mail.send(pass.events)
    yield 'events-sent'
  }
  return { record: pass.record, ...(deployment !== undefined && { deployment }) }
}

/** As soon as it is written, and only then: who looks next finds it written, and tells it no more. */
function tell({ lines = [], measures = [] }: Pass, log: Log | undefined): void {
  for (const { fields, message } of lines) log?.info(message, fields)
  log?.measure?.(measures)
}

/** Does all effects. */
export async function apply(
  view: DeliveryView,
  decisions: readonly DeliveryDecision[],
  tools: ApplyTools,
): Promise<Applied> {
  const effects = effectsOf(view, decisions, tools)
  let step = await effects.next()
  while (!step.done) step = await effects.next()
  return step.value
}

/** What a verified state runs, to be registered again if someone deregisters it. */
async function snapshotsFor(
  decisions: readonly DeliveryDecision[],
  { taskDefinitions }: ApplyTools,
): Promise<Snapshot[]> {
  const verified = decisions.filter((decision) => decision.kind === 'verify')
  const kept = verified.map(async ({ good: { taskDefinitionArn } }) => {
    return { taskDefinitionArn, definition: registrationOf(await taskDefinitions.get(taskDefinitionArn)) }
  })
  return Promise.all(kept)
}

/** Writes down what AWS rejected for good, so that it is not tried for ever. */
async function writeRejection(
  error: unknown,
  record: ServiceRecord,
  { ledger, now }: ApplyTools,
): Promise<void> {
  if (error instanceof Failure && !error.retry) await ledger.commit(rejectionOf(record, error.message, now()))
}
