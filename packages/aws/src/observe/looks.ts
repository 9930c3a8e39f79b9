/** What a look at services reads but once, whichever service or question needs it first; and what it reads ahead. */
import type { Freeze } from '@capstan/core/freeze.ts'
import { nameOf } from '@capstan/core/service-key.ts'
import type { ObservedImage, ServiceRecord } from '@capstan/core/view.ts'
import type { Ledger, ServiceRecords } from '../ledger/ledger.ts'
import { isAnyMuteActive } from './alarm-evidence.ts'
import { fleetState } from './fleet.ts'
import type { HealthTools, Shared } from './health.ts'
import type { Images } from './images.ts'
import type { TaskDefinitions } from './task-definitions.ts'
import { type DefinitionState, definitionState, type UsableTools } from './usable.ts'

/** What is read but once for all services that are looked at together. */
export interface SharedLooks extends Shared {
  readonly list: (repository: string) => Promise<readonly ObservedImage[] | undefined>
  /** The freezes of config file and ledger. */
  readonly freezes: () => Promise<readonly Freeze[]>
  /** Whether ECS still starts tasks of a task definition, by its ARN. */
  readonly definitionState: (arn: string) => Promise<DefinitionState>
}

export interface LookTools {
  /** The freezes of the config file. */
  readonly freezes: readonly Freeze[]
  readonly health: HealthTools
  readonly images: Images
  readonly ledger: Ledger
  readonly taskDefinitions: TaskDefinitions
  readonly usable: UsableTools
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** How far back (ms) an alarm's last change may lie for its tags to be asked for, unless it is in ALARM. */
const ALARM_WINDOW_MS = 60 * 60_000

/** The reads of one look; `known` is what was read of the ledger already. Nothing is read before it is asked for. */
export function sharedLooks(tools: LookTools, known: ServiceRecords | undefined): SharedLooks {
  const { freezes, health, images, ledger, now, usable } = tools
  const all = once(async () => known ?? (await ledger.listServices()))
  const alarms = once(() => health.alarms.list(now() - ALARM_WINDOW_MS))
  return {
    alarms,
    fleet: once(async () => fleetState((await all()).records, await alarms(), now())),
    isMuting: once(() => isAnyMuteActive(health.cloudwatch)),
    stopped: onceEach(nameOf, (key) => health.tasks.stopped(key)),
    freezes: once(async () => [...freezes, ...(await all()).freezes]),
    list: onceEach(String, (repository) => images.list(repository)),
    definitionState: onceEach(String, (arn) => definitionState(usable.ecs, arn)),
  }
}

/**
 * Starts at once what a rollback of the service will most likely ask for, one after the other: an alarm rings, and each
 * of these answers is needed before it can be decided. What fails fails where it is asked for.
 */
export function readAhead(
  record: ServiceRecord,
  shared: SharedLooks,
  { taskDefinitions }: LookTools,
): Promise<unknown> {
  const { inFlight, known, repositories } = record
  const running = inFlight ? undefined : known?.taskDefinitionArn
  const good = record.good?.find(({ taskDefinitionArn }) => taskDefinitionArn !== running)
  return Promise.allSettled([
    // More has to be asked once these are there.
    shared.stopped(record),
    shared.alarms(),
    shared.isMuting(),
    running !== undefined && taskDefinitions.get(running),
    ...repositories.map((repository) => shared.list(repository)),
    good && shared.definitionState(good.taskDefinitionArn),
  ])
}

function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined
  return () => {
    loading ??= load()
    return loading
  }
}

/** The same for each name by itself. */
function onceEach<K, T>(name: (key: K) => string, load: (key: K) => Promise<T>): (key: K) => Promise<T> {
  const loads = new Map<string, Promise<T>>()
  return (key) => {
    const loading = loads.get(name(key)) ?? load(key)
    loads.set(name(key), loading)
    return loading
  }
}
