/**
 * Applies a pass of decisions to one service, effect by effect, in an order that a crash between any two of them
 * leaves for the next look to repair:
 *
 * 1. the ledger: the pass as one transaction, on the condition that the record is the one that was read;
 * 2. the task definition, tagged with the deployment's id;
 * 3. the service.
 *
 * What becomes of it is observed, not written here: one path for outcome and for repair.
 */
import { type ECSClient, RegisterTaskDefinitionCommand, UpdateServiceCommand } from '@aws-sdk/client-ecs'
import type { DeliveryDecision } from '@capstan/core/decision.ts'
import { explain, fingerprint } from '@capstan/core/explain.ts'
import { Failure } from '@capstan/core/failure.ts'
import { parseImageReference, pinnedReference } from '@capstan/core/image.ts'
import { INTENT_LEASE_MS } from '@capstan/core/in-flight.ts'
import type { DeliveryView, ServiceRecord } from '@capstan/core/view.ts'
import type { Ledger } from './ledger/ledger.ts'
import { passOf, rejectionOf } from './ledger/pass.ts'
import type { DecisionEntry } from './ledger/rows.ts'
import { describeTaskDefinition, type TaskDefinitions } from './observe/task-definitions.ts'
import { deploymentOf, newRevision } from './task-definition.ts'

/** An effect that has been done. */
export type Effect = 'pass-written' | 'task-definition-registered' | 'service-updated'

export interface ApplyTools {
  readonly ecs: ECSClient
  readonly ledger: Ledger
  readonly taskDefinitions: TaskDefinitions
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** A new id for the pass that makes version `version` of a record at `now`; one service's ids sort in that order. */
  readonly newId: (now: number, version: number) => string
}

/** What a pass came to. */
export interface Applied {
  /** The record as it is now. */
  readonly record: ServiceRecord | undefined
  /** The decisions that were new, as they were written down. */
  readonly noted: readonly DecisionEntry[]
  /** The deployment that was begun or carried on. */
  readonly deployment?: string
}

type Deploy = Extract<DeliveryDecision, { kind: 'deploy' }>

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
  if (decisions.some(({ kind }) => kind === 'roll-back'))
    throw new TypeError('A rollback cannot be applied yet; nothing was done.')
  const pass = passOf(view, decisions, { now, id, explain, fingerprint })
  if (!pass) return { record: view.record, noted: [] }
  await tools.ledger.commit(pass)
  yield 'pass-written'

  const written = { record: pass.record, noted: pass.decisions }
  const deploy = decisions.find((decision) => decision.kind === 'deploy')
  if (!deploy) return written
  const deployment = deploy.resumes ?? id
  const orReject = <T>(work: Promise<T>) => rejecting(work, pass.record, tools)
  const taskDefinition = await orReject(registered(deploy, deployment, tools))
  yield 'task-definition-registered'

  requireLease(now, deployment, tools)
  await orReject(updateService(deploy, taskDefinition, tools.ecs))
  yield 'service-updated'
  return { ...written, deployment }
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

/** The ARN of the deployment's revision: registered now, or by the one who began what is carried on. */
async function registered(deploy: Deploy, deployment: string, tools: ApplyTools): Promise<string> {
  const base = await tools.taskDefinitions.get(deploy.baseTaskDefinitionArn)
  if (deploy.resumes) {
    const latest = await describeTaskDefinition(
      tools.ecs,
      base.definition.family ?? deploy.baseTaskDefinitionArn,
    )
    const { taskDefinitionArn } = latest.definition
    if (taskDefinitionArn && deploymentOf(latest.tags) === deployment) return taskDefinitionArn
  }
  const images = deploy.changes.map(({ container, from, to }) => ({
    container,
    image: pinnedReference(parseImageReference(from), to),
  }))
  const command = new RegisterTaskDefinitionCommand(newRevision(base, images, deployment))
  const { taskDefinition: definition, tags = [] } = await tools.ecs.send(command)
  if (!definition?.taskDefinitionArn) throw new TypeError('RegisterTaskDefinition returned no ARN')
  tools.taskDefinitions.set(definition.taskDefinitionArn, { definition, tags })
  return definition.taskDefinitionArn
}

/** Who was held up for longer than an intent is left alone must not go on: someone else may carry it out by now. */
function requireLease(intendedAt: number, deployment: string, { now }: ApplyTools): void {
  const tookMs = now() - intendedAt
  if (tookMs < INTENT_LEASE_MS) return
  const what = `Deployment ${deployment} was not sent to ECS within its lease (${tookMs} of ${INTENT_LEASE_MS} ms).`
  throw new Failure('CONFLICT', `${what} It is looked at again and carried on.`)
}

/**
 * UpdateService takes no precondition, so someone else's update in the moment since `view` was read is overwritten
 * by this one; two of Capstan's own cannot meet here, since each has written the record on a condition.
 */
async function updateService({ service }: Deploy, taskDefinition: string, ecs: ECSClient): Promise<void> {
  const { cluster, service: name } = service
  await ecs.send(new UpdateServiceCommand({ cluster, service: name, taskDefinition }))
}

/** Writes down what AWS rejected for good, so that it is not tried for ever; then it is thrown all the same. */
async function rejecting<T>(
  work: Promise<T>,
  record: ServiceRecord,
  { ledger, now }: ApplyTools,
): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (error instanceof Failure && !error.retry)
      await ledger.commit(rejectionOf(record, error.message, now()))
    throw error
  }
}
