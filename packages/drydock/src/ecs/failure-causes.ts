/** Why a deployment fails, in the words in which the service, its deployments and the bus tell of it. */

export interface FailureCause {
  readonly by: 'circuit-breaker' | 'alarms' | 'stop' | 'shift'
  /** What the service says in its events. */
  readonly message: string
  readonly rolloutStateReason: string
  /** The reason in the event on the bus, where it is not the one shown. */
  readonly eventReason?: string
  /** Goes on the sentence `Service deployment rolled back because …`. */
  readonly because: string
  /** What the deployment that takes it back says of itself, before its id. */
  readonly rollbackPrefix: string
  /** Whether the service is to go back to what was complete before. */
  readonly isRolledBack: boolean
}

/** Too many tasks failed (Developer Guide: how the deployment circuit breaker detects failures). */
export const breakerTripped = (isRolledBack: boolean): FailureCause => ({
  by: 'circuit-breaker',
  message: 'deployment failed: tasks failed to start.',
  rolloutStateReason: 'ECS deployment circuit breaker: tasks failed to start.',
  // The documented event says it in the singular.
  eventReason: 'ECS deployment circuit breaker: task failed to start.',
  because: 'the circuit breaker threshold was exceeded.',
  rollbackPrefix: 'ECS deployment circuit breaker',
  isRolledBack,
})

/** An alarm went into ALARM. The service's message is that of AWS; how the rest is worded is not documented. */
export const alarmDetected = (names: readonly string[], isRolledBack: boolean): FailureCause => ({
  by: 'alarms',
  message: 'deployment failed: alarm detected.',
  rolloutStateReason: 'ECS deployment failed: alarm detected.',
  because: `these CloudWatch alarms are in ALARM: ${names.join(', ')}.`,
  rollbackPrefix: 'ECS deployment alarms',
  isRolledBack,
})

/** A hook or a load balancer stands in the way of traffic: this is always rolled back (Developer Guide: Lambda hooks). */
export const shiftFailed = (because: string): FailureCause => ({
  by: 'shift',
  message: `deployment failed: Service deployment rolled back because ${because}`,
  rolloutStateReason: `ECS deployment failed: ${because}`,
  because,
  rollbackPrefix: 'ECS deployment lifecycle',
  isRolledBack: true,
})

/** StopServiceDeployment; how ECS words it is not documented. */
export const stopRequested = (isRolledBack: boolean): FailureCause => ({
  by: 'stop',
  message: 'deployment stopped: StopServiceDeployment was called.',
  rolloutStateReason: 'ECS deployment stopped: StopServiceDeployment was called.',
  because: 'StopServiceDeployment was called.',
  rollbackPrefix: 'ECS deployment stopped',
  isRolledBack,
})
