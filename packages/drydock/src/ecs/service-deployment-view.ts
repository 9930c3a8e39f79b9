/** Service deployments and revisions as the API shows them. */
import type {
  ServiceDeployment,
  ServiceDeploymentAlarms,
  ServiceDeploymentBrief,
  ServiceDeploymentCircuitBreaker,
  ServiceRevision,
  ServiceRevisionSummary,
} from '@aws-sdk/client-ecs'
import type { ServiceDeploymentRecord, ServiceRevisionRecord } from './deployment-state.ts'
import { serviceDeploymentArn, serviceRevisionArn } from './names.ts'
import { countsByRevision } from './service-counts.ts'
import { failuresOf } from './service-deployments.ts'
import { placementOf } from './service-view.ts'
import type { EcsState, ServiceRecord } from './state.ts'

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
    alarms: alarmsView(record),
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
  return { status: isWatched(record) ? 'MONITORING' : 'MONITORING_COMPLETE', ...failures }
}

const isWatched = ({ status }: ServiceDeploymentRecord) => status === 'PENDING' || status === 'IN_PROGRESS'

/** Alarms that are ignored for this deployment count as DISABLED. */
function alarmsView(record: ServiceDeploymentRecord): ServiceDeploymentAlarms {
  const { alarms, configuration } = record
  const alarmNames = configuration.alarms?.alarmNames ?? []
  if (!alarms || alarms.phase === 'ignored')
    return { status: 'DISABLED', alarmNames, triggeredAlarmNames: [] }
  const triggeredAlarmNames = [...alarms.triggered]
  if (triggeredAlarmNames.length) return { status: 'TRIGGERED', alarmNames, triggeredAlarmNames }
  const status = isWatched(record) ? 'MONITORING' : 'MONITORING_COMPLETE'
  return { status, alarmNames, triggeredAlarmNames }
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
