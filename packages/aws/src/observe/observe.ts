/** Reads what is: everything that a delivery decision may rest on, one service at a time, so that none hides another. */
import type { ECSClient } from '@aws-sdk/client-ecs'
import type { Config } from '@capstan/core/config.ts'
import { manifestsToRead } from '@capstan/core/delivery.ts'
import { resolveSettings } from '@capstan/core/enrolment.ts'
import { Failure } from '@capstan/core/failure.ts'
import { keyOf, nameOf } from '@capstan/core/service-key.ts'
import type {
  DeliveryView,
  DeployRequest,
  ObservedImage,
  ServiceKey,
  ServiceRecord,
} from '@capstan/core/view.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { settleEach } from '../parallel.ts'
import type { Images } from './images.ts'
import {
  describeServices,
  type FoundService,
  listServices,
  observedService,
  primaryOf,
  tagsOf,
} from './services.ts'
import type { TaskDefinitions } from './task-definitions.ts'

/** What looking at one service came to. */
export type Observation =
  | { readonly kind: 'seen'; readonly service: ServiceKey; readonly view: DeliveryView }
  /** The service is gone; its record is left. */
  | { readonly kind: 'gone'; readonly service: ServiceKey; readonly record: ServiceRecord }
  /** It could not be read; the others could. */
  | { readonly kind: 'failed'; readonly service: ServiceKey; readonly error: unknown }

export interface ObserveTools {
  readonly config: Config
  readonly ecs: ECSClient
  readonly images: Images
  readonly ledger: Ledger
  readonly taskDefinitions: TaskDefinitions
}

/** The services that the ledger knows to track the repository; the sweep tells of records that cannot be read. */
export async function observePush(repository: string, tools: ObserveTools): Promise<Observation[]> {
  const { records } = await tools.ledger.listServices()
  const concerned = records.filter(({ repositories }) => repositories.includes(repository))
  return observe(concerned, concerned, tools)
}

/** One service. Throws `Failure` NOT_FOUND where neither ECS nor the ledger knows it. */
export async function observeService(
  key: ServiceKey,
  tools: ObserveTools,
  request?: DeployRequest,
): Promise<Observation> {
  const [observation] = await observeIfKnown(key, tools, request)
  if (observation) return observation
  throw new Failure('NOT_FOUND', `ECS has no active service ${nameOf(key)}. Check its cluster and its name.`)
}

/** One service; nothing where neither ECS nor the ledger knows it (any more), as may be when an event comes late. */
export async function observeIfKnown(
  key: ServiceKey,
  tools: ObserveTools,
  request?: DeployRequest,
): Promise<Observation[]> {
  const record = await tools.ledger.getService(key)
  return observe([key], record ? [record] : [], tools, request)
}

/** Every service that Capstan is concerned with: enrolled by config or tags, or known to the ledger. */
export async function observeAll(tools: ObserveTools): Promise<Observation[]> {
  const [keys, { damaged, records }] = await Promise.all([
    listServices(tools.ecs),
    tools.ledger.listServices(),
  ])
  const all = new Map([...records, ...keys].map((key) => [nameOf(key), key]))
  for (const { service } of damaged) all.delete(nameOf(service))
  const observations = await observe([...all.values()], records, tools)
  return [
    ...observations.filter((seen) => seen.kind !== 'seen' || seen.view.settings.enrolled || seen.view.record),
    ...damaged.map((record): Observation => ({ kind: 'failed', ...record })),
  ]
}

async function observe(
  keys: readonly ServiceKey[],
  records: readonly ServiceRecord[],
  tools: ObserveTools,
  request?: DeployRequest,
): Promise<Observation[]> {
  const found = new Map(
    (await describeServices(tools.ecs, keys)).map((service) => [nameOf(service), service]),
  )
  const recordOf = new Map(records.map((record) => [nameOf(record), record]))
  const lists = listsOnce(tools.images)
  const look = (service: FoundService) =>
    viewOf(service, recordOf.get(nameOf(service)), lists, tools, request)
  const seen = [...found.values()].filter((service) =>
    isConcern(service, recordOf.has(nameOf(service)), tools),
  )
  const views = await settleEach(seen, look)
  return [
    ...seen.map((each, index): Observation => {
      const view = views[index]
      const service = keyOf(each)
      if (view?.status === 'fulfilled') return { kind: 'seen', service, view: view.value }
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

type Lists = (repository: string) => Promise<readonly ObservedImage[] | undefined>

/** Lists each repository once, however many services track it. */
function listsOnce(images: Images): Lists {
  const lists = new Map<string, ReturnType<Lists>>()
  return (repository) => {
    const list = lists.get(repository) ?? images.list(repository)
    lists.set(repository, list)
    return list
  }
}

async function viewOf(
  found: FoundService,
  record: ServiceRecord | undefined,
  list: Lists,
  { config, images, taskDefinitions }: ObserveTools,
  request?: DeployRequest,
): Promise<DeliveryView> {
  const taskDefinition = await taskDefinitions.get(primaryOf(found).taskDefinition ?? '')
  const service = observedService(found, taskDefinition)
  const settings = resolveSettings({ service, config })
  const names = new Set(settings.tracks.map(({ repository }) => repository))
  const repositories: Record<string, readonly ObservedImage[]> = {}
  for (const name of names) {
    const listed = await list(name)
    if (listed) repositories[name] = listed
  }
  return withPlatforms({ service, settings, record, repositories, ...(request && { request }) }, images)
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
