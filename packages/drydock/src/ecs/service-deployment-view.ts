/** Service deployments and revisions as the API shows them. */
import type {
  ServiceDeployment,
  ServiceDeploymentAlarms,
  ServiceDeploymentBrief,
  ServiceDeploymentCircuitBreaker,
  ServiceDeploymentLifecycleStage,
  ServiceRevision,
  ServiceRevisionSummary,
} from '@aws-sdk/client-ecs'
import type { ServiceDeploymentRecord, ServiceRevisionRecord } from './deployment-state.ts'
import { serviceDeploymentArn, serviceRevisionArn } from './names.ts'
import { countsByRevision } from './service-counts.ts'
import { failuresOf } from './service-deployments.ts'
import { placementOf } from './service-view.ts'
import type { EcsState, ServiceRecord, TaskSettings } from './state.ts'
import { configuredOf } from './traffic.ts'

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
    ...stageView(record),
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

function summarizer(state: EcsState, service: ServiceRecord, record: ServiceDeploymentRecord) {
  const counts = record.finalCounts ?? countsByRevision(state, service)
  return (id: string): ServiceRevisionSummary => ({
    arn: serviceRevisionArn(service.arn, id),
    ...(counts[id] ?? NO_TASKS),
    ...trafficOf(record, id),
  })
}

/** A revision's share of the traffic; only of green and blue, where traffic is shifted. */
function trafficOf({ shift, targetRevisionId }: ServiceDeploymentRecord, id: string) {
  const share = { [targetRevisionId]: 1, [shift?.blueRevisionId ?? '']: -1 }[id]
  if (!shift || share === undefined) return {}
  const of = (percent: number) => (share === 1 ? percent : 100 - percent)
  return {
    requestedTestTrafficWeight: of(shift.test),
    requestedProductionTrafficWeight: of(shift.production),
  }
}

/** The stage, and the hooks that are or were active in it. */
function stageView({ shift }: ServiceDeploymentRecord) {
  if (!shift) return {}
  const hooks = (shift.hooks ?? []).map(
    ({ id, targetType, targetArn, status, expiresAt, timeoutAction }) => ({
      hookId: id,
      targetType,
      ...(targetArn && { targetArn }),
      status,
      expiresAt: new Date(expiresAt),
      timeoutAction,
    }),
  )
  // One stage is documented and missing in the model's list.
  const lifecycleStage = shift.stage as ServiceDeploymentLifecycleStage
  return { lifecycleStage, ...(hooks.length > 0 && { lifecycleHookDetails: hooks }) }
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

/** Which of its target groups a revision is in, and by which rules it gets its traffic. */
function resolvedView({ loadBalancers = [] }: TaskSettings) {
  const resolved = loadBalancers.flatMap(({ targetGroupArn, traffic }) =>
    traffic ? [{ targetGroupArn, productionListenerRule: traffic.productionListenerRule }] : [],
  )
  return resolved.length ? { resolvedConfiguration: { loadBalancers: resolved } } : {}
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
    loadBalancers: (settings.loadBalancers ?? []).map(configuredOf),
    ...resolvedView(settings),
    serviceRegistries: [...(settings.registries ?? [])],
    containerImages: containers.map(({ name = '', image = '' }) => ({
      containerName: name,
      image,
      ...(Object.hasOwn(digests, name) && { imageDigest: digests[name] }),
    })),
    guardDutyEnabled: false,
    createdAt: new Date(createdAt),
  }
}
