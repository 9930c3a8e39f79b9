/**
 * A task's place in service registries: registered when it runs, with its private address, and deregistered only when it
 * has stopped. That is late, and it is what ECS does: a name leads to a task for a while that accepts nothing any more.
 */
import type { EcsContext, InstanceHealth, TaskRecord, TaskRegistration } from './state.ts'
import type { TaskPlan } from './task-steps.ts'

/** What a running task needs. */
export function planInstances(task: TaskRecord, now: number): TaskPlan {
  const { registrations = [] } = task
  const missing = planRetried(registrations, 'none', 'register-instances', now)
  if (missing.steps.length || !isToBeTold(task)) return missing
  return { steps: [{ kind: 'tell-health' }] }
}

/** What a stopped task leaves to be done; what is being registered is waited for. */
export const planDeparture = ({ registrations = [] }: TaskRecord, now: number): TaskPlan =>
  planRetried(registrations, 'registered', 'deregister-instances', now)

function planRetried(
  registrations: readonly TaskRegistration[],
  phase: TaskRegistration['phase'],
  kind: 'register-instances' | 'deregister-instances',
  now: number,
): TaskPlan {
  const waiting = registrations.filter((each) => each.phase === phase)
  if (!waiting.length) return { steps: [] }
  const next = Math.min(...waiting.map(({ retryAt = now }) => retryAt))
  return next <= now ? { steps: [{ kind }] } : { steps: [], next }
}

const healthOf = ({ healthStatus = 'HEALTHY' }: TaskRecord): InstanceHealth =>
  healthStatus === 'HEALTHY' ? 'HEALTHY' : 'UNHEALTHY'

const isToBeTold = (task: TaskRecord) =>
  task.registrations?.some(({ phase, told }) => phase === 'registered' && told !== healthOf(task)) ?? false

const isDue = ({ retryAt = 0 }: TaskRegistration, { now }: EcsContext) => retryAt <= now

/** Asks for all registrations that are due, with the attributes that ECS gives its instances. */
export function registerInstances(task: TaskRecord, context: EcsContext): void {
  const health = healthOf(task)
  for (const registration of task.registrations ?? []) {
    if (registration.phase !== 'none' || !isDue(registration, context)) continue
    const port = registration.port ?? registration.containerPort
    Object.assign(registration, { phase: 'asked', told: health })
    context.ask({
      kind: 'register-instance',
      ...placeOf(task, registration),
      address: task.network.address ?? '',
      ...(port !== undefined && { port }),
      health,
      attributes: attributesOf(task, context),
    })
  }
}

function attributesOf(task: TaskRecord, { state, region }: EcsContext): Record<string, string> {
  const service = task.serviceArn ? state.services[task.serviceArn] : undefined
  return {
    AVAILABILITY_ZONE: task.availabilityZone,
    REGION: region,
    ECS_CLUSTER_NAME: task.clusterName,
    ECS_SERVICE_NAME: service?.name ?? '',
    ECS_TASK_DEFINITION_FAMILY: state.taskDefinitions[task.settings.taskDefinitionArn]?.family ?? '',
  }
}

/** Tells how the task is, now that it is another way. */
export function tellHealth(task: TaskRecord, context: EcsContext): void {
  const health = healthOf(task)
  for (const registration of task.registrations ?? []) {
    if (registration.phase !== 'registered' || registration.told === health) continue
    registration.told = health
    context.ask({ kind: 'tell-instance-health', ...placeOf(task, registration), health })
  }
}

/** Gives up all that is registered of a task. */
export function deregisterInstances(task: TaskRecord, context: EcsContext): void {
  for (const registration of task.registrations ?? []) {
    if (registration.phase !== 'registered' || !isDue(registration, context)) continue
    registration.phase = 'leaving'
    context.ask({ kind: 'deregister-instance', ...placeOf(task, registration) })
  }
}

const placeOf = ({ arn: taskArn, id: instanceId }: TaskRecord, { registryArn }: TaskRegistration) => ({
  taskArn,
  registryArn,
  instanceId,
})
