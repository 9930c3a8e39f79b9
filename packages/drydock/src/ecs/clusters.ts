/** Clusters: names that hold services and tasks. Not even `default` exists until somebody creates it, as on AWS. */

import type { Cluster, ClusterField } from '@aws-sdk/client-ecs'
import * as client from '@aws-sdk/client-ecs'
import type { Handlers } from '../wire/handlers.ts'
import { instancesOf } from './container-instances.ts'
import { requireIncludes } from './enums.ts'
import { clusterNotFound, invalidParameter } from './errors.ts'
import { clusterArn, ecsArn, isName, shortName } from './names.ts'
import { requestedPage } from './page.ts'
import type { ClusterRecord, EcsOperationContext, EcsState } from './state.ts'
import { announceTags, parseTags, tagList } from './tags.ts'

const MOST_DESCRIBED = 100
const CAPACITY_PROVIDERS = ['FARGATE', 'FARGATE_SPOT']

export const clusterOperations = {
  /** Creating a cluster that exists returns it as it is. */
  CreateCluster(input, context) {
    const name = input.clusterName ?? 'default'
    if (!isName(name)) throw invalidParameter('Invalid cluster name.')
    const tags = parseTags(input.tags)
    const capacityProviders = knownProviders(input.capacityProviders ?? [])
    const existing = context.state.clusters[name]
    if (existing?.status === 'ACTIVE')
      return { cluster: clusterView(context.state, existing, ['TAGS', 'SETTINGS']) }
    const cluster: ClusterRecord = {
      name,
      arn: clusterArn(context, name),
      status: 'ACTIVE',
      settings: input.settings ?? [{ name: 'containerInsights', value: 'disabled' }],
      ...(input.configuration && { configuration: input.configuration }),
      capacityProviders,
      defaultCapacityProviderStrategy: input.defaultCapacityProviderStrategy ?? [],
      ...serviceConnectOf(input),
      tags,
      tagVersion: 0,
    }
    context.state.clusters[name] = cluster
    announceTags(context, { record: cluster, type: 'cluster', arn: cluster.arn }, Object.keys(tags))
    return { cluster: clusterView(context.state, cluster, ['TAGS', 'SETTINGS']) }
  },
  DescribeClusters(input, context) {
    requireIncludes(input.include, client.ClusterField)
    const wanted = input.clusters?.length ? input.clusters : ['default']
    if (wanted.length > MOST_DESCRIBED)
      throw invalidParameter(`At most ${MOST_DESCRIBED} clusters can be described.`)
    const found = wanted.map((name) => context.state.clusters[shortName(name)])
    const missing = wanted.filter((_, index) => !found[index])
    return {
      clusters: found.filter((cluster) => !!cluster).map((c) => clusterView(context.state, c, input.include)),
      failures: missing.map((name) => ({ arn: clusterArn(context, shortName(name)), reason: 'MISSING' })),
    }
  },
  ListClusters(input, { state }) {
    const active = Object.values(state.clusters).filter(({ status }) => status === 'ACTIVE')
    const { items, nextToken } = requestedPage(active, ({ arn }) => arn, input)
    return { clusterArns: items.map(({ arn }) => arn), nextToken }
  },
  UpdateCluster(input, { state }) {
    const cluster = findCluster(state, input.cluster)
    if (input.settings) cluster.settings = mergeSettings(cluster.settings, input.settings)
    if (input.configuration) cluster.configuration = input.configuration
    Object.assign(cluster, serviceConnectOf(input))
    return { cluster: clusterView(state, cluster, ['SETTINGS', 'CONFIGURATIONS', 'TAGS']) }
  },
  UpdateClusterSettings(input, { state }) {
    const cluster = findCluster(state, input.cluster)
    cluster.settings = mergeSettings(cluster.settings, input.settings ?? [])
    return { cluster: clusterView(state, cluster, ['SETTINGS']) }
  },
  PutClusterCapacityProviders(input, { state }) {
    const cluster = findCluster(state, input.cluster)
    cluster.capacityProviders = knownProviders(input.capacityProviders ?? [])
    cluster.defaultCapacityProviderStrategy = input.defaultCapacityProviderStrategy ?? []
    return { cluster: clusterView(state, cluster, ['SETTINGS', 'TAGS']) }
  },
  DeleteCluster(input, { state }) {
    const cluster = findCluster(state, input.cluster)
    const { services, running, pending } = statisticsOf(state, cluster)
    if (services) throw containsServices()
    if (running + pending) throw containsTasks()
    cluster.status = 'INACTIVE'
    return { cluster: clusterView(state, cluster) }
  },
  DescribeCapacityProviders(input, context) {
    const wanted = input.capacityProviders?.length
      ? input.capacityProviders.map(shortName)
      : CAPACITY_PROVIDERS
    return {
      capacityProviders: CAPACITY_PROVIDERS.filter((name) => wanted.includes(name)).map((name) => ({
        capacityProviderArn: ecsArn(context, `capacity-provider/${name}`),
        name,
        status: 'ACTIVE' as const,
      })),
      failures: wanted
        .filter((name) => !CAPACITY_PROVIDERS.includes(name))
        .map((name) => ({ arn: ecsArn(context, `capacity-provider/${name}`), reason: 'MISSING' })),
    }
  },
} satisfies Partial<Handlers<typeof client, EcsOperationContext>>

