/** Sources and targets by the names that people use, in the config file, the ledger and on the command line. */
import type { SourceKey, Target } from './view.ts'

/** A text form of a DNS name, without the last dot: 255 octets on the wire (RFC 1035 section 2.3.4). */
const LONGEST_NAME = 253
const LONGEST_LABEL = 63
const SERVICE = 'service:'
const FAMILY = 'family:'

/** `cluster/service`, or `cluster/family:worker` for tasks of no service. */
export function sourceName({ cluster, group }: SourceKey): string {
  return `${cluster}/${group.startsWith(SERVICE) ? group.slice(SERVICE.length) : group}`
}

/** Reads `cluster/service` and `cluster/family:worker`; without a cluster it is `default`. Names as ECS allows them. */
export function parseSourceName(name: string): SourceKey | undefined {
  const parts = name.trim().split('/')
  const [cluster = '', last = ''] = parts.length === 1 ? ['default', ...parts] : parts
  const isFamily = last.startsWith(FAMILY)
  const own = isFamily ? last.slice(FAMILY.length) : last
  if (parts.length > 2 || ![cluster, own].every((part) => /^[A-Za-z0-9_-]{1,255}$/.test(part)))
    return undefined
  return { cluster, group: isFamily ? last : SERVICE + own }
}

/** The source of a task: its service, or the family of its task definition, whatever group it was given by hand. */
export function sourceOf(cluster: string, group: string, taskDefinitionArn: string): SourceKey {
  return group.startsWith(SERVICE)
    ? { cluster, group }
    : { cluster, group: FAMILY + familyOf(taskDefinitionArn) }
}

/** The family in a task definition's ARN: `…:task-definition/worker:3` is of `worker`. */
export function familyOf(taskDefinitionArn: string): string {
  return taskDefinitionArn.replace(/^.*\//, '').replace(/:\d+$/, '')
}

/** A DNS name as it is, or `namespace/service` of Cloud Map. */
export function targetName(target: Target): string {
  return target.kind === 'dns' ? target.name : `${target.namespace}/${target.service}`
}

/**
 * Reads a target's name: what has a slash is Cloud Map's, whose services have none in their names, but whose HTTP
 * namespaces may (Cloud Map API reference: CreateHttpNamespace).
 */
export function parseTargetName(text: string): Target | undefined {
  const [, namespace, service] = /^(.+)\/([^/]+)$/.exec(text.trim()) ?? []
  if (namespace !== undefined && service !== undefined)
    return serviceProblem(namespace, service) === undefined
      ? { kind: 'cloud-map', namespace, service }
      : undefined
  const name = normalName(text)
  return nameProblem(name) === undefined ? { kind: 'dns', name } : undefined
}

/** Lower case, without the last dot: names are compared so (RFC 4343). */
export function normalName(text: string): string {
  return text.trim().toLowerCase().replace(/\.$/, '')
}

/**
 * What is wrong with a DNS name, reading on from it; `longer` characters are to be put before it. Lengths are those of
 * RFC 1035 section 2.3.4.
 */
export function nameProblem(name: string, longer = 0): string | undefined {
  const labels = name.split('.')
  const long = labels.find((label) => label.length > LONGEST_LABEL)
  if (name === '' || labels.includes('')) return 'has an empty label; write a name such as web.example.com'
  if (name.includes('*')) return 'is a wildcard; write the name itself'
  if (long !== undefined)
    return `has the label ${long.slice(0, 20)}… of ${long.length} characters; write at most ${LONGEST_LABEL}`
  if (!/^[a-z0-9_.-]+$/.test(name))
    return 'has other characters than letters, digits, hyphens and underscores; write a name such as web.example.com'
  if (name.length + longer <= LONGEST_NAME) return undefined
  const most = LONGEST_NAME - longer
  return `has ${name.length} characters; write at most ${most}${longer > 0 ? ', because its tasks have names below it' : ''}`
}

/** What is wrong with a namespace and a service of Cloud Map (API reference: CreateHttpNamespace, CreateService). */
export function serviceProblem(namespace: string, service: string): string | undefined {
  if (!/^[!-~]{1,1024}$/.test(namespace)) return 'has a strange namespace; write namespace/service'
  return /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,126}$/.test(service)
    ? undefined
    : 'has a strange service; write letters, digits, hyphens, underscores and dots, at most 127'
}
