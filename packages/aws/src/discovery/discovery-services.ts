/** Services of Cloud Map by the names that people give them. */

import type { NamespaceSummary, ServiceSummary } from '@aws-sdk/client-servicediscovery'
import type { Place, Target } from '@capstan/core/discovery/view.ts'
import type { CloudMapApi } from './clients.ts'
import { type Pace, patiently } from './patience.ts'

/** A namespace with its services. */
export interface KnownNamespace {
  readonly id: string
  readonly isDns: boolean
  readonly services: readonly ServiceSummary[]
}

type CloudMapTarget = Extract<Target, { kind: 'cloud-map' }>

/** How long a list waits for its turn where Cloud Map throttles. */
const PATIENCE_MS = 10_000

/** The namespaces of a name: an HTTP, a public and several private ones may have the same. */
export async function namespacesOf(
  name: string,
  cloudMap: CloudMapApi,
  pace: Pace,
): Promise<KnownNamespace[]> {
  const deadline = pace.now() + PATIENCE_MS
  const known: KnownNamespace[] = []
  const found = await allPages<NamespaceSummary>(async (NextToken) => {
    const page = await patiently(
      () => cloudMap.call('ListNamespaces', { Filters: [{ Name: 'NAME', Values: [name] }], NextToken }),
      deadline,
      pace,
    )
    return { items: page.Namespaces, next: page.NextToken }
  })
  for (const { Id = '', Type } of found)
    known.push({ id: Id, isDns: Type !== 'HTTP', services: await servicesOf(Id, cloudMap, deadline, pace) })
  return known
}

function servicesOf(
  id: string,
  cloudMap: CloudMapApi,
  deadline: number,
  pace: Pace,
): Promise<ServiceSummary[]> {
  return allPages(async (NextToken) => {
    const page = await patiently(
      () => cloudMap.call('ListServices', { Filters: [{ Name: 'NAMESPACE_ID', Values: [id] }], NextToken }),
      deadline,
      pace,
    )
    return { items: page.Services, next: page.NextToken }
  })
}

interface Page<T> {
  readonly items: readonly T[] | undefined
  readonly next: string | undefined
}

/** All pages to the end: a page may have nothing on it and others after it, because filters come last (ListServices). */
export async function allPages<T>(read: (token: string | undefined) => Promise<Page<T>>): Promise<T[]> {
  const all: T[] = []
  let token: string | undefined
  do {
    const { items = [], next } = await read(token)
    all.push(...items)
    token = next
  } while (token)
  return all
}

/** The place of a target, or why it has none: a service of this name in two namespaces could be either. */
export function placeAmong({ namespace, service }: CloudMapTarget, known: readonly KnownNamespace[]): Place {
  const none = (reason: 'no-namespace' | 'no-discovery-service', note: string): Place => ({
    kind: 'none',
    reason,
    note,
  })
  if (!known.length)
    return none(
      'no-namespace',
      `Cloud Map has no namespace ${namespace} in this region; create it, or write another`,
    )
  const found = known.flatMap(({ isDns, services }) =>
    services.filter(
      ({ Name = '' }) => Name === service || (isDns && Name.toLowerCase() === service.toLowerCase()),
    ),
  )
  const [one, another] = found
  if (!one)
    return none(
      'no-discovery-service',
      `the namespace ${namespace} has no service ${service}; create it, or write another`,
    )
  if (another) {
    const ids = found.map(({ Id }) => Id).join(' and ')
    return none('no-discovery-service', `${namespace}/${service} can be any of ${ids}; give it another name`)
  }
  const types = (one.DnsConfig?.DnsRecords ?? []).flatMap(({ Type }) => Type ?? [])
  return { kind: 'cloud-map', id: one.Id ?? '', types }
}
