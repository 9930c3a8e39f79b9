/** ECS's own record of a rollout, the service deployment: what StopServiceDeployment is called with. */

import type { ServiceDeploymentBrief } from '@aws-sdk/client-ecs'
import type { ObservedHealth } from '@capstan/core/health.ts'
import type { ServiceKey } from '@capstan/core/view.ts'
import { boundedCache } from '../bounded-cache.ts'
import type { EcsApi } from '../clients.ts'
import { insteadIfGone, noneIfGone } from './none-if-gone.ts'

export type ServiceDeployment = NonNullable<ObservedHealth['serviceDeployment']>

export interface ServiceDeployments {
  /** The service's latest one, whatever became of it; none for a service that ECS has never rolled out. */
  latest(key: ServiceKey): Promise<ServiceDeployment | undefined>
}

/** A revision is a few hundred bytes here: its task definition's ARN. */
const MOST_REVISIONS = 1000

/** Service deployments as `ecs` tells of them. What a revision runs never changes, so it is asked for once. */
export function serviceDeploymentsOf(ecs: EcsApi): ServiceDeployments {
  const revisions = boundedCache(MOST_REVISIONS, (arn) => taskDefinitionOf(ecs, arn))
  const definitionOf = async (arn: string | undefined) =>
    arn === undefined ? undefined : insteadIfGone(revisions.get(arn), undefined)
  return {
    async latest(key) {
      const arn = await latestArn(ecs, key)
      if (arn === undefined) return undefined
      const [deployment] = await noneIfGone(
        ecs
          .call('DescribeServiceDeployments', { serviceDeploymentArns: [arn] })
          .then((answer) => answer.serviceDeployments ?? []),
      )
      if (!deployment) return undefined
      const { sourceServiceRevisions: [source] = [], targetServiceRevision, status = 'PENDING' } = deployment
      const [from, to] = await Promise.all([
        definitionOf(source?.arn),
        definitionOf(targetServiceRevision?.arn),
      ])
      return {
        arn,
        status,
        ...(to !== undefined && { targetTaskDefinitionArn: to }),
        ...(from !== undefined && { sourceTaskDefinitionArn: from }),
      }
    },
  }
}

/** The API reference promises no order, so all pages are read; they go back 90 days. */
async function latestArn(ecs: EcsApi, key: ServiceKey): Promise<string | undefined> {
  const { cluster, service } = key
  const listed: ServiceDeploymentBrief[] = []
  let nextToken: string | undefined
  do {
    const answer = await insteadIfGone(
      ecs.call('ListServiceDeployments', { cluster, service, maxResults: 100, nextToken }),
      undefined,
    )
    listed.push(...(answer?.serviceDeployments ?? []))
    nextToken = answer?.nextToken
  } while (nextToken)
  const at = ({ createdAt }: ServiceDeploymentBrief) => createdAt?.getTime() ?? 0
  return listed.toSorted((a, b) => at(b) - at(a))[0]?.serviceDeploymentArn
}

async function taskDefinitionOf(ecs: EcsApi, arn: string): Promise<string | undefined> {
  const { serviceRevisions } = await ecs.call('DescribeServiceRevisions', { serviceRevisionArns: [arn] })
  return serviceRevisions?.[0]?.taskDefinition
}
