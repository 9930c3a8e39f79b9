/** What ECS keeps of service deployments and service revisions, as plain JSON; times in milliseconds since the epoch. */
import type { DeploymentConfiguration, ServiceDeploymentStatus } from '@aws-sdk/client-ecs'
import type { FailureCause } from './failure-causes.ts'
import type { ShiftRecord } from './shift-state.ts'
import type { TaskSettings } from './state.ts'

/** A service's workload at one time: what is deployed, and what a failed deployment is rolled back to. */
export interface ServiceRevisionRecord {
  /** The 19 digits of the deployment that brought it. */
  readonly id: string
  readonly settings: TaskSettings
  /** Digests by container name, as far as the images' tags are resolved: a tag may move. */
  digests: Record<string, string>
  readonly createdAt: number
}

/** The tasks of a revision. */
export interface RevisionCounts {
  readonly requestedTaskCount: number
  readonly runningTaskCount: number
  readonly pendingTaskCount: number
}

/** Failed tasks, and how many of them the circuit breaker allows. */
export interface FailureTally {
  readonly failureCount: number
  readonly threshold: number
}

/** What ECS knows of a deployment's alarms; see deployment-alarms.ts. */
export interface AlarmWatch {
  readonly names: readonly string[]
  /** Whether one in ALARM rolls the deployment back. */
  readonly rollback: boolean
  /** `ignored`: one was in ALARM when the deployment began. */
  phase: 'new' | 'watching' | 'ignored'
  /** Whether an answer is awaited. */
  isAsked: boolean
  nextLookAt: number
  triggered: readonly string[]
  missing: readonly string[]
  /** How long to bake, as the alarms are. */
  bakeMs: number
}

/** See service-deployments.ts. */
export interface ServiceDeploymentRecord {
  readonly id: string
  /** Grows by one with each of its service, to order what began at the same time. */
  readonly serial: number
  readonly createdAt: number
  startedAt?: number
  finishedAt?: number
  stoppedAt?: number
  updatedAt: number
  status: ServiceDeploymentStatus
  statusReason?: string
  /** What ran when it was asked for. */
  readonly sourceRevisionIds: readonly string[]
  readonly targetRevisionId: string
  /** The deployment that was asked for. */
  readonly deploymentId: string
  /** What has failed that deployment. */
  failedBy?: FailureCause['by']
  rollback?: {
    readonly reason: string
    readonly startedAt: number
    readonly revisionId: string
    readonly deploymentId: string
  }
  /** The service's, when it was asked for. */
  readonly configuration: DeploymentConfiguration
  /** Absent where no alarms are configured. */
  alarms?: AlarmWatch
  /** Absent in a rolling deployment. */
  shift?: ShiftRecord
  /** When the bake time of a rolling deployment ends; absent until it has begun. */
  bakeEndsAt?: number
  /** As they were when it failed or ended; until then they are derived. */
  failures?: FailureTally
  /** The tasks by revision when it ended; until then they are derived. */
  finalCounts?: Readonly<Record<string, RevisionCounts>>
}