/** The ACTIVE cluster of a name or ARN, or `default`. Throws ClusterNotFoundException. */
export function findCluster(state: EcsState, nameOrArn = 'default'): ClusterRecord {
  const cluster = state.clusters[shortName(nameOrArn)]
  if (!cluster || (nameOrArn.startsWith('arn:') && cluster.arn !== nameOrArn)) throw clusterNotFound()
  if (cluster.status !== 'ACTIVE') throw clusterNotFound('The referenced cluster was inactive.')
  return cluster
}

/** Only Fargate's two: Drydock has no container instances. Throws InvalidParameterException for others. */
function knownProviders(names: string[]): string[] {
  const unknown = names.filter((name) => !CAPACITY_PROVIDERS.includes(name))
  if (!unknown.length) return names
  throw invalidParameter(`The specified capacity provider was not found: ${unknown.join(', ')}.`)
}

function serviceConnectOf(input: { serviceConnectDefaults?: { namespace: string | undefined } | undefined }) {
  const namespace = input.serviceConnectDefaults?.namespace
  return namespace ? { serviceConnectDefaults: { namespace } } : {}
}

function mergeSettings(before: ClusterRecord['settings'], changes: ClusterRecord['settings']) {
  const changed = new Set(changes.map(({ name }) => name))
  return [...before.filter(({ name }) => !changed.has(name)), ...changes]
}

const containsServices = () =>
  new client.ClusterContainsServicesException({
    message: 'The Cluster cannot be deleted while Services are active.',
    $metadata: {},
  })
const containsTasks = () =>
  new client.ClusterContainsTasksException({
    message: 'The Cluster cannot be deleted while Tasks are active.',
    $metadata: {},
  })

/** Counts of a cluster, from one look through services and tasks. */
function statisticsOf(state: EcsState, cluster: ClusterRecord) {
  const services = Object.values(state.services).filter(
    (service) => service.clusterArn === cluster.arn && service.status === 'ACTIVE',
  ).length
  let running = 0
  let pending = 0
  for (const task of Object.values(state.tasks)) {
    if (task.clusterArn !== cluster.arn) continue
    if (task.lastStatus === 'RUNNING') running += 1
    else if (task.desiredStatus === 'RUNNING') pending += 1
  }
  return { services, running, pending }
}

function clusterView(state: EcsState, cluster: ClusterRecord, include: ClusterField[] = []): Cluster {
  const { services, running, pending } = statisticsOf(state, cluster)
  return {
    clusterArn: cluster.arn,
    clusterName: cluster.name,
    status: cluster.status,
    registeredContainerInstancesCount: instancesOf(state, cluster).length,
    runningTasksCount: running,
    pendingTasksCount: pending,
    activeServicesCount: services,
    statistics: include.includes('STATISTICS') ? fargateStatistics(services, running, pending) : [],
    tags: include.includes('TAGS') ? tagList(cluster.tags) : [],
    settings: include.includes('SETTINGS') ? cluster.settings : [],
    capacityProviders: cluster.capacityProviders,
    defaultCapacityProviderStrategy: cluster.defaultCapacityProviderStrategy,
    ...(include.includes('CONFIGURATIONS') &&
      cluster.configuration && { configuration: cluster.configuration }),
    ...(cluster.serviceConnectDefaults && { serviceConnectDefaults: cluster.serviceConnectDefaults }),
  }
}

/** The names of API Reference: Cluster. All of Drydock's tasks count as Fargate's. */
function fargateStatistics(services: number, running: number, pending: number) {
  const values = {
    runningFargateTasksCount: running,
    pendingFargateTasksCount: pending,
    activeFargateServiceCount: services,
  }
  return Object.entries(values).map(([name, value]) => ({ name, value: String(value) }))
}
