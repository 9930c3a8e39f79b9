/** Reads what is: everything that a delivery decision may rest on, one service at a time, so that none hides another. */

import { dimensionOf } from '@capstan/core/alarm-ties.ts'
import type { Config } from '@capstan/core/config.ts'
import { manifestsToRead } from '@capstan/core/delivery.ts'
import { resolveSettings } from '@capstan/core/enrolment.ts'
import type { AlarmStateChanged } from '@capstan/core/events.ts'
import { Failure } from '@capstan/core/failure.ts'
import { activeFreezes } from '@capstan/core/freeze.ts'
import { keyOf, nameOf } from '@capstan/core/service-key.ts'
import type { DeliveryView, ObservedImage, ServiceKey, ServiceRecord } from '@capstan/core/view.ts'
import { goodToCheck, healthWanted } from '@capstan/core/wanted.ts'
import type { EcsApi } from '../clients.ts'
import type { ServiceRecords } from '../ledger/ledger.ts'
import type { Outbox } from '../ledger/outbox.ts'
import { settleEach } from '../parallel.ts'
import { concernedBy } from './alarm-event.ts'
import { observeHealth } from './health.ts'
import type { Images } from './images.ts'
import { type LookTools, readAhead, type SharedLooks, sharedLooks } from './looks.ts'
import {
  describeServices,
  type FoundService,
  listServices,
  observedService,
  primaryOf,
  tagsOf,
  targetGroupsOf,
} from './services.ts'
import { observeUsable } from './usable.ts'
import { type LifecyclePolicies, observeWarnings } from './warnings.ts'
import { globKeys, watchesKept } from './watches.ts'

/** What looking at one service came to. */
export type Observation =
  | {
      readonly kind: 'seen'
      readonly service: ServiceKey
      readonly view: DeliveryView
      /** ARNs of the target groups that its tasks are put into. */
      readonly targetGroups: readonly string[]
    }
  /** The service is gone; its record is left. */
  | { readonly kind: 'gone'; readonly service: ServiceKey; readonly record: ServiceRecord }
  /** It could not be read; the others could. */
  | { readonly kind: 'failed'; readonly service: ServiceKey; readonly error: unknown }

export interface ObserveTools extends LookTools {
  readonly config: Config
  readonly ecs: EcsApi
  readonly outbox: Outbox
  readonly policies: LifecyclePolicies
}

/** What an operator asks of a service: one of them, or nothing. */
export type Asked = Pick<DeliveryView, 'request' | 'rollbackRequest'>

/** The services that the ledger knows to track the repository; the sweep tells of records that cannot be read. */
export async function observePush(repository: string, tools: ObserveTools): Promise<Observation[]> {
  const known = await tools.ledger.listServices()
  const concerned = known.records.filter(({ repositories }) => repositories.includes(repository))
  return observe(concerned, concerned, tools, { known })
}

/** What came of an alarm's event: the services that it concerns, or why none is looked at. */
export interface AlarmLook {
  readonly observations: readonly Observation[]
  readonly note?: string
}

/** For so long (ms) after an outage was seen, alarms are left to the sweep: each of hundreds would find the same. */
const OUTAGE_MS = 30_000

/** The services that an alarm's event concerns; none while an outage rings all of them. */
export async function observeAlarm(event: AlarmStateChanged, tools: ObserveTools): Promise<AlarmLook> {
  const since = tools.now() - OUTAGE_MS
  const note = `The alarm ${event.name} is left to the sweep: many services are in alarm at once.`
  if (tools.outbox.isKnownSince(since)) return { observations: [], note }
  const [known, isOutage] = await Promise.all([
    tools.ledger.listServices(),
    tools.outbox.isOutageSince(since),
  ])
  if (isOutage) return { observations: [], note }
  const keys = await concernedBy(event, known.records, tools.health.alarms)
  if (keys.length === 0)
    return { observations: [], note: `The alarm ${event.name} is about no service of Capstan's.` }
  const names = new Set(keys.map(nameOf))
  const concerned = known.records.filter((record) => names.has(nameOf(record)))
  const isUrgent = event.state === 'ALARM' && keys.length === 1
  return { observations: await observe(keys, concerned, tools, { known, isUrgent }) }
}

/** One service. Throws `Failure` NOT_FOUND where neither ECS nor the ledger knows it. */
export async function observeService(
  key: ServiceKey,
  tools: ObserveTools,
  asked?: Asked,
): Promise<Observation> {
  const [observation] = await observeIfKnown(key, tools, asked)
  if (observation) return observation
  throw new Failure('NOT_FOUND', `ECS has no active service ${nameOf(key)}. Check its cluster and its name.`)
}

/** One service; nothing where neither ECS nor the ledger knows it (any more), as may be when an event comes late. */
export async function observeIfKnown(
  key: ServiceKey,
  tools: ObserveTools,
  asked?: Asked,
): Promise<Observation[]> {
  const record = await tools.ledger.getService(key)
  return observe([key], record ? [record] : [], tools, asked && { asked })
}

/** Every service that Capstan is concerned with: enrolled by config or tags, or known to the ledger. */
export async function observeAll(tools: ObserveTools): Promise<Observation[]> {
  const [keys, known] = await Promise.all([listServices(tools.ecs), tools.ledger.listServices()])
  const { damaged, records } = known
  const all = new Map([...records, ...keys].map((key) => [nameOf(key), key]))
  for (const { service } of damaged) all.delete(nameOf(service))
  const observations = await observe([...all.values()], records, tools, { known, warns: true })
  return [
    ...observations.filter((seen) => seen.kind !== 'seen' || seen.view.settings.enrolled || seen.view.record),
    ...damaged.map((record): Observation => ({ kind: 'failed', ...record })),
  ]
}

