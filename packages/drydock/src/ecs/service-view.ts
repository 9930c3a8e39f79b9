/** A service as the API shows it; its counts are taken from its tasks at that moment. */
import type { Deployment, Service } from '@aws-sdk/client-ecs'
import { serviceDeploymentArn, serviceRevisionArn } from './names.ts'
import { countsByRevision, countsOf, desiredCountOf, tasksOfService } from './service-counts.ts'
import type { DeploymentRecord, EcsState, ServiceRecord, TaskRecord, TaskSettings } from './state.ts'
import { tagList } from './tags.ts'
import { configuredOf } from './traffic.ts'

/** The service as DescribeServices returns it. */
export function serviceView(
  state: EcsState,
  service: ServiceRecord,
  include: readonly string[] = [],
): Service {
  const tasks = tasksOfService(state, service)
  const byDeployment = Map.groupBy(tasks, ({ deploymentId }) => deploymentId)
  const current = service.deployments[0]
  return {
    serviceArn: service.arn,
    serviceName: service.name,
    clusterArn: service.clusterArn,
    loadBalancers: (current?.loadBalancers ?? []).map(configuredOf),
    serviceRegistries: [...(current?.registries ?? [])],
    status: service.status,
    desiredCount: service.desiredCount,
    ...countsOf(tasks),
    ...launchView(current),
    deploymentConfiguration: service.deploymentConfiguration,
    // What is deleted still names its task definition, but no deployment.
    deployments:
      service.status === 'INACTIVE'
        ? []
        : service.deployments.map((d) => deploymentView(service, d, byDeployment.get(d.id) ?? [])),
    ...historyView(state, service),
    events: service.events.map(({ createdAt, ...event }) => ({ ...event, createdAt: new Date(createdAt) })),
    createdAt: new Date(service.createdAt),
    createdBy: service.createdBy,
    placementConstraints: service.placementConstraints,
    placementStrategy: service.placementStrategy,
    schedulingStrategy: 'REPLICA',
    deploymentController: { type: 'ECS' },
    enableECSManagedTags: service.enableECSManagedTags,
    propagateTags: service.propagateTags,
    enableExecuteCommand: service.enableExecuteCommand,
    availabilityZoneRebalancing: service.availabilityZoneRebalancing,
    ...(service.healthCheckGracePeriodSeconds !== undefined && {
      healthCheckGracePeriodSeconds: service.healthCheckGracePeriodSeconds,
    }),
    ...(include.includes('TAGS') && { tags: tagList(service.tags) }),
  }
}

/** The newest service deployment, under way or not, and the revisions that are deployed. */
function historyView(state: EcsState, service: ServiceRecord) {
  const [newest] = service.serviceDeployments
  const counts = service.status === 'INACTIVE' ? {} : countsByRevision(state, service)
  return {
    ...(newest && { currentServiceDeployment: serviceDeploymentArn(service.arn, newest.id) }),
    currentServiceRevisions: Object.entries(counts).map(([id, tasks]) => ({
      arn: serviceRevisionArn(service.arn, id),
      ...tasks,
    })),
  }
}

function launchView(deployment: DeploymentRecord | undefined) {
  if (!deployment) return {}
  return { taskDefinition: deployment.taskDefinitionArn, ...placementOf(deployment) }
}

/** How tasks are placed. A strategy is shown instead of a launch type, never beside it. */
export function placementOf(deployment: TaskSettings) {
  const { launchType, capacityProviderStrategy, platformVersion, networkConfiguration } = deployment
  return {
    ...(capacityProviderStrategy ? { capacityProviderStrategy } : { launchType }),
    ...(platformVersion && { platformVersion, platformFamily: 'Linux' }),
    ...(networkConfiguration && { networkConfiguration }),
  }
}

function deploymentView(
  service: ServiceRecord,
  deployment: DeploymentRecord,
  tasks: readonly TaskRecord[],
): Deployment {
  return {
    id: deployment.id,
    status: deployment.status,
    taskDefinition: deployment.taskDefinitionArn,
    desiredCount: desiredCountOf(service, deployment),
    ...countsOf(tasks),
    failedTasks: deployment.failedTasks,
    createdAt: new Date(deployment.createdAt),
    updatedAt: new Date(deployment.updatedAt),
    ...placementOf(deployment),
    rolloutState: deployment.rolloutState,
    rolloutStateReason: deployment.rolloutStateReason,
  }
}
