/** Puts discovery together over one small set of SDK clients: what its doors and the CLI hold in their hand. */
import { randomUUID } from 'node:crypto'
import { type Config, parseConfig } from '@capstan/core/config.ts'
import type { DiscoveryEvent } from '@capstan/core/discovery/events.ts'
import { targetName } from '@capstan/core/discovery/names.ts'
import type { Target } from '@capstan/core/discovery/view.ts'
import type { Place } from '@capstan/core/places.ts'
import { countedAs, type Log } from '../apply.ts'
import { type Callers, callersOf } from '../callers.ts'
import { createQueueClient, createTableClient } from '../clients.ts'
import type { ConnectOptions } from '../connect.ts'
import { type Environment, readEnvironment } from '../environment.ts'
import { passId } from '../ledger/pass-id.ts'
import { rowsAt } from '../ledger/place-ledger.ts'
import { taskDefinitionsOf } from '../observe/task-definitions.ts'
import { type Settled, valuesOf } from '../parallel.ts'
import { logAt, nameElsewhere, type Places, placesOf } from '../places.ts'
import type { CallCounts } from '../wire/api.ts'
import { addressesOf } from './addresses.ts'
import { createDiscoveryClients, type DiscoveryClients } from './clients.ts'
import { cloudMapRegistrar } from './cloud-map.ts'
import { heldSettingsOf } from './held-settings.ts'
import { hostsOf } from './hosts.ts'
import { sourceKeeper } from './keep-sources.ts'
import type { DiscoveryLedger } from './ledger.ts'
import { lookAgainBy } from './look-again.ts'
import { type ObservedName, observeNames } from './observe-names.ts'
import { adopt, bring, publish } from './publish.ts'
import { registrarOf } from './registrar-of.ts'
import { route53Registrar } from './route53.ts'
import { recentServicesOf, sourcesOf } from './sources.ts'
import { type SweepTools, sweep } from './sweep.ts'
import { discoveryLedgerOf } from './table-ledger.ts'
import { takeBatch } from './take-batch.ts'
import { targetStatesOf } from './targets.ts'
import { sourceTasksOf } from './tasks.ts'
import type { Published } from './work-place.ts'

/** Discovery's connection to AWS. Everything here rejects with `Failure` for what was foreseen. */
export interface CapstanDiscovery {
  readonly config: Config
  readonly ledger: DiscoveryLedger
  /** How often each AWS operation was called since the connection was made. */
  readonly calls: CallCounts
  /** Takes messages in, and publishes what they concern until `deadline` (ms); resolves with what became of each. */
  takeBatch(
    messages: readonly DiscoveryEvent[],
    log?: Log,
    deadline?: number,
  ): Promise<readonly Settled<unknown>[]>
  /** Looks at everything, and publishes every target; see `sweep`. */
  sweep(log?: Log): Promise<Published[]>
  /**
   * Targets as they are now in ECS, in the ledger and where their records are; all of them unless told. One that cannot be
   * looked at hinders no other. Writes nothing.
   */
  observeNames(targets?: readonly Target[]): Promise<ObservedName[]>
  /** Publishes targets; `verifies` reads what is really there first. */
  publish(
    targets: readonly Target[],
    options: { readonly verifies: boolean },
    log?: Log,
  ): Promise<Published[]>
  /** Takes over what others have written at a target. Throws `Failure` CONFLICT where someone writes in its place now. */
  adopt(target: Target, log?: Log): Promise<Published>
}

/** How long a pass may take unless told (ms): what a sweep has of its minute. */
const PASS_MS = 45_000

/** Connects to home. Throws `Failure` INVALID_CONFIG where the environment or the config file cannot be read at all. */
export function connectDiscovery(options: ConnectOptions): CapstanDiscovery {
  return connectTo(settingsOf(options))
}

/** Connects to all places of the config file, to each when it is first needed. Throws as `connectDiscovery`. */
export function connectDiscoveryPlaces(options: ConnectOptions): Places<CapstanDiscovery> {
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
  readonly environment: Environment
  readonly callers: Callers
  readonly now: () => number
}

function settingsOf({
  caller = {},
  config,
  environment = readEnvironment(),
  now = Date.now,
}: ConnectOptions): Settings {
  return { config: parseConfig(config), environment, callers: callersOf(environment, caller, now), now }
}

/** What is called in a place: its own services, and at home the queue and the ledger, with the place's rows. */
function clientsAt({ callers, environment }: Settings, place: Place | undefined): DiscoveryClients {
  const there = createDiscoveryClients(environment, callers.at(place))
  const name = nameElsewhere(place)
  if (name === undefined) return there
  return {
    ...there,
    dynamodb: createTableClient(environment, there.calls, callers.at(), rowsAt(name)),
    sqs: createQueueClient(environment, there.calls, callers.at()),
  }
}

/** Connects to one of `all` places; to home, of which nothing is known, without. */
function connectTo(settings: Settings, place?: Place, all: readonly Place[] = []): CapstanDiscovery {
  const { now } = settings
  const config = { ...settings.config, places: all }
  const clients = clientsAt(settings, place)
  const tools = toolsOf(clients, { ...settings, config }, nameElsewhere(place))
  const until = () => now() + PASS_MS
  const logging = (log: Log | undefined) =>
    log ? { ...tools, log: logAt(countedAs(config.metrics, log), place) } : tools
  return {
    config,
    ledger: tools.ledger,
    calls: clients.calls,
    takeBatch: (messages, log, deadline = until()) => takeBatch(messages, deadline, logging(log)),
    sweep: (log) => sweep(until(), logging(log)),
    observeNames: (targets) => observeNames(tools, targets),
    async publish(targets, { verifies }, log) {
      const errands = await bring(
        targets.map((target) => ({ target, verifies })),
        tools,
      )
      const done = await publish(errands, until(), logging(log))
      return valuesOf(targets.flatMap((target) => done.get(targetName(target)) ?? []))
    },
    adopt: (target, log) => adopt(target, until(), logging(log)),
  }
}

function toolsOf(
  clients: DiscoveryClients,
  { config, environment, now }: Settings,
  place: string | undefined,
): SweepTools {
  const { discoveryQueueUrl, ledgerTable } = environment
  const { discovery, dynamodb, ec2, ecs, elb, route53, sqs } = clients
  const ledger = discoveryLedgerOf(dynamodb, ledgerTable, { now })
  const services = recentServicesOf(ecs, now)
  const tasks = sourceTasksOf(ecs, taskDefinitionsOf(ecs))
  const { runningFamilies } = tasks
  const sources = sourcesOf({ ecs, config, services, runningFamilies, now })
  const settingsOf = heldSettingsOf(sources.settingsOf, ledger)
  const hosts = hostsOf(ecs)
  const pace = { now }
  // The decisions of one moment are told apart by where they are in it.
  let passes = 0
  const newId = (time: number) => passId(time, ++passes % 100_000)
  return {
    ...tasks,
    ...sources,
    ledger,
    settingsOf,
    tasksOf: (source) => ledger.listTasks(source),
    registrar: registrarOf({
      dns: route53Registrar(route53, pace),
      'cloud-map': cloudMapRegistrar(discovery, pace),
    }),
    targetStates: targetStatesOf(elb, services, hosts),
    learnAddresses: addressesOf(ec2, hosts),
    lookAgain: lookAgainBy(sqs, discoveryQueueUrl, place),
    keepSource: sourceKeeper({ ledger, newId, now, settingsOf }),
    newHolder: randomUUID,
    newId,
    now,
  }
}
