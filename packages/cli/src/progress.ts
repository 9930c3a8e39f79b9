/** Follows a deployment to its end, as ECS and the ledger tell it, and says how it goes. */
import { setTimeout as wait } from 'node:timers/promises'
import { DescribeServicesCommand, ECSClient } from '@aws-sdk/client-ecs'
import type { Capstan, DeploymentEntry } from '@capstan/aws'
import type { ServiceKey } from '@capstan/core/view.ts'
import { type ExitCode, exitCodes } from './exit.ts'

export interface Outcome {
  readonly code: ExitCode
  readonly sentence: string
}

export interface FollowOptions {
  readonly timeoutMs: number
  /** Takes one line at each change. */
  readonly write: (line: string) => void
}

const ASK_EVERY_MS = 500

/** Asks until the ledger says that deployment `id` has ended, or time is up. */
export async function follow(
  capstan: Capstan,
  key: ServiceKey,
  id: string,
  { timeoutMs, write }: FollowOptions,
): Promise<Outcome> {
  const ecs = new ECSClient()
  const giveUp = Date.now() + timeoutMs
  let last = ''
  for (;;) {
    const outcome = outcomeOf(id, await capstan.ledger.getDeployment(id))
    if (outcome) return outcome
    const line = await progressLine(ecs, key)
    if (line !== last) write(line)
    last = line
    if (Date.now() > giveUp) {
      return {
        code: exitCodes.timedOut,
        sentence: `Deployment ${id} has not ended in time; ECS goes on with it. 'capstan deployment show ${id}' tells its state.`,
      }
    }
    await wait(ASK_EVERY_MS)
  }
}

function outcomeOf(id: string, deployment: DeploymentEntry | undefined): Outcome | undefined {
  const because = deployment?.note ? `: ${deployment.note}` : '.'
  switch (deployment?.state) {
    case 'completed':
      return { code: exitCodes.done, sentence: `Deployment ${id} completed.` }
    case 'failed':
      return { code: exitCodes.failed, sentence: `Deployment ${id} failed${because}` }
    case 'superseded':
      return { code: exitCodes.superseded, sentence: `Deployment ${id} was superseded${because}` }
    default:
      return undefined
  }
}

async function progressLine(ecs: ECSClient, { cluster, service }: ServiceKey): Promise<string> {
  const { services } = await ecs.send(new DescribeServicesCommand({ cluster, services: [service] }))
  const deployments = services?.[0]?.deployments ?? []
  return deployments
    .map((one) => {
      const failed = one.failedTasks ? `, ${one.failedTasks} failed` : ''
      return `${one.status?.toLowerCase()} ${one.runningCount}/${one.desiredCount} running${failed}`
    })
    .join(' · ')
}
