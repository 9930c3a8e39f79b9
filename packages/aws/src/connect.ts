/** Puts observe, apply and the ledger of a place together: what doors and the CLI hold in their hand. */
import { type Config, parseConfig } from '@capstan/core/config.ts'
import type { DeliveryDecision } from '@capstan/core/decision.ts'
import type { AlarmStateChanged } from '@capstan/core/events.ts'
import { type Freeze, readFreezes } from '@capstan/core/freeze.ts'
import type { Place, PlaceConfig } from '@capstan/core/places.ts'
import { repositorySeenFrom } from '@capstan/core/repository.ts'
import type { DeliveryView, DeployRequest, RollbackRequest, ServiceKey } from '@capstan/core/view.ts'
import { type Applied, countedAs, type Effect, effectsOf, type Log } from './apply.ts'
import { type Callers, callersOf } from './callers.ts'
import { type CallerOptions, createClients, createTableClient } from './clients.ts'
import { type Decide, type Delivery, deliver } from './deliver.ts'
import { type Environment, readEnvironment } from './environment.ts'
import { type AlarmChanges, keepOwnAlarms } from './guard/own-alarms.ts'
import { wantedAlarms } from './guard/wanted-alarms.ts'
import { freezesOf } from './ledger/freezes.ts'
import { type Ledger, ledgerOf } from './ledger/ledger.ts'
import { outboxOf } from './ledger/outbox.ts'
import { passId } from './ledger/pass-id.ts'
import { rowsAt, withFreezes } from './ledger/place-ledger.ts'
import { snapshotsOf } from './ledger/snapshots.ts'
import { mailOf } from './mail.ts'
import { alarmsOf } from './observe/alarms.ts'
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
import { logAt, nameElsewhere, type Places, placesOf } from './places.ts'
import { registryOf } from './registries.ts'
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
  /** The services that track a repository of a registry: of the place's own unless told. */
  observePush(repository: string, registry?: PlaceConfig): Promise<Observation[]>
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

/** Connects to home. Throws `Failure` INVALID_CONFIG where the environment or the config file cannot be read at all. */
export function connect(options: ConnectOptions): Capstan {
  return connectTo(settingsOf(options))
}

/** Connects to all places of the config file, to each when it is first needed. Throws as `connect`. */
export function connectPlaces(options: ConnectOptions): Places<Capstan> {
  const settings = settingsOf(options)
  const { callers, config } = settings
  return placesOf({
    others: config.places,
    findHome: callers.findHome,
    connect: (place, all) => connectTo(settings, place, all),
  })
}

/** What is the same in all places. */
interface Settings {
  readonly config: Config
  readonly freezes: readonly Freeze[]
  readonly environment: Environment
  readonly callers: Callers
  readonly now: () => number
}

function settingsOf(options: ConnectOptions): Settings {
  const { caller = {}, environment = readEnvironment(), now = Date.now } = options
  const parsed = parseConfig(options.config)
  const { freezes, problems } = readFreezes(parsed.freezes)
  const config = { ...parsed, problems: [...parsed.problems, ...problems] }
  return { config, freezes, environment, callers: callersOf(environment, caller, now), now }
}

/** What is called in a place: its own services, and at home the bus and the ledger, with the place's rows. */
function clientsAt({ callers, environment, now }: Settings, place: Place | undefined) {
  const { ledgerTable } = environment
  const tools = { now, newId: passId }
  const home = createClients(environment, callers.at())
  const name = nameElsewhere(place)
  if (name === undefined) return { ...home, ledger: ledgerOf(home.dynamodb, ledgerTable, tools) }
  const there = createClients(environment, callers.at(place))
  const dynamodb = createTableClient(environment, there.calls, callers.at(), rowsAt(name))
  const freezes = freezesOf(home.dynamodb, ledgerTable, tools)
  const ledger = withFreezes(ledgerOf(dynamodb, ledgerTable, tools), freezes)
  return { ...there, dynamodb, events: home.events, ledger }
}

/** Connects to one of `all` places; to home, of which nothing is known, without. */
function connectTo(settings: Settings, place?: Place, all: readonly Place[] = []): Capstan {
  const { environment, freezes, now } = settings
  const config = { ...settings.config, places: all }
  const clients = clientsAt(settings, place)
  const { calls, cloudwatch, dynamodb, ecr, ecs, elb, ledger } = clients
  const snapshots = snapshotsOf(dynamodb, environment.ledgerTable)
  const outbox = outboxOf(dynamodb, environment.ledgerTable)
  const mail = mailOf(clients.events, outbox, now, nameElsewhere(place))
  const taskDefinitions = taskDefinitionsOf(ecs)
  const alarms = alarmsOf(cloudwatch)
  const loadBalancers = loadBalancersOf(elb)
  const health = {
    ...{ alarms, cloudwatch, elb, loadBalancers },
    serviceDeployments: serviceDeploymentsOf(ecs),
    tasks: tasksOf(ecs),
  }
  const ecrAt = (one: Place) => createClients(environment, settings.callers.at(one)).ecr
  const { images, policies } = registryOf({ own: ecr, all, ecrAt, now })
  const observing = {
    ...{ config, ecs, freezes, health, images, ledger, now, outbox, policies, taskDefinitions },
    usable: { ecs, images, snapshots },
  }
  const applying = { ecs, ledger, mail, snapshots, taskDefinitions, now, newId: passId }
  const look = (key: ServiceKey, asked?: Asked) => observeService(key, observing, asked)
  return {
    config,
    ledger,
    calls,
    observePush: (repository, registry) =>
      observePush(repositorySeenFrom(place, repository, registry), observing),
    observeIfKnown: (key) => observeIfKnown(key, observing),
    observeService: (key, request) => look(key, request && { request }),
    observeRollback: (key, rollbackRequest) => look(key, { rollbackRequest }),
    observeAlarm: (event) => observeAlarm(event, observing),
    observeAll: () => observeAll(observing),
    effects: (view, decisions) => effectsOf(view, decisions, applying),
    deliver: (observations, decide, log) =>
      deliver(observations, decide, {
        ...applying,
        look,
        ...(log && { log: logAt(countedAs(config.metrics, log), place) }),
      }),
    async tidy(observations) {
      await mail.sendLeft()
      const wanted = await wantedAlarms(observations, loadBalancers)
      return { alarms: await keepOwnAlarms(cloudwatch, alarms.tags, wanted) }
    },
  }
}
