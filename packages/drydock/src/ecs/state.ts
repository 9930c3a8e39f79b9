/**
 * All that ECS knows in one scope, as plain JSON: times in milliseconds since the epoch, records by name or ARN.
 * Counts (running, pending, desired of a cluster) are never kept here: they are derived when somebody asks.
 */
import type {
  CapacityProviderStrategyItem,
  ClusterConfiguration,
  ClusterServiceConnectDefaults,
  ClusterSetting,
  CreateServiceRequest,
  DeploymentConfiguration,
  HealthStatus,
  LaunchType,
  NetworkConfiguration,
  PropagateTags,
  TaskDefinition,
  TaskOverride,
  TaskStopCode,
} from '@aws-sdk/client-ecs'
import type { Context, OperationContext } from '../service.ts'
import type { ServiceDeploymentRecord, ServiceRevisionRecord } from './deployment-state.ts'
import type { EcsEffect } from './effects.ts'

/** What an ECS operation may touch. */
export type EcsOperationContext = OperationContext<EcsState, EcsEffect>
/** What performing an action or receiving a report may touch. */
export type EcsContext = Context<EcsState, EcsEffect>

/** Tags by key. */
export type Tags = Record<string, string>

/** A thing that can be tagged. `tagVersion` counts its tag changes, for the `version` of the tag event. */
export interface Tagged {
  tags: Tags
  tagVersion: number
}

export interface ClusterRecord extends Tagged {
  readonly name: string
  readonly arn: string
  /** An INACTIVE cluster stays visible to DescribeClusters until one of the same name is made. */
  status: 'ACTIVE' | 'INACTIVE'
  settings: ClusterSetting[]
  configuration?: ClusterConfiguration
  capacityProviders: string[]
  defaultCapacityProviderStrategy: CapacityProviderStrategyItem[]
  serviceConnectDefaults?: ClusterServiceConnectDefaults
}

export interface TaskDefinitionRecord extends Tagged {
  readonly arn: string
  readonly family: string
  readonly revision: number
  status: 'ACTIVE' | 'INACTIVE' | 'DELETE_IN_PROGRESS'
  /** As registered, with the defaults of AWS filled in. */
  readonly definition: TaskDefinition
  readonly registeredAt: number
  readonly registeredBy: string
  deregisteredAt?: number
  deleteRequestedAt?: number
}

/** A target group that the tasks of a service are registered with, and by which of their ports. */
export interface LoadBalancerUse {
  readonly targetGroupArn: string
  readonly containerName: string
  readonly containerPort: number
  /** Present where traffic can be shifted: then `targetGroupArn` is the one of the two that this revision is in. */
  readonly traffic?: TrafficConfiguration
}

/** A service registry that the tasks of a service are registered in, and with which port. */
export interface RegistryUse {
  readonly registryArn: string
  readonly port?: number
  readonly containerName?: string
  readonly containerPort?: number
}

/** Between which target groups, and by which rules (of an application load balancer) or listeners (of a network one). */
export interface TrafficConfiguration {
  readonly targetGroupArn: string
  readonly alternateTargetGroupArn: string
  readonly productionListenerRule: string
  readonly testListenerRule?: string
  readonly roleArn: string
}

/** What a deployment's tasks are started with. */
export interface TaskSettings {
  readonly taskDefinitionArn: string
  readonly launchType: LaunchType
  readonly capacityProviderName?: string
  readonly capacityProviderStrategy?: CapacityProviderStrategyItem[]
  readonly platformVersion?: string
  readonly networkConfiguration?: NetworkConfiguration
  /** Absent where there are none. */
  readonly loadBalancers?: readonly LoadBalancerUse[]
  /** Absent where there are none. */
  readonly registries?: readonly RegistryUse[]
}

