/** What a deployment or a rollback does to ECS, once its intent is in the ledger. */

import type { RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs'
import type { DeliveryDecision } from '@capstan/core/decision.ts'
import { Failure } from '@capstan/core/failure.ts'
import { parseImageReference, pinnedReference } from '@capstan/core/image.ts'
import { INTENT_LEASE_MS } from '@capstan/core/in-flight.ts'
import { nameOf } from '@capstan/core/service-key.ts'
import type { EcsApi } from './clients.ts'
import type { Snapshots } from './ledger/snapshots.ts'
import { describeTaskDefinition, type TaskDefinitions } from './observe/task-definitions.ts'
import { deploymentOf, newRevision, withDeploymentTag } from './task-definition.ts'

type Deploy = Extract<DeliveryDecision, { kind: 'deploy' }>
export type RollBack = Extract<DeliveryDecision, { kind: 'roll-back' }>
export type Rollout = Deploy | RollBack

/** What can be done to ECS. */
export type RolloutEffect = 'task-definition-registered' | 'deployment-stopped' | 'service-updated'

export interface RolloutTools {
  readonly ecs: EcsApi
  readonly taskDefinitions: TaskDefinitions
  readonly snapshots: Snapshots
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** A rollout with what its intent says. */
export interface Intended {
  readonly rollout: Rollout
  readonly deployment: string
  /** When the intent was written (ms). */
  readonly intendedAt: number
}

/** Carries out what was intended, effect by effect. Throws `Failure` CONFLICT where the service must be looked at again. */
export async function* carryOut(intended: Intended, tools: RolloutTools): AsyncGenerator<RolloutEffect> {
  const { rollout } = intended
  if (rollout.kind === 'roll-back' && rollout.rollback.how === 'stop') {
    requireLease(intended, tools)
    if (await isStopped(rollout, tools.ecs)) return yield 'deployment-stopped'
  }
  let arn = rollout.kind === 'roll-back' ? rollout.rollback.taskDefinitionArn : undefined
  if (rollout.kind === 'deploy' || rollout.register) {
    arn = await registered(intended, tools)
    yield 'task-definition-registered'
  }
  requireLease(intended, tools)
  await updateService(rollout, arn, tools.ecs)
  yield 'service-updated'
}

/**
 * Has ECS roll back what it is rolling out. `false` where ECS can do it no more or not in this way: then the good task
 * definition is deployed instead. Throws `Failure` CONFLICT where the deployment has just ended: that changes what is best.
 */
async function isStopped({ service, serviceDeploymentArn }: RollBack, ecs: EcsApi): Promise<boolean> {
  if (serviceDeploymentArn === undefined) return false
  try {
    await ecs.call('StopServiceDeployment', { serviceDeploymentArn, stopType: 'ROLLBACK' })
    return true
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    if (error.code === 'INVALID_REQUEST') return false
    if (error.code !== 'CONFLICT' && error.code !== 'NOT_FOUND') throw error
    const what = `The deployment of ${nameOf(service)} ended before it could be stopped (${error.message}).`
    throw new Failure('CONFLICT', `${what} It is looked at again.`, { cause: error })
  }
}

/** The ARN of the rollout's revision: registered now, or by the one who began what is carried on. */
async function registered(intended: Intended, tools: RolloutTools): Promise<string> {
  const { rollout, deployment } = intended
  const input = await (rollout.kind === 'deploy'
    ? revisionOf(rollout, deployment, tools)
    : revivedOf(rollout, deployment, tools))
  const { family = '' } = input
  if (rollout.resumes) {
    const latest = await describeTaskDefinition(tools.ecs, family).catch(noneIfNotFound)
    const { taskDefinitionArn } = latest?.definition ?? {}
    if (latest && taskDefinitionArn && deploymentOf(latest.tags) === deployment) return taskDefinitionArn
  }
  const { taskDefinition: definition, tags = [] } = await tools.ecs.call('RegisterTaskDefinition', input)
  if (!definition?.taskDefinitionArn) throw new TypeError('RegisterTaskDefinition returned no ARN')
  tools.taskDefinitions.set(definition.taskDefinitionArn, { definition, tags })
  return definition.taskDefinitionArn
}

/** ECS answers "Unable to describe task definition" where a family has no active revision left. */
function noneIfNotFound(error: unknown): undefined {
  if (error instanceof Failure && !error.retry && error.code !== 'DENIED') return undefined
  throw error
}

async function revisionOf(deploy: Deploy, deployment: string, { taskDefinitions }: RolloutTools) {
  const base = await taskDefinitions.get(deploy.baseTaskDefinitionArn)
  const images = deploy.changes.map(({ container, from, to }) => ({
    container,
    image: pinnedReference(parseImageReference(from), to),
  }))
  return newRevision(base, images, deployment)
}

/**
 * The good task definition as the ledger kept it, since ECS starts nothing of a deregistered one; with its images by
 * digest, since a tag may have moved from what was good.
 */
async function revivedOf(
  { images, rollback, service }: RollBack,
  deployment: string,
  { snapshots }: RolloutTools,
): Promise<RegisterTaskDefinitionCommandInput> {
  const { taskDefinitionArn } = rollback
  const snapshot = await snapshots.get(service, taskDefinitionArn)
  if (snapshot) return withDeploymentTag(pinned(snapshot.definition, images), deployment)
  const what = `The task definition ${taskDefinitionArn} is no longer active, and the ledger has no snapshot of it.`
  throw new Failure('INVALID_REQUEST', `${what} Deploy an image that works by hand.`)
}

function pinned(
  definition: RegisterTaskDefinitionCommandInput,
  images: RollBack['images'],
): RegisterTaskDefinitionCommandInput {
  const containerDefinitions = definition.containerDefinitions?.map((container) => {
    const good = images[container.name ?? '']
    if (!good || container.image === undefined) return container
    return { ...container, image: pinnedReference(parseImageReference(container.image), good) }
  })
  return { ...definition, containerDefinitions }
}

/** Who was held up for longer than an intent is left alone must not go on: someone else may carry it out by now. */
function requireLease({ deployment, intendedAt }: Intended, { now }: RolloutTools): void {
  const tookMs = now() - intendedAt
  if (tookMs < INTENT_LEASE_MS) return
  const what = `Deployment ${deployment} was not sent to ECS within its lease (${tookMs} of ${INTENT_LEASE_MS} ms).`
  throw new Failure('CONFLICT', `${what} It is looked at again and carried on.`)
}

/**
 * UpdateService takes no precondition, so someone else's update in the moment since the look is overwritten by this one;
 * two of Capstan's own cannot meet here, since each has written the record on a condition.
 */
async function updateService(
  { service }: Rollout,
  taskDefinition: string | undefined,
  ecs: EcsApi,
): Promise<void> {
  const { cluster, service: name } = service
  await ecs.call('UpdateService', { cluster, service: name, taskDefinition })
}
