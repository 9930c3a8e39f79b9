/** What a service says of itself: its `events` list, and its events on the bus, in the words of AWS. */
import type { DeploymentRecord, EcsContext, ServiceRecord, TaskRecord } from './state.ts'

const MOST_EVENTS = 100

/** Adds a message to the service's list, newest first; the oldest beyond a hundred go. */
export function say(context: EcsContext, service: ServiceRecord, message: string): void {
  const text = `(service ${service.name}) ${message}`
  service.events.unshift({ id: context.newUuid(), createdAt: context.now, message: text })
  if (service.events.length > MOST_EVENTS) service.events.length = MOST_EVENTS
}

/** `(task a) (task b)`, as the messages list tasks. */
export const taskNames = (tasks: readonly TaskRecord[]) => tasks.map(({ id }) => `(task ${id})`).join(' ')

type ServiceActionName = 'SERVICE_STEADY_STATE' | 'SERVICE_TASK_START_IMPAIRED'

/** Emits `ECS Service Action`. */
export function announceServiceAction(
  context: EcsContext,
  service: ServiceRecord,
  eventName: ServiceActionName,
): void {
  context.emit({
    source: 'aws.ecs',
    detailType: 'ECS Service Action',
    resources: [service.arn],
    detail: {
      eventType: eventName === 'SERVICE_STEADY_STATE' ? 'INFO' : 'WARN',
      eventName,
      clusterArn: service.clusterArn,
      createdAt: new Date(context.now).toISOString(),
    },
  })
}

/** A step of a deployment, as DescribeServices shows it. */
export interface Rollout extends Pick<DeploymentRecord, 'rolloutState' | 'rolloutStateReason'> {
  /** The reason in the event, where it is not the one shown. */
  readonly reason?: string
}

/** Moves a deployment to a rollout state, and emits `ECS Deployment State Change`. */
export function announceRollout(
  context: EcsContext,
  service: ServiceRecord,
  deployment: DeploymentRecord,
  { rolloutState, rolloutStateReason, reason = rolloutStateReason }: Rollout,
): void {
  deployment.rolloutState = rolloutState
  deployment.rolloutStateReason = rolloutStateReason
  deployment.updatedAt = context.now
  context.emit({
    source: 'aws.ecs',
    detailType: 'ECS Deployment State Change',
    resources: [service.arn],
    detail: {
      eventType: rolloutState === 'FAILED' ? 'ERROR' : 'INFO',
      eventName: `SERVICE_DEPLOYMENT_${rolloutState}`,
      deploymentId: deployment.id,
      updatedAt: new Date(context.now).toISOString(),
      reason,
    },
  })
}