/** How services are looked at. */
interface Look {
  readonly asked?: Asked
  /** What was read of the ledger already. */
  readonly known?: ServiceRecords
  /** Whether a service has most likely to be rolled back, so that what that needs is read at once. */
  readonly isUrgent?: boolean
  /** Whether what threatens good states is looked at: the sweep does. */
  readonly warns?: boolean
}

async function observe(
  keys: readonly ServiceKey[],
  records: readonly ServiceRecord[],
  tools: ObserveTools,
  { asked = {}, isUrgent = false, known, warns = false }: Look = {},
): Promise<Observation[]> {
  const shared = sharedLooks(tools, known)
  const describing = describeServices(tools.ecs, keys)
  if (isUrgent) for (const record of records) void readAhead(record, shared, tools)
  const found = new Map((await describing).map((service) => [nameOf(service), service]))
  const recordOf = new Map(records.map((record) => [nameOf(record), record]))
  const look = async (service: FoundService) => {
    const view = await viewOf(service, recordOf.get(nameOf(service)), shared, tools, asked)
    return warns ? { ...view, warnings: await observeWarnings(view, tools.policies, tools.now()) } : view
  }
  const seen = [...found.values()].filter((service) =>
    isConcern(service, recordOf.has(nameOf(service)), tools),
  )
  const views = await settleEach(seen, look)
  return [
    ...seen.map((each, index): Observation => {
      const view = views[index]
      const service = keyOf(each)
      if (view?.status === 'fulfilled')
        return { kind: 'seen', service, view: view.value, targetGroups: targetGroupsOf(each) }
      return { kind: 'failed', service, error: view?.reason }
    }),
    ...records.filter((record) => !found.has(nameOf(record))).map(goneOf),
  ]
}

/** Someone else's controller is trouble only where Capstan is asked to deliver. */
function isConcern(found: FoundService, hasRecord: boolean, { config }: ObserveTools): boolean {
  if (hasRecord || found.described.deployments?.length) return true
  const { cluster, service } = found
  const { serviceArn: arn = '' } = found.described
  return resolveSettings({ service: { cluster, service, arn, containers: [], tags: tagsOf(found) }, config })
    .enrolled
}

const goneOf = (record: ServiceRecord): Observation => ({ kind: 'gone', service: keyOf(record), record })

async function viewOf(
  found: FoundService,
  record: ServiceRecord | undefined,
  shared: SharedLooks,
  tools: ObserveTools,
  asked: Asked = {},
): Promise<DeliveryView> {
  const { config, images, taskDefinitions } = tools
  const taskDefinition = await taskDefinitions.get(primaryOf(found).taskDefinition ?? '')
  const service = observedService(found, taskDefinition)
  const settings = resolveSettings({ service, config })
  const names = [...new Set(settings.tracks.map(({ repository }) => repository))]
  const repositories = await listed(names, shared)
  const freezes = activeFreezes(await shared.freezes(), found, tools.now())
  const view = { service, settings, record, repositories, freezes, ...asked }
  const watches = watchesKept(seenKeys(found, settings.guard.alarms), record?.watches)
  const whole = await withPlatforms({ ...view, watches }, images)
  return withUsable(await withHealth(found, whole, shared, tools), shared, tools)
}

/** The images of those repositories that there are. */
async function listed(
  names: readonly string[],
  shared: SharedLooks,
): Promise<Record<string, readonly ObservedImage[]>> {
  const lists = await Promise.all(names.map(async (name) => ({ name, images: await shared.list(name) })))
  return Object.fromEntries(lists.flatMap(({ name, images }) => (images ? [[name, images]] : [])))
}

/** The watch keys that are seen without asking about alarms. */
function seenKeys(found: FoundService, globs: readonly string[]): string[] {
  const groups = targetGroupsOf(found).flatMap((arn) => dimensionOf(arn) ?? [])
  return [nameOf(found), ...groups, ...globKeys(globs)]
}

/** Reads manifests until the decision needs no more: choosing an image may show that another must be read. */
async function withPlatforms(view: DeliveryView, images: Images): Promise<DeliveryView> {
  const wanted = manifestsToRead(view)
  if (!wanted.length) return view
  const repositories = { ...view.repositories }
  for (const { repository, digest } of wanted) {
    const platforms = await images.platforms(repository, digest)
    repositories[repository] = (repositories[repository] ?? []).map((image) =>
      image.digest === digest ? { ...image, platforms } : image,
    )
  }
  return withPlatforms({ ...view, repositories }, images)
}

/** Looks at the service's health where the decision may rest on it: a push costs no more calls than it must. */
async function withHealth(
  found: FoundService,
  view: DeliveryView,
  shared: SharedLooks,
  { health, now }: ObserveTools,
): Promise<DeliveryView> {
  if (!healthWanted(view, now())) return view
  return { ...view, ...(await observeHealth(found, view, shared, health)) }
}

/** Looks at good states until the decision needs no more: if the first cannot be gone back to, the next may. */
async function withUsable(
  view: DeliveryView,
  shared: SharedLooks,
  tools: ObserveTools,
): Promise<DeliveryView> {
  const wanted = goodToCheck(view, tools.now())
  if (!wanted.length) return view
  const usable = await observeUsable(view, wanted, shared, tools.usable)
  return withUsable({ ...view, usable: { ...view.usable, ...usable } }, shared, tools)
}
