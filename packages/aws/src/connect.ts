/** Puts observe, apply and the ledger together over one set of SDK clients: what doors and the CLI hold in their hand. */
import { type Config, parseConfig } from '@capstan/core/config.ts'
import type { DeliveryDecision } from '@capstan/core/decision.ts'
import type { AlarmStateChanged } from '@capstan/core/events.ts'
import { readFreezes } from '@capstan/core/freeze.ts'
import type { DeliveryView, DeployRequest, RollbackRequest, ServiceKey } from '@capstan/core/view.ts'
import { type Applied, type Effect, effectsOf, type Log } from './apply.ts'
import { type CallerOptions, callerOf, createClients } from './clients.ts'
import { type Decide, type Delivery, deliver } from './deliver.ts'
import { type Environment, readEnvironment } from './environment.ts'
import { type AlarmChanges, keepOwnAlarms } from './guard/own-alarms.ts'
import { wantedAlarms } from './guard/wanted-alarms.ts'
import { type Ledger, ledgerOf } from './ledger/ledger.ts'
import { outboxOf } from './ledger/outbox.ts'
import { passId } from './ledger/pass-id.ts'
import { snapshotsOf } from './ledger/snapshots.ts'
import { mailOf } from './mail.ts'
import { alarmsOf } from './observe/alarms.ts'
import { imagesOf } from './observe/images.ts'
import { loadBalancersOf } from './observe/load-balancers.ts'
import {
  type AlarmLook,
  type Asked,
  type Observation,
  observeAlarm,
  observeAll,
  observeIfKnown,
  observePush,
  observeService,
} from './observe/observe.ts'
import { serviceDeploymentsOf } from './observe/service-deployments.ts'
import { taskDefinitionsOf } from './observe/task-definitions.ts'
import { tasksOf } from './observe/tasks.ts'
import { lifecyclePoliciesOf } from './observe/warnings.ts'
import type { CallCounts } from './wire/api.ts'

export interface ConnectOptions {
  /** What `capstan.config.ts` exports. */
  readonly config: unknown
  /** The process's own environment unless told. */
  readonly environment?: Environment
  /** In whose name and from where, beyond the environment. */
  readonly caller?: CallerOptions
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
  /** The same with an operator's request to go back: the view that a requested rollback is decided on. */
  observeRollback(key: ServiceKey, rollbackRequest: RollbackRequest): Promise<Observation>
  /** The services that an alarm's event concerns, or why there are none. */
  observeAlarm(event: AlarmStateChanged): Promise<AlarmLook>
  /** Every service that Capstan is concerned with. */
  observeAll(): Promise<Observation[]>
  /** The effects of decisions on one view, one for each `next()`; see `effectsOf`. */
  effects(view: DeliveryView, decisions: readonly DeliveryDecision[]): AsyncGenerator<Effect, Applied>
  /** Decides on each observation and applies; see `deliver`. */
  deliver(observations: readonly Observation[], decide: Decide, log?: Log): Promise<Delivery[]>
  /**
   * Keeps in order what belongs to no single service, once all were observed: the alarms that Capstan owns, and events
   * that others have left unsent.
   */
  tidy(observations: readonly Observation[]): Promise<Tidied>
}

/** What was put in order. */
export interface Tidied {
  readonly alarms: AlarmChanges
}

/** Connects. Throws `Failure` INVALID_CONFIG where the environment or the config file cannot be read at all. */
export function connect(options: ConnectOptions): Capstan {
  const { environment = readEnvironment(), now = Date.now } = options
  const parsed = parseConfig(options.config)
  const { freezes, problems } = readFreezes(parsed.freezes)
  const config = { ...parsed, problems: [...parsed.problems, ...problems] }
  const clients = createClients(environment, callerOf(environment, options.caller))
  const { calls, cloudwatch, dynamodb, ecr, ecs, elb } = clients
  const ledger = ledgerOf(dynamodb, environment.ledgerTable, { now, newId: passId })
  const snapshots = snapshotsOf(dynamodb, environment.ledgerTable)
  const outbox = outboxOf(dynamodb, environment.ledgerTable)
  const mail = mailOf(clients.events, outbox, now)
  const taskDefinitions = taskDefinitionsOf(ecs)
  const images = imagesOf(ecr)
  const alarms = alarmsOf(cloudwatch)
  const loadBalancers = loadBalancersOf(elb)
  const health = {
    ...{ alarms, cloudwatch, elb, loadBalancers },
    serviceDeployments: serviceDeploymentsOf(ecs),
    tasks: tasksOf(ecs),
  }
  const usable = { ecs, images, snapshots }
  const policies = lifecyclePoliciesOf(ecr, now)
  const observing = {
    config,
    ecs,
    freezes,
    health,
    images,
    ledger,
    now,
    outbox,
    policies,
    taskDefinitions,
    usable,
  }
  const applying = { ecs, ledger, mail, snapshots, taskDefinitions, now, newId: passId }
  const look = (key: ServiceKey, asked?: Asked) => observeService(key, observing, asked)
  return {
    config,
    ledger,
    calls,
    observePush: (repository) => observePush(repository, observing),
    observeIfKnown: (key) => observeIfKnown(key, observing),
    observeService: (key, request) => look(key, request && { request }),
    observeRollback: (key, rollbackRequest) => look(key, { rollbackRequest }),
    observeAlarm: (event) => observeAlarm(event, observing),
    observeAll: () => observeAll(observing),
    effects: (view, decisions) => effectsOf(view, decisions, applying),
    deliver: (observations, decide, log) => {
      return deliver(observations, decide, { ...applying, look, ...(log && { log }) })
    },
    async tidy(observations) {
      await mail.sendLeft()
      const wanted = await wantedAlarms(observations, loadBalancers)
      return { alarms: await keepOwnAlarms(cloudwatch, alarms.tags, wanted) }
    },
  }
}
