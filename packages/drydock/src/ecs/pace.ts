/** Every time span of the scheduler, in one place: what AWS documents, and where Drydock is quicker. */

/** How long each step of a task's or service's life takes. On AWS this is seconds to a minute. */
export const STEP_MS = 75

/**
 * How long a task without health check must have been RUNNING to count towards minimumHealthyPercent. AWS waits 40
 * seconds (ECS API Reference: DeploymentConfiguration); two are enough to see a program fail at its start.
 */
export const HEALTHY_AFTER_MS = 2_000

/** SIGKILL follows SIGTERM after this where the container sets no stopTimeout (API Reference: ContainerDefinition). */
export const STOP_TIMEOUT_MS = 30_000

/**
 * How long a container that others need HEALTHY may take where it sets no startTimeout (Developer Guide: container
 * agent configuration, ECS_CONTAINER_START_TIMEOUT).
 */
export const START_TIMEOUT_MS = 3 * 60_000

/** A stopped task can be described for an hour (API Reference: DescribeTasks). */
export const STOPPED_TASK_KEPT_MS = 3_600_000

/** A steady service says so again at about this interval. */
export const STEADY_AGAIN_MS = 6 * 3_600_000

/** A message that has been given is given again after this, if its cause remains. */
export const SAME_MESSAGE_AGAIN_MS = 6 * 3_600_000

/** The wait after the first failed start; it doubles. AWS documents the longest (service throttle logic), not the curve. */
export const FIRST_BACK_OFF_MS = 1_000
export const LONGEST_BACK_OFF_MS = 27 * 60_000

/**
 * The longest wait after a task that started and exited at once. AWS does not throttle these at all, but there a
 * start takes a minute; here an endless loop would take the machine.
 */
export const LONGEST_CRASH_BACK_OFF_MS = 15_000

/** From this round of failures on, the service is said to be unable to start tasks consistently. */
export const IMPAIRED_AFTER_ROUNDS = 3

/** How long a task waits before its registration with a target group is tried again. AWS does not say. */
export const REGISTER_AGAIN_MS = 10_000

/** ECS polls the alarms of a deployment (Developer Guide); how often is not documented. */
export const ALARM_LOOK_MS = 5_000

/** The longest bake time that is computed from alarms: "less than 5 minutes" (Developer Guide). */
export const LONGEST_ALARM_BAKE_MS = 295_000

/** How far an alarm is taken to look back where that cannot be told: a composite one. */
export const UNKNOWN_ALARM_PERIOD_MS = 60_000

/** A function that answers IN_PROGRESS is called again after this, unless it says when (Developer Guide: Lambda hooks). */
export const HOOK_AGAIN_SECONDS = 30
