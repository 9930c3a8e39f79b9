/** Puts observe, apply and the ledger together over one set of SDK clients: what doors and the CLI hold in their hand. */
import { randomBytes } from 'node:crypto'
import { type Config, parseConfig } from '@capstan/core/config.ts'
import type { DeliveryDecision } from '@capstan/core/decision.ts'
import type { DeliveryView, DeployRequest, ServiceKey } from '@capstan/core/view.ts'
import { type Applied, type Effect, effectsOf } from './apply.ts'
import { type CallCounts, createClients } from './clients.ts'
import { type Decide, type Delivery, deliver, type Log } from './deliver.ts'
import { type Environment, readEnvironment } from './environment.ts'
import { type Ledger, ledgerOf } from './ledger/ledger.ts'
import { imagesOf } from './observe/images.ts'
import {
  type Observation,
  observeAll,
  observeIfKnown,
  observePush,
  observeService,
} from './observe/observe.ts'
import { taskDefinitionsOf } from './observe/task-definitions.ts'

export interface ConnectOptions {
  /** What `capstan.config.ts` exports. */
  readonly config: unknown
  /** The process's own environment unless told. */
  readonly environment?: Environment
  /** Milliseconds since the epoch; the machine's clock unless told. */
  readonly now?: () => number
}

/** Capstan's connection to AWS. Everything here rejects with `Failure` for what was foreseen. */
export interface Capstan {
  readonly config: Config
  readonly ledger: Ledger
  /** How often each AWS operation was called since the connection was made. */
  readonly calls: CallCounts
  /** The services that track a repository. */
  observePush(repository: string): Promise<Observation[]>
  /** One service; nothing where neither ECS nor the ledger knows it (any more). */
  observeIfKnown(key: ServiceKey): Promise<Observation[]>
  /** One service, which must be known; with an operator's request, the view that a requested deployment is decided on. */
  observeService(key: ServiceKey, request?: DeployRequest): Promise<Observation>
  /** Every service that Capstan is concerned with. */
  observeAll(): Promise<Observation[]>
  /** The effects of decisions on one view, one for each `next()`; see `effectsOf`. */
  effects(view: DeliveryView, decisions: readonly DeliveryDecision[]): AsyncGenerator<Effect, Applied>
  /** Decides on each observation and applies; see `deliver`. */
  deliver(observations: readonly Observation[], decide: Decide, log?: Log): Promise<Delivery[]>
}

/** Connects. Throws `Failure` INVALID_CONFIG where the environment or the config file cannot be read at all. */
export function connect(options: ConnectOptions): Capstan {
  const { environment = readEnvironment(), now = Date.now } = options
  const config = parseConfig(options.config)
  const { calls, dynamodb, ecr, ecs } = createClients(environment)
  const ledger = ledgerOf(dynamodb, environment.ledgerTable, { now, newId: passId })
  const taskDefinitions = taskDefinitionsOf(ecs)
  const observing = { config, ecs, images: imagesOf(ecr), ledger, taskDefinitions }
  const applying = { ecs, ledger, taskDefinitions, now, newId: passId }
  const look = (key: ServiceKey, request?: DeployRequest) => observeService(key, observing, request)
  return {
    config,
    ledger,
    calls,
    observePush: (repository) => observePush(repository, observing),
    observeIfKnown: (key) => observeIfKnown(key, observing),
    observeService: look,
    observeAll: () => observeAll(observing),
    effects: (view, decisions) => effectsOf(view, decisions, applying),
    deliver: (observations, decide, log) => {
      return deliver(observations, decide, { ...applying, look, ...(log && { log }) })
    },
  }
}

/**
 * An id that may be the value of an AWS tag, and that sorts by time and, within a millisecond, by the record's version:
 * `20260101T000000000Z-00007-1a2b3c4d`.
 */
function passId(now: number, version: number): string {
  const time = new Date(now).toISOString().replaceAll(/[-:.]/g, '')
  return `${time}-${String(version).padStart(5, '0')}-${randomBytes(4).toString('hex')}`
}
