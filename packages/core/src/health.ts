/** What is seen of a service's health: its alarms, its targets and its stopped tasks, as plain data. Times in ms. */

/** By what an alarm is tied to a service. */
export type AlarmTie = 'target-group' | 'load-balancer' | 'service' | 'config' | 'tag' | 'child'

/** An alarm that is tied to the service, in any state. */
export interface ObservedAlarm {
  readonly arn: string
  readonly name: string
  readonly state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA'
  /** When it went into that state. */
  readonly transitionedAt: number
  /** Why, in the words of CloudWatch. */
  readonly reason: string
  readonly ties: readonly AlarmTie[]
  /** Who or what mutes or suppresses it; absent where nothing does. */
  readonly muted?: string
  /** Whether it is in that state because nothing was measured. */
  readonly missingData: boolean
  /** Requests in its window; absent where it is not about traffic, or was not asked. */
  readonly requests?: number
  /** How many other services it is about as much as this one. */
  readonly sharedWith: number
}

/** The targets of the primary deployment's tasks in one target group. */
export interface ObservedTargets {
  readonly targetGroup: string
  readonly healthy: number
  readonly unhealthy: number
  readonly initial: number
  /** Why targets are unhealthy, in the words of the load balancer. */
  readonly reasons: readonly string[]
}

/** One container of a stopped task. */
export interface ContainerExit {
  readonly container: string
  readonly essential: boolean
  /** Its exit code; absent where it never ran. */
  readonly code?: number
  readonly reason?: string
}

/** A task of the service that ECS lists as stopped (for about an hour). */
export interface ObservedStop {
  readonly taskArn: string
  /** The ECS deployment that started it (`ecs-svc/…`). */
  readonly deploymentId?: string
  readonly stoppedAt: number
  readonly stopCode?: string
  readonly stoppedReason?: string
  readonly exits: readonly ContainerExit[]
}

/** What ECS tells of the service deployment under way, or of the last one. */
export interface ObservedServiceDeployment {
  readonly arn: string
  /** As ECS spells it: `IN_PROGRESS`, `ROLLBACK_IN_PROGRESS`, `SUCCESSFUL`, … */
  readonly status: string
  readonly reason?: string
  readonly targetTaskDefinitionArn?: string
  readonly sourceTaskDefinitionArn?: string
}

/** The services that Capstan watches, this one too. */
export interface ObservedFleet {
  readonly watched: number
  /** With an alarm of theirs in ALARM. */
  readonly alarming: number
  /** Rolled back in the last five minutes, and not among the alarming. */
  readonly rolledBackLately: number
}

export interface ObservedHealth {
  readonly alarms: readonly ObservedAlarm[]
  readonly targets: readonly ObservedTargets[]
  readonly stops: readonly ObservedStop[]
  /** Running tasks of the primary deployment. */
  readonly running: number
  readonly serviceDeployment?: ObservedServiceDeployment
  readonly fleet: ObservedFleet
}
