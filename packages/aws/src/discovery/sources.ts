/** The sources of discovery: which there are, and what each asks for, by the config file and by tags in ECS. */

import type { Config } from '@capstan/core/config.ts'
import { sourceName } from '@capstan/core/discovery/names.ts'
import { configuredSources, resolveDiscovery } from '@capstan/core/discovery/settings.ts'
import type { DiscoverySettings, SourceKey } from '@capstan/core/discovery/view.ts'
import { Failure } from '@capstan/core/failure.ts'
import { nameOf, parseServiceName } from '@capstan/core/service-key.ts'
import type { ServiceKey } from '@capstan/core/view.ts'
import type { EcsApi } from '../clients.ts'
import { describeServices, type FoundService, listServices, tagsOf } from '../observe/services.ts'
import { describeTaskDefinition } from '../observe/task-definitions.ts'
import { settleEach, valuesOf } from '../parallel.ts'
import { sdkName } from './patience.ts'
import { recentOf } from './recent.ts'

/** Of DescribeServices (ECS API reference). */
const SERVICES_PER_CALL = 10

/** Services as they were described in the last ten seconds; `undefined` for one that is gone or going. */
export type RecentServices = (
  keys: readonly ServiceKey[],
  isFresh?: boolean,
) => Promise<(FoundService | undefined)[]>

/** Services as `ecs` describes them, ten at a time and at most once in ten seconds. `now` in ms. */
export function recentServicesOf(ecs: EcsApi, now: () => number): RecentServices {
  const load = async (names: readonly string[]) => {
    const found = await describeServices(
      ecs,
      names.flatMap((name) => parseServiceName(name) ?? []),
    )
    const byName = new Map(found.map((service) => [nameOf(service), service]))
    return names.map((name) => byName.get(name))
  }
  const clusterOf = (name: string) => parseServiceName(name)?.cluster ?? ''
  const recent = recentOf(load, now, { size: SERVICES_PER_CALL, groupOf: clusterOf })
  return (keys, isFresh) => recent(keys.map(nameOf), isFresh)
}

export interface Sources {
  /**
   * What sources ask for, in their order; tags are at most ten seconds old, or as they are now with `isFresh`. A service
   * that is gone or going asks for nothing, and so does a family without an active task definition.
   */
  settingsOf(sources: readonly SourceKey[], isFresh?: boolean): Promise<DiscoverySettings[]>
  /** Every source that the config file or tags name, in all clusters, as they are now. */
  namedSources(): Promise<SourceKey[]>
}

export interface SourceTools {
  readonly ecs: EcsApi
  readonly config: Config
  readonly services: RecentServices
  /** The families of tasks that run and belong to no service. */
  readonly runningFamilies: () => Promise<readonly SourceKey[]>
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

type Tags = Readonly<Record<string, string>>

/** Sources as ECS and the config file have them. */
export function sourcesOf({ config, ecs, now, runningFamilies, services }: SourceTools): Sources {
  const families = recentOf((names) => familyTags(ecs, names), now)
  const settingsOf = async (sources: readonly SourceKey[], isFresh = false) => {
    const owners = sources.map((source) => ownerOf(source))
    const own = owners.flatMap((owner) => (owner.kind === 'service' ? [owner.key] : []))
    const standing = owners.flatMap((owner) => (owner.kind === 'family' ? [owner.family] : []))
    const [found, tagged] = await Promise.all([services(own, isFresh), families(standing, isFresh)])
    const byService = new Map(found.flatMap((one) => (one ? [[nameOf(one), tagsOf(one)] as const] : [])))
    const byFamily = new Map(standing.map((family, index) => [family, tagged[index]]))
    return sources.map((source, index) => {
      const owner = owners[index]
      const tags =
        owner?.kind === 'service' ? byService.get(nameOf(owner.key)) : byFamily.get(owner?.family ?? '')
      return tags ? resolveDiscovery({ source, tags, config }) : released(source)
    })
  }
  return {
    settingsOf,
    async namedSources() {
      const [listed, running] = await Promise.all([listServices(ecs), runningFamilies()])
      const all = [...listed.map(sourceOfService), ...running, ...configuredSources(config)]
      const unique = [...new Map(all.map((source) => [sourceName(source), source])).values()]
      const settings = await settingsOf(unique, true)
      return settings.filter(({ from }) => from !== 'none').map(({ source }) => source)
    },
  }
}

const released = (source: SourceKey): DiscoverySettings => ({
  source,
  from: 'none',
  publications: [],
  problems: [],
})

const sourceOfService = ({ cluster, service }: ServiceKey): SourceKey => ({
  cluster,
  group: `service:${service}`,
})

/** Whose tags say how a source is found: its service's, or its family's, which is the same in all clusters. */
export function ownerOf({
  cluster,
  group,
}: SourceKey):
  | { readonly kind: 'service'; readonly key: ServiceKey }
  | { readonly kind: 'family'; readonly family: string } {
  const [kind, name = ''] = group.split(':')
  return kind === 'service' ? { kind, key: { cluster, service: name } } : { kind: 'family', family: name }
}

/** The tags of each family's latest active task definition; `undefined` for a family that has none. */
async function familyTags(ecs: EcsApi, families: readonly string[]): Promise<(Tags | undefined)[]> {
  return valuesOf(await settleEach(families, (family) => tagsOfFamily(ecs, family)))
}

async function tagsOfFamily(ecs: EcsApi, family: string): Promise<Tags | undefined> {
  try {
    const { tags } = await describeTaskDefinition(ecs, family)
    return Object.fromEntries(tags.map(({ key = '', value = '' }) => [key, value]))
  } catch (error) {
    if (isUnknownFamily(error)) return undefined
    throw error
  }
}

/** ECS has no error of its own for it: "ClientException: Unable to describe task definition." (API reference). */
function isUnknownFamily(error: unknown): boolean {
  return error instanceof Failure && error.code === 'INVALID_REQUEST' && sdkName(error) === 'ClientException'
}