export interface DeploymentRecord extends TaskSettings {
  /** `ecs-svc/` and 19 digits; its tasks' `startedBy`. */
  readonly id: string
  /** What it deploys. A rollback deploys a revision that another deployment brought. */
  readonly revisionId: string
  status: 'PRIMARY' | 'ACTIVE'
  /** Tasks that an ACTIVE deployment should still keep; a PRIMARY one's is the service's desired count. */
  keepCount: number
  readonly createdAt: number
  updatedAt: number
  rolloutState: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED'
  rolloutStateReason: string
  /** Tasks that stopped by themselves before they were healthy; in a row, unless the breaker counts them all. */
  failedTasks: number
  /** Rounds of failed starts since one was healthy, and when the next task may start. */
  failedRounds: number
  nextStartAt: number
  /** When it was said that tasks cannot be started consistently; absent since one was healthy. */
  impairedAt?: number
  /** The images' tags are resolved once for all tasks of the deployment. */
  images: 'unresolved' | 'asked' | 'resolved'
}

export interface ServiceEventRecord {
  readonly id: string
  readonly createdAt: number
  readonly message: string
}

export interface ServiceRecord extends Tagged {
  readonly arn: string
  readonly name: string
  readonly clusterArn: string
  readonly clusterName: string
  status: 'ACTIVE' | 'DRAINING' | 'INACTIVE'
  desiredCount: number
  /** Newest first: the PRIMARY one, then what it replaces. */
  deployments: DeploymentRecord[]
  /** Of the COMPLETED deployment that was replaced last; absent once it has been rolled back to. */
  lastCompletedRevisionId?: string
  /** By id: those that a deployment names. */
  revisions: Record<string, ServiceRevisionRecord>
  /** Newest first, a bounded history. */
  serviceDeployments: ServiceDeploymentRecord[]
  deploymentConfiguration: DeploymentConfiguration & { minimumHealthyPercent: number; maximumPercent: number }
  /** Newest first, at most 100. */
  events: ServiceEventRecord[]
  /** ARNs of its tasks that have not stopped: the index that saves looking through all tasks. */
  taskArns: Record<string, true>
  readonly createdAt: number
  readonly createdBy: string
  /** The request that made it, to tell a repetition from a conflict. */
  readonly request: CreateServiceRequest
  enableExecuteCommand: boolean
  enableECSManagedTags: boolean
  propagateTags: PropagateTags
  healthCheckGracePeriodSeconds?: number
  /** What is stored and shown but has no effect here. */
  placementConstraints: NonNullable<CreateServiceRequest['placementConstraints']>
  placementStrategy: NonNullable<CreateServiceRequest['placementStrategy']>
  availabilityZoneRebalancing: NonNullable<CreateServiceRequest['availabilityZoneRebalancing']>
  /** When the scheduler has to look at this service; absent while nothing has changed. */
  lookAt?: number
  /** Since when the service has been steady; absent while it is not. */
  steadyAt?: number
  /** The deployment that has been reported to be blocked by its percentages. */
  blockedDeploymentId?: string
}

export type TaskStatus =
  | 'PROVISIONING'
  | 'PENDING'
  | 'ACTIVATING'
  | 'RUNNING'
  | 'DEACTIVATING'
  | 'STOPPING'
  | 'DEPROVISIONING'
  | 'STOPPED'

/** How far a container has come, in more steps than its `lastStatus` shows. */
export type ContainerPhase = 'new' | 'pulling' | 'pulled' | 'starting' | 'running' | 'stopped'

/** What the checks of a container's health have shown so far. */
export interface HealthRecord {
  status: HealthStatus
  /** When the container started. */
  readonly since: number
  /** Failures in a row that count. */
  failures: number
  /** Checks begun: the number of the last one, by which its outcome is known. */
  runs: number
  /** When the next check begins; absent while one is under way. */
  nextAt?: number
}

/** Where a declared port of a container is reached. */
export interface ContainerPort {
  readonly containerPort: number
  readonly hostPort: number
  readonly protocol: 'tcp' | 'udp'
}

export interface ContainerRecord {
  readonly name: string
  readonly arn: string
  readonly image: string
  imageDigest?: string
  runtimeId?: string
  /** Where its declared ports are reached at the task's address, since it has started. */
  ports?: readonly ContainerPort[]
  phase: ContainerPhase
  exitCode?: number
  reason?: string
  /** Absent until a container with a health check has started. */
  health?: HealthRecord
  /** When SIGTERM was sent, and when SIGKILL follows. */
  killAt?: number
  isKilled?: boolean
}

