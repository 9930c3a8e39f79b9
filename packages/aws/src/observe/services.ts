/** ECS services: found, described, and turned into what core sees of one. */

import type { Deployment, Service } from '@aws-sdk/client-ecs'
import { Failure } from '@capstan/core/failure.ts'
import { parseImageReference } from '@capstan/core/image.ts'
import { imageSeenFrom } from '@capstan/core/repository.ts'
import type { ObservedDeployment, ObservedService, ServiceKey } from '@capstan/core/view.ts'
import type { EcsApi } from '../clients.ts'
import { settleEach, valuesOf } from '../parallel.ts'
import { deploymentOf, type TaggedTaskDefinition } from '../task-definition.ts'
import { pagesOf } from '../wire/pages.ts'
import { noneIfGone } from './none-if-gone.ts'
import { platformOf } from './platform.ts'

/** A service as DescribeServices tells of it, with the names that people use. */
export interface FoundService extends ServiceKey {
  readonly described: Service
}

/** The names of all clusters. */
export async function listClusters(ecs: EcsApi): Promise<string[]> {
  const clusters: string[] = []
  const pages = pagesOf(
    (nextToken) => ecs.call('ListClusters', { nextToken }),
    (page) => page.nextToken,
  )
  for await (const { clusterArns = [] } of pages) clusters.push(...clusterArns.map(lastName))
  return clusters
}

/** The names of all services in all clusters. */
export async function listServices(ecs: EcsApi): Promise<ServiceKey[]> {
  const clusters = await listClusters(ecs)
  return valuesOf(await settleEach(clusters, (cluster) => listServicesIn(ecs, cluster))).flat()
}

async function listServicesIn(ecs: EcsApi, cluster: string): Promise<ServiceKey[]> {
  const list = async () => {
    const services: ServiceKey[] = []
    const pages = pagesOf(
      (nextToken) => ecs.call('ListServices', { cluster, maxResults: 100, nextToken }),
      (page) => page.nextToken,
    )
    for await (const { serviceArns = [] } of pages)
      services.push(...serviceArns.map((arn) => ({ cluster, service: lastName(arn) })))
    return services
  }
  return noneIfGone(list())
}

/** DescribeServices takes this many at a time (API reference). */
const DESCRIBED_AT_ONCE = 10

/** The services of `keys` that exist; those that are gone, or going (DRAINING, INACTIVE), are left out. */
export async function describeServices(ecs: EcsApi, keys: readonly ServiceKey[]): Promise<FoundService[]> {
  const batches = [...Map.groupBy(keys, ({ cluster }) => cluster)].flatMap(([cluster, group]) =>
    batchesOf(
      group.map(({ service }) => service),
      DESCRIBED_AT_ONCE,
    ).map((services) => ({ cluster, services })),
  )
  return valuesOf(
    await settleEach(batches, ({ cluster, services }) => describe(ecs, cluster, services)),
  ).flat()
}

async function describe(ecs: EcsApi, cluster: string, services: string[]): Promise<FoundService[]> {
  const described = await noneIfGone(
    ecs
      .call('DescribeServices', { cluster, services, include: ['TAGS'] })
      .then((answer) => answer.services ?? []),
  )
  return described
    .filter(({ status }) => status === 'ACTIVE')
    .map((one) => ({ cluster, service: one.serviceName ?? '', described: one }))
}

/** In groups of at most `size`: what an API takes at a time. */
export function batchesOf<T>(items: readonly T[], size: number): T[][] {
  const batches: T[][] = []
  for (let from = 0; from < items.length; from += size) batches.push(items.slice(from, from + size))
  return batches
}

/**
 * The service as core sees it; `primary` is the deployment that `taskDefinition` belongs to. Throws `Failure`
 * INVALID_REQUEST for a service without deployments of ECS's own, as those of CodeDeploy and external controllers are.
 */
export function observedService(found: FoundService, taskDefinition: TaggedTaskDefinition): ObservedService {
  const { cluster, service, described } = found
  const { definition, tags } = taskDefinition
  const containers = definition.containerDefinitions ?? []
  const deployments = (described.deployments ?? []).map(observedDeployment)
  const arn = described.serviceArn ?? ''
  return {
    cluster,
    service,
    arn,
    createdAt: described.createdAt?.getTime() ?? 0,
    desiredCount: described.desiredCount ?? 0,
    primary: observedDeployment(primaryOf(found)),
    deployments,
    registeredBy: deploymentOf(tags),
    containers: containers.map(({ name = '', image = '', essential = true }) => ({
      name,
      image: imageSeenFrom(arn, parseImageReference(image)),
      essential,
    })),
    platform: platformOf(definition),
    tags: tagsOf(found),
  }
}

/** The service's tags by key. */
export function tagsOf({ described }: FoundService): Record<string, string> {
  return Object.fromEntries((described.tags ?? []).map(({ key = '', value = '' }) => [key, value]))
}

/** The ARNs of the target groups that its tasks are put into; in a blue/green deployment either of the two. */
export function targetGroupsOf({ described }: FoundService): string[] {
  const groups = (described.loadBalancers ?? []).flatMap(({ targetGroupArn, advancedConfiguration }) => [
    targetGroupArn,
    advancedConfiguration?.alternateTargetGroupArn,
  ])
  return [...new Set(groups.filter((arn) => arn !== undefined))]
}

/** The deployment that the service is to run. Throws as `observedService`. */
export function primaryOf({ cluster, service, described }: FoundService): Deployment {
  const primary = described.deployments?.find(({ status }) => status === 'PRIMARY')
  if (primary) return primary
  const controller = described.deploymentController?.type ?? 'ECS'
  const what = `${cluster}/${service} has no deployment by ECS itself (its deployment controller is ${controller}).`
  throw new Failure('INVALID_REQUEST', `${what} Capstan delivers to services with the controller ECS.`)
}

function observedDeployment(deployment: Deployment): ObservedDeployment {
  const {
    id = '',
    status,
    taskDefinition = '',
    rolloutState,
    rolloutStateReason,
    createdAt,
    updatedAt,
    failedTasks = 0,
  } = deployment
  return {
    id,
    status: status === 'PRIMARY' || status === 'INACTIVE' ? status : 'ACTIVE',
    taskDefinitionArn: taskDefinition,
    rolloutState,
    ...(rolloutStateReason !== undefined && { rolloutStateReason }),
    createdAt: createdAt?.getTime() ?? 0,
    updatedAt: updatedAt?.getTime() ?? 0,
    failedTasks,
  }
}

/** The last part of an ARN: a cluster's or a service's name, in the short and the long form of ARNs. */
export const lastName = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1)
