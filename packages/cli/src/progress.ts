/** Follows a deployment to its end, as ECS and the ledger tell it, and says how it goes. */
import { setTimeout as wait } from 'node:timers/promises'
import { DescribeServicesCommand, ECSClient } from '@aws-sdk/client-ecs'
import type { Capstan, DecisionEntry, DeploymentEntry } from '@capstan/aws'
import type { ServiceKey, ServiceRecord } from '@capstan/core/view.ts'
import { type ExitCode, exitCodes } from './exit.ts'
import { rollbackOf } from './timeline.ts'

export interface Outcome {
  readonly code: ExitCode
  readonly sentence: string
}

/** How far a deployment is followed. */
export type Goal = 'completed' | 'verified'

export interface FollowOptions {
  readonly goal: Goal
  readonly timeoutMs: number
  /** Takes one line at each change. */
  readonly write: (line: string) => void
}

const ASK_EVERY_MS = 500

/** Asks until the ledger says that deployment `id` has reached its goal or will not, or time is up. */
export async function follow(
  capstan: Capstan,
  key: ServiceKey,
  id: string,
  { goal, timeoutMs, write }: FollowOptions,
): Promise<Outcome> {
  const ecs = new ECSClient()
  const giveUp = Date.now() + timeoutMs
  let last = ''
  for (;;) {
    const told = await readLedger(capstan, key, id)
    const outcome = outcomeOf(id, told, goal)
    if (outcome) return outcome
    const line = await progressLine(ecs, key, told)
    if (line !== last) write(line)
    last = line
    if (Date.now() > giveUp) {
      return {
        code: exitCodes.timedOut,
        sentence: `Deployment ${id} is not ${goal} in time; ECS goes on with it. 'capstan deployment show ${id}' tells its state.`,
      }
    }
    await wait(ASK_EVERY_MS)
  }
}

/** What the ledger tells of a deployment and its service. */
export interface Told {
  readonly deployment: DeploymentEntry | undefined
  readonly record: ServiceRecord | undefined
  readonly decisions: readonly DecisionEntry[]
}

async function readLedger({ ledger }: Capstan, key: ServiceKey, id: string): Promise<Told> {
  const [deployment, record, decisions] = await Promise.all([
    ledger.getDeployment(id),
    ledger.getService(key),
    ledger.listDecisions(key),
  ])
  return { deployment, record, decisions }
}

/**
 * How it ended, `undefined` while it goes on. ECS's own rollback is one: the deployment failed, and its service is
 * held on what it went back to.
 */
export function outcomeOf(
  id: string,
  { decisions, deployment, record }: Told,
  goal: Goal,
): Outcome | undefined {
  const because = deployment?.note ? `: ${deployment.note}` : '.'
  const rollback = deployment && rollbackOf(deployment, decisions)
  if (rollback)
    return { code: exitCodes.rolledBack, sentence: `Deployment ${id} was rolled back: ${rollback.sentence}` }
  switch (deployment?.state) {
    case 'completed':
      if (goal === 'completed') return { code: exitCodes.done, sentence: `Deployment ${id} completed.` }
      return verified(id, deployment, record)
    case 'failed':
      if (record?.hold?.reason !== 'rolled-back')
        return { code: exitCodes.failed, sentence: `Deployment ${id} failed${because}` }
      return {
        code: exitCodes.rolledBack,
        sentence: `Deployment ${id} failed, and ECS rolled it back${because}`,
      }
    case 'superseded':
      return { code: exitCodes.superseded, sentence: `Deployment ${id} was superseded${because}` }
    default:
      return undefined
  }
}

/** Whether what the deployment brought counts as good, or will not because something is wrong with it. */
function verified(
  id: string,
  { primaryId }: DeploymentEntry,
  record: ServiceRecord | undefined,
): Outcome | undefined {
  const { bake, good = [], known, trouble } = record ?? {}
  if (bake?.primaryId === primaryId && bake?.verifiedAt !== undefined) {
    const evidence = good[0]?.evidence ?? []
    const why = evidence.length ? `: ${evidence.join('; ')}.` : '.'
    return { code: exitCodes.done, sentence: `Deployment ${id} is verified${why}` }
  }
  if (known !== undefined && known.primaryId !== primaryId) {
    const sentence = `Deployment ${id} was superseded: the service runs something else before it was verified.`
    return { code: exitCodes.superseded, sentence }
  }
  if (trouble && FINAL.has(trouble.reason))
    return { code: exitCodes.held, sentence: `Deployment ${id} is not verified: ${trouble.note}` }
  return undefined
}

/** Trouble that does not end by itself. */
const FINAL = new Set(['nothing-to-roll-back-to', 'rollback-unhealthy', 'already-rolled-back', 'guard-off'])

async function progressLine(
  ecs: ECSClient,
  { cluster, service }: ServiceKey,
  { deployment }: Told,
): Promise<string> {
  if (deployment?.state === 'completed') return 'completed; watched until it is verified'
  const { services } = await ecs.send(new DescribeServicesCommand({ cluster, services: [service] }))
  const deployments = services?.[0]?.deployments ?? []
  return deployments
    .map((one) => {
      const failed = one.failedTasks ? `, ${one.failedTasks} failed` : ''
      return `${one.status?.toLowerCase()} ${one.runningCount}/${one.desiredCount} running${failed}`
    })
    .join(' · ')
}
