/** Decides and applies, service by service, so that one service's failure stops no other. */
import type { DeliveryDecision } from '@capstan/core/decision.ts'
import { Failure } from '@capstan/core/failure.ts'
import { nameOf } from '@capstan/core/service-key.ts'
import type { DeliveryView, ServiceKey } from '@capstan/core/view.ts'
import { type Applied, type ApplyTools, apply } from './apply.ts'
import type { Asked, Observation } from './observe/observe.ts'
import { settleEach, valuesOf } from './parallel.ts'

/** The decision that every door, the sweep and the CLI call: pure. */
export type Decide = (view: DeliveryView, now: number) => readonly DeliveryDecision[]

/** What was done with one service. */
export interface Delivery {
  readonly service: ServiceKey
  readonly decisions: readonly DeliveryDecision[]
  /** The Capstan deployment that was begun or carried on. */
  readonly deployment?: string
}

export interface DeliverTools extends ApplyTools {
  /** Looks at one service again. */
  readonly look: (service: ServiceKey, asked?: Asked) => Promise<Observation>
}

/** Each conflict means that someone else has got on with the same service, so few looks are ever needed. */
const MOST_LOOKS = 5

/**
 * Decides on every observation and applies. Where a record has changed in between (several doors woke at once), the
 * service is looked at again, a few times at most: Lambda would only try again in a minute. When all are through,
 * throws what went wrong: the one error as it is, several as an `AggregateError`.
 */
export async function deliver(
  observations: readonly Observation[],
  decide: Decide,
  tools: DeliverTools,
): Promise<Delivery[]> {
  return valuesOf(await settleEach(observations, (observation) => deliverOne(observation, decide, tools)))
}

async function deliverOne(
  observation: Observation,
  decide: Decide,
  tools: DeliverTools,
  looks = 1,
): Promise<Delivery> {
  try {
    return await deliverSeen(observation, decide, tools)
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'CONFLICT' || looks === MOST_LOOKS) throw error
    return deliverOne(await lookAgain(observation, tools), decide, tools, looks + 1)
  }
}

function lookAgain(observation: Observation, { look }: DeliverTools): Promise<Observation> {
  if (observation.kind !== 'seen') return look(observation.service)
  const { request, rollbackRequest } = observation.view
  return look(observation.service, {
    ...(request && { request }),
    ...(rollbackRequest && { rollbackRequest }),
  })
}

async function deliverSeen(observation: Observation, decide: Decide, tools: DeliverTools): Promise<Delivery> {
  const { service } = observation
  switch (observation.kind) {
    case 'failed':
      throw observation.error
    case 'gone':
      await tools.ledger.forget(observation.record)
      tools.log?.info(`${nameOf(service)} is gone; its record is removed.`, {
        delivery: { service: nameOf(service) },
      })
      return { service, decisions: [] }
    case 'seen': {
      const decisions = decide(observation.view, tools.now())
      const { deployment }: Applied = await apply(observation.view, decisions, tools)
      return { service, decisions, ...(deployment && { deployment }) }
    }
    default:
      return observation satisfies never
  }
}
