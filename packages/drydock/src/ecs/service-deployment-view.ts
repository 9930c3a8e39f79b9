/** Service deployments and revisions as the API shows them. */
import type {
  ServiceDeployment,
  ServiceDeploymentBrief,
  ServiceDeploymentCircuitBreaker,
  ServiceRevision,
  ServiceRevisionSummary,
} from '@aws-sdk/client-ecs'
import { serviceDeploymentArn, serviceRevisionArn } from './names.ts'
import { countsByRevision } from './service-counts.ts'
import { failuresOf, openServiceDeployment } from './service-deployments.ts'
import { placementOf } from './service-view.ts'
import type { EcsState, ServiceDeploymentRecord, ServiceRecord, ServiceRevisionRecord } from './state.ts'

/** As ListServiceDeployments returns it. */
export function serviceDeploymentBrief(
  service: ServiceRecord,
  record: ServiceDeploymentRecord,
): ServiceDeploymentBrief {
  return {
    ...identityOf(service, record),
    ...datesOf(record, ['createdAt', 'startedAt', 'finishedAt']),
    targetServiceRevisionArn: serviceRevisionArn(service.arn, record.targetRevisionId),
  }
}

/** As DescribeServiceDeployments returns it. */
export function serviceDeploymentView(
  state: EcsState,
  service: ServiceRecord,
  record: ServiceDeploymentRecord,
): ServiceDeployment {
  const summaryOf = summarizer(state, service, record)
  return {
    ...identityOf(service, record),
    ...datesOf(record, ['createdAt', 'startedAt', 'finishedAt', 'stoppedAt', 'updatedAt']),
    sourceServiceRevisions: record.sourceRevisionIds.map(summaryOf),
    targetServiceRevision: summaryOf(record.targetRevisionId),
    deploymentConfiguration: record.configuration,
    ...rollbackView(service, record),
    deploymentCircuitBreaker: breakerView(service, record),
  }
}

const identityOf = (service: ServiceRecord, { id, status, statusReason }: ServiceDeploymentRecord) => ({
  serviceDeploymentArn: serviceDeploymentArn(service.arn, id),
  serviceArn: service.arn,
  clusterArn: service.clusterArn,
  status,
  ...(statusReason !== undefined && { statusReason }),
})

type Moment = 'createdAt' | 'startedAt' | 'finishedAt' | 'stoppedAt' | 'updatedAt'

const datesOf = (
  record: ServiceDeploymentRecord,
  moments: readonly Moment[],
): Partial<Record<Moment, Date>> =>
  Object.fromEntries(
    moments.flatMap((name) => {
      const at = record[name]
      return at === undefined ? [] : [[name, new Date(at)]]
    }),
  )

const NO_TASKS = { requestedTaskCount: 0, runningTaskCount: 0, pendingTaskCount: 0 }

function summarizer(state: EcsState, service: ServiceRecord, { finalCounts }: ServiceDeploymentRecord) {
  const counts = finalCounts ?? countsByRevision(state, service)
  return (id: string): ServiceRevisionSummary => ({
    arn: serviceRevisionArn(service.arn, id),
    ...(counts[id] ?? NO_TASKS),
  })
}

function rollbackView(service: ServiceRecord, { rollback }: ServiceDeploymentRecord) {
  if (!rollback) return {}
  const { reason, startedAt, revisionId } = rollback
  const arn = serviceRevisionArn(service.arn, revisionId)
  return { rollback: { reason, startedAt: new Date(startedAt), serviceRevisionArn: arn } }
}

function breakerView(
  service: ServiceRecord,
  record: ServiceDeploymentRecord,
): ServiceDeploymentCircuitBreaker {
  const failures = failuresOf(service, record)
  if (!record.configuration.deploymentCircuitBreaker?.enable) return { status: 'DISABLED', ...failures }
  if (record.failedBy === 'circuit-breaker') return { status: 'TRIGGERED', ...failures }
  const isWatching = openServiceDeployment(service) === record && !record.rollback
  return { status: isWatching ? 'MONITORING' : 'MONITORING_COMPLETE', ...failures }
}

/** As DescribeServiceRevisions returns it. */
export function serviceRevisionView(
  state: EcsState,
  service: ServiceRecord,
  { id, settings, digests, createdAt }: ServiceRevisionRecord,
): ServiceRevision {
  const { taskDefinitionArn } = settings
  const containers = state.taskDefinitions[taskDefinitionArn]?.definition.containerDefinitions ?? []
  return {
    serviceRevisionArn: serviceRevisionArn(service.arn, id),
    serviceArn: service.arn,
    clusterArn: service.clusterArn,
    taskDefinition: taskDefinitionArn,
    ...placementOf(settings),
    loadBalancers: [...(settings.loadBalancers ?? [])],
    serviceRegistries: [],
    containerImages: containers.map(({ name = '', image = '' }) => ({
      containerName: name,
      image,
      ...(Object.hasOwn(digests, name) && { imageDigest: digests[name] }),
    })),
    guardDutyEnabled: false,
    createdAt: new Date(createdAt),
  }
}
