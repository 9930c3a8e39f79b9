/** The records of one task at one target: what it is found by. */
import { familyOf, sourceName } from './names.ts'
import { markOf } from './record.ts'
import type { DiscoveryRecord, KnownTask, Place, Publication, SourceKey, Target } from './view.ts'

export interface Forms {
  /** At the name itself, or the instance. */
  readonly main: readonly DiscoveryRecord[]
  /** At the task's own name. */
  readonly own: readonly DiscoveryRecord[]
  /** Why `main` is empty, if it is. */
  readonly lacks: string
}

/** The longest TXT string (RFC 1035 section 3.3). */
const LONGEST_STRING = 255

/** What a task is found by. A type that it has no address for is left out, as long as another one is there. */
export function formsOf(task: KnownTask, publication: Publication, target: Target, place: Place): Forms {
  return target.kind === 'dns'
    ? dnsForms(task, publication, target.name)
    : instanceForms(task, publication, place.kind === 'cloud-map' ? place.types : [])
}

/** The task's name below the target's. Task ids are hexadecimal, so they are labels. */
function ownName(task: KnownTask, name: string): string {
  return `${task.id}.${name}`
}

function dnsForms(task: KnownTask, publication: Publication, name: string): Forms {
  const { types, ttl, perTask } = publication
  const main = types.flatMap((type): DiscoveryRecord[] => {
    const value = type === 'SRV' ? srvOf(task, publication, name) : addressOf(task, publication, type)
    return value === undefined ? [] : [{ name, type, setIdentifier: markOf(task.id), ttl, values: [value] }]
  })
  const hosts = types.filter((type) => type !== 'SRV')
  const own = (hosts.length > 0 ? hosts : (['A', 'AAAA'] as const)).flatMap((type): DiscoveryRecord[] => {
    const value = addressOf(task, publication, type)
    return value === undefined ? [] : [{ name: ownName(task, name), type, ttl, values: [value] }]
  })
  const hasOwn = perTask || main.some(({ type }) => type === 'SRV')
  return { main, own: hasOwn ? own : [], lacks: lackOf(task, publication, types) }
}

function srvOf(task: KnownTask, publication: Publication, name: string): string | undefined {
  const port = portOf(task, publication)
  const { types } = publication
  const isNamed = (['A', 'AAAA'] as const).some(
    (type) =>
      (types.includes(type) || types.every((each) => each === 'SRV')) &&
      addressOf(task, publication, type) !== undefined,
  )
  return port === undefined || !isNamed ? undefined : `1 1 ${port} ${ownName(task, name)}`
}

function addressOf(task: KnownTask, { address }: Publication, type: 'A' | 'AAAA'): string | undefined {
  return type === 'AAAA' ? task.addresses.ipv6 : task.addresses[address]
}

/**
 * The port that the task is reached at: the host's where that gives it one, else its own. A task on a container instance
 * without an interface of its own is reached at what the host gives it only.
 */
function portOf(task: KnownTask, { port }: Publication): number | undefined {
  if (port === undefined) return undefined
  const bound = task.ports.find(
    (each) => each.port === port.port && (port.container ?? each.container) === each.container,
  )
  if (bound !== undefined) return bound.hostPort
  return task.containerInstanceArn !== undefined && task.interfaceId === undefined ? undefined : port.port
}

function lackOf(task: KnownTask, publication: Publication, types: readonly string[]): string {
  const wantsIpv6 = types.includes('AAAA')
  const hasAddress = addressOf(task, publication, 'A') !== undefined || task.addresses.ipv6 !== undefined
  if (types.includes('SRV') && hasAddress && portOf(task, publication) === undefined)
    return 'it has no such port'
  return wantsIpv6 ? 'it has no IPv6 address' : `it has no ${publication.address} address`
}

/**
 * The instance of a task, with the attributes that the service's DNS records need (Cloud Map API reference:
 * RegisterInstance); an HTTP service has none, so the publication says which addresses.
 */
function instanceForms(task: KnownTask, publication: Publication, types: readonly string[]): Forms {
  const lacks = lackOf(task, publication, types.length > 0 ? types : publication.types)
  const needs = types.length > 0 ? types : publication.types
  const ipv4 = addressOf(task, publication, 'A')
  const { ipv6 } = task.addresses
  const port = portOf(task, publication)
  const asks = (type: string) => needs.includes(type) || (needs.includes('SRV') && needs.length === 1)
  const cannot =
    (needs.includes('A') && types.length > 0 && ipv4 === undefined) ||
    (needs.includes('AAAA') && types.length > 0 && ipv6 === undefined) ||
    (types.includes('SRV') && port === undefined) ||
    types.includes('CNAME') ||
    !((asks('A') && ipv4 !== undefined) || (asks('AAAA') && ipv6 !== undefined))
  if (cannot) return { main: [], own: [], lacks: types.includes('CNAME') ? 'tasks have no CNAME' : lacks }
  const attributes = {
    ...(asks('A') && ipv4 !== undefined && { AWS_INSTANCE_IPV4: ipv4 }),
    ...(asks('AAAA') && ipv6 !== undefined && { AWS_INSTANCE_IPV6: ipv6 }),
    ...(port !== undefined && { AWS_INSTANCE_PORT: String(port) }),
    CAPSTAN_SOURCE: sourceName(task.source),
    ECS_TASK_DEFINITION_FAMILY: familyOf(task.taskDefinitionArn),
  }
  const values = Object.entries(attributes).map(([key, value]) => `${key}=${value}`)
  return { main: [{ name: markOf(task.id), type: 'INSTANCE', values: values.toSorted() }], own: [], lacks }
}

/** The TXT record that says whose a name is. */
export function markRecord(name: string, sources: readonly SourceKey[], ttl: number): DiscoveryRecord {
  const names = [...new Set(sources.map(sourceName))].toSorted().join(';')
  const text = `heritage=capstan,sources=${names}`
  const strings = text.match(new RegExp(`.{1,${LONGEST_STRING}}`, 'g')) ?? []
  return { name: markName(name), type: 'TXT', ttl, values: [strings.map((each) => `"${each}"`).join(' ')] }
}

/** Where that record is. */
export function markName(name: string): string {
  return `_capstan.${name}`
}
