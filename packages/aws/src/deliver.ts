/** Decides and applies, service by service, so that one service's failure stops no other. */
import type { DeliveryDecision } from '@capstan/core/decision.ts'
import { Failure } from '@capstan/core/failure.ts'
import type { DeliveryView, DeployRequest, ServiceKey } from '@capstan/core/view.ts'
import { type Applied, type ApplyTools, apply } from './apply.ts'
import { nameOf } from './ledger/table.ts'
import type { Observation } from './observe/observe.ts'
import { settleEach, valuesOf } from './parallel.ts'

/** The decision that every door, the sweep and the CLI call: pure. */
export type Decide = (view: DeliveryView, now: number) => readonly DeliveryDecision[]

/** Where a line for people and machines goes; Powertools' Logger is one. */
export interface Log {
  info(message: string, fields: Record<string, unknown>): void
}

/** What was done with one service. */
export interface Delivery {
  readonly service: ServiceKey
  readonly decisions: readonly DeliveryDecision[]
  /** The Capstan deployment that was begun or carried on. */
  readonly deployment?: string
}

export interface DeliverTools extends ApplyTools {
  /** Looks at one service again. */
  readonly look: (service: ServiceKey, request?: DeployRequest) => Promise<Observation>
  readonly log?: Log
}

/**
 * Decides on every observation and applies. Where a record has changed in between (two doors woke at once), the
 * service is looked at once more. When all are through, throws what went wrong: the one error as it is, several as an
 * `AggregateError`.
 */
export async function deliver(
  observations: readonly Observation[],
  decide: Decide,
  tools: DeliverTools,
): Promise<Delivery[]> {
  return valuesOf(
    await settleEach(observations, async (observation) => {
      try {
        return await deliverOne(observation, decide, tools)
      } catch (error) {
        if (!(error instanceof Failure) || error.code !== 'CONFLICT') throw error
        return deliverOne(await lookAgain(observation, tools), decide, tools)
      }
    }),
  )
}

function lookAgain(observation: Observation, { look }: DeliverTools): Promise<Observation> {
  return look(observation.service, observation.kind === 'seen' ? observation.view.request : undefined)
}

async function deliverOne(observation: Observation, decide: Decide, tools: DeliverTools): Promise<Delivery> {
  const { service } = observation
  switch (observation.kind) {
    case 'failed':
      throw observation.error
    case 'gone':
      await tools.ledger.forget(observation.record)
      tools.log?.info(`${nameOf(service)} is gone; its record is removed.`, { ...service })
      return { service, decisions: [] }
    case 'seen': {
      const decisions = decide(observation.view, tools.now())
      const { deployment, noted }: Applied = await apply(observation.view, decisions, tools)
      for (const decision of noted) tools.log?.info(decision.sentence, { decision })
      return { service, decisions, ...(deployment && { deployment }) }
    }
    default:
      return observation satisfies never
  }
}