export interface TaskRecord extends Tagged {
  readonly arn: string
  readonly id: string
  readonly clusterArn: string
  readonly clusterName: string
  readonly settings: TaskSettings
  /** Both absent for a task of RunTask. */
  readonly serviceArn?: string
  readonly deploymentId?: string
  readonly group: string
  readonly startedBy?: string
  readonly overrides: TaskOverride
  readonly enableExecuteCommand: boolean
  readonly availabilityZone: string
  readonly createdAt: number
  lastStatus: TaskStatus
  desiredStatus: 'RUNNING' | 'STOPPED'
  /** Counts every change that is told to EventBridge. */
  version: number
  /** When `lastStatus` changed last. */
  statusAt: number
  updatedAt: number
  connectivityAt?: number
  pullStartedAt?: number
  pullStoppedAt?: number
  startedAt?: number
  stoppingAt?: number
  executionStoppedAt?: number
  stoppedAt?: number
  stopCode?: TaskStopCode
  stoppedReason?: string
  /** When the scheduler has to look at this task; absent while it rests. */
  lookAt?: number
  /** Of its essential containers with a health check; absent where none has one. */
  healthStatus?: HealthStatus
  /** Whether the scheduler has counted the task as healthy. */
  wasHealthy?: boolean
  /** Where it is registered; absent where its service has no load balancer. */
  readonly targets?: TaskTarget[]
  /** Where it is registered by name; absent where its service has no service registry. */
  readonly registrations?: TaskRegistration[]
  /** RunTask's token, which is remembered as long as its tasks are. */
  clientToken?: string
  readonly network: NetworkRecord
  readonly containers: ContainerRecord[]
}

/** A target's health as its load balancer says it. */
export interface TargetHealthNote {
  readonly state: 'initial' | 'healthy' | 'unhealthy' | 'draining' | 'unused'
  /** Why it is not healthy, in the load balancer's words. */
  readonly reason?: string
}

/** A task's place in a target group. */
export interface TaskTarget extends LoadBalancerUse {
  phase: 'none' | 'asked' | 'registered' | 'leaving' | 'gone'
  /** Where the container's port is reached at the task's address; known once it is registered. */
  port?: number
  health?: TargetHealthNote
  /** When registering is tried again after it failed. */
  retryAt?: number
}

/** How a task is said to be where it is registered by name. */
export type InstanceHealth = 'HEALTHY' | 'UNHEALTHY'

/** A task's place in a service registry. */
export interface TaskRegistration extends RegistryUse {
  phase: 'none' | 'asked' | 'registered' | 'leaving' | 'gone'
  /** What was said last of its health. */
  told?: InstanceHealth
  /** When what was refused is tried again. */
  retryAt?: number
}

/** The task's network interface: what awsvpc gives a task on AWS. */
export interface NetworkRecord {
  readonly attachmentId: string
  readonly interfaceId: string
  readonly subnetId: string
  readonly macAddress: string
  phase: 'none' | 'asked' | 'ready' | 'releasing' | 'released'
  address?: string
  /** Absent where the subnet has no IPv6 addresses. */
  ipv6Address?: string
}

export interface EcsState {
  /** By name. */
  clusters: Record<string, ClusterRecord>
  /** The last revision given, by family; it only grows, as on AWS. */
  lastRevisions: Record<string, number>
  /** By ARN. */
  taskDefinitions: Record<string, TaskDefinitionRecord>
  /** By ARN. */
  services: Record<string, ServiceRecord>
  /** By ARN; stopped ones are kept for an hour. */
  tasks: Record<string, TaskRecord>
  /** ARNs of the tasks that the scheduler has to look at, by time; see agenda.ts. */
  agenda: Record<string, string[]>
  /** What RunTask answered, by client token. */
  runTokens: Record<string, { readonly taskArns: string[]; readonly request: string }>
  /** Account settings that were changed from their default. */
  accountSettings: Record<string, string>
}

/** ECS before anybody has used it: not even the `default` cluster exists. */
export function emptyState(): EcsState {
  return {
    clusters: {},
    lastRevisions: {},
    taskDefinitions: {},
    services: {},
    tasks: {},
    agenda: {},
    runTokens: {},
    accountSettings: {},
  }
}
