/**
 * What one task needs next: a pure function of the task, its definition and the time.
 *
 *   PROVISIONING  address asked and given            -> PENDING
 *   PENDING                                          -> ACTIVATING
 *   ACTIVATING    images pulled, containers started  -> RUNNING
 *   RUNNING       registered with target groups, and by name
 *   (a stop)      DEACTIVATING, targets drained      -> STOPPING
 *   STOPPING      signals -> DEPROVISIONING, address released -> STOPPED
 *   STOPPED       name given up
 *
 * (Developer Guide: task lifecycle; images are pulled and containers created in ACTIVATING.)
 */
import type { ContainerDefinition, TaskDefinition } from '@aws-sdk/client-ecs'
import { nextCheckAt } from './container-health.ts'
import { START_TIMEOUT_MS, STEP_MS, STOPPED_TASK_KEPT_MS } from './pace.ts'
import type { ContainerRecord, TaskRecord, TaskStatus } from './state.ts'
import type { StopCause } from './task-changes.ts'
import { planDeparture, planInstances } from './task-registries.ts'
import { planDeregistration, planRegistration } from './task-targets.ts'

export type TaskStep =
  | { readonly kind: 'move'; readonly to: TaskStatus }
  | { readonly kind: 'provision' | 'release' | 'forget' | 'register-targets' | 'deregister-targets' }
  | { readonly kind: 'register-instances' | 'tell-health' | 'deregister-instances' }
  /** `drop`: the container never started and counts as stopped. */
  | { readonly kind: 'pull' | 'start' | 'drop' | 'check'; readonly container: string }
  | { readonly kind: 'signal'; readonly container: string; readonly signal: 'SIGTERM' | 'SIGKILL' }
  | { readonly kind: 'stop'; readonly cause: StopCause }

/** Steps to take now, or, if there are none, when to look again. Without either, only a report changes anything. */
export interface TaskPlan {
  readonly steps: readonly TaskStep[]
  readonly next?: number
}

/** The next steps of a task at `now` (milliseconds since the epoch). Taking them removes their cause. */
export function planTask(task: TaskRecord, definition: TaskDefinition, now: number): TaskPlan {
  switch (task.lastStatus) {
    case 'PROVISIONING':
      if (task.network.phase === 'none') return { steps: [{ kind: 'provision' }] }
      return task.network.phase === 'ready' ? moveWhenDue(task, 'PENDING', now) : { steps: [] }
    case 'PENDING':
      return moveWhenDue(task, 'ACTIVATING', now)
    case 'ACTIVATING':
      return planActivation(task, definition, now)
    case 'RUNNING':
      return sooner(sooner(planRegistration(task, now), planInstances(task, now)), planChecks(task, now))
    case 'DEACTIVATING':
      return planDeregistration(task) ?? moveWhenDue(task, 'STOPPING', now)
    case 'STOPPING':
      return planStop(task, definition, now)
    case 'DEPROVISIONING':
      return planRelease(task, now)
    case 'STOPPED':
      return sooner(
        planDeparture(task, now),
        whenDue(task.statusAt + STOPPED_TASK_KEPT_MS, now, { kind: 'forget' }),
      )
  }
}

function whenDue(at: number, now: number, step: TaskStep): TaskPlan {
  return at <= now ? { steps: [step] } : { steps: [], next: at }
}

const moveWhenDue = (task: TaskRecord, to: TaskStatus, now: number) =>
  whenDue(task.statusAt + STEP_MS, now, { kind: 'move', to })

function planActivation(task: TaskRecord, definition: TaskDefinition, now: number): TaskPlan {
  const steps = task.containers.flatMap((container) => activationSteps(task, container, definition, now))
  if (steps.length) return { steps }
  const checks = planChecks(task, now)
  if (checks.steps.length) return checks
  const move = isUp(task) ? moveWhenDue(task, 'RUNNING', now) : { steps: [] }
  if (move.steps.length) return move
  const looks = [move.next, checks.next, ...givingUpTimes(task, definition)]
  return whenNext(looks.filter((at) => at !== undefined && at > now))
}

/** What either plan has to do now, or when the first of them looks again. */
function sooner(one: TaskPlan, other: TaskPlan): TaskPlan {
  const steps = [...one.steps, ...other.steps]
  return steps.length ? { steps } : whenNext([one.next, other.next])
}

/** The health checks of containers that run, those that are due first. */
function planChecks({ containers }: TaskRecord, now: number): TaskPlan {
  const due = containers.filter((container) => (nextCheckAt(container) ?? Infinity) <= now)
  if (due.length) return { steps: due.map(({ name }) => ({ kind: 'check', container: name })) }
  return whenNext(containers.map(nextCheckAt))
}

function whenNext(times: readonly (number | undefined)[]): TaskPlan {
  const next = Math.min(...times.map((at) => at ?? Infinity))
  return next === Infinity ? { steps: [] } : { steps: [], next }
}

/** Whether every container of a task that starts has started, or has ended already. */
export const isUp = ({ containers }: TaskRecord) =>
  containers.every(({ phase }) => phase === 'running' || phase === 'stopped')

function activationSteps(
  task: TaskRecord,
  container: ContainerRecord,
  definition: TaskDefinition,
  now: number,
): TaskStep[] {
  const own = definitionOf(definition, container.name)
  if (container.phase === 'new') {
    return hasSecrets(own) ? [withoutSecrets(container)] : [{ kind: 'pull', container: container.name }]
  }
  if (container.phase !== 'pulled') return []
  const states = (own?.dependsOn ?? []).map(({ containerName, condition }) =>
    dependencyState(
      task.containers.find(({ name }) => name === containerName),
      condition,
      definitionOf(definition, containerName ?? ''),
      now,
    ),
  )
  if (states.includes('failed')) return [neverStarts(container, own)]
  return states.includes('waiting') ? [] : [{ kind: 'start', container: container.name }]
}

const hasSecrets = (own: ContainerDefinition | undefined) =>
  !!own?.secrets?.length || !!own?.environmentFiles?.length

/** There is no Secrets Manager, Parameter Store or S3 here: ECS says this when it cannot reach them. */
function withoutSecrets({ name }: ContainerRecord): TaskStep {
  const stoppedReason =
    'ResourceInitializationError: unable to pull secrets or registry auth: ' +
    `Drydock keeps no secrets or environment files for container '${name}'`
  return { kind: 'stop', cause: { stopCode: 'TaskFailedToStart', stoppedReason } }
}

/** A container whose dependency failed cannot start; the task goes on without it if it is not essential. */
function neverStarts(container: ContainerRecord, own: ContainerDefinition | undefined): TaskStep {
  if (!own?.essential) return { kind: 'drop', container: container.name }
  const stoppedReason = `Task failed to start: a dependency of container '${container.name}' did not succeed`
  return { kind: 'stop', cause: { stopCode: 'TaskFailedToStart', stoppedReason } }
}

/**
 * START: has started; COMPLETE: has ended; SUCCESS: has ended with 0; HEALTHY: has passed its health check (API
 * Reference: ContainerDependency).
 */
function dependencyState(
  other: ContainerRecord | undefined,
  condition: string | undefined,
  own: ContainerDefinition | undefined,
  now: number,
) {
  if (!other) return 'met'
  const hasEnded = other.phase === 'stopped'
  if (condition === 'HEALTHY') {
    if (!hasEnded && other.health?.status === 'HEALTHY') return 'met'
    return hasEnded || now >= givenUpAt(other, own) ? 'failed' : 'waiting'
  }
  if (condition === 'COMPLETE') return hasEnded ? 'met' : 'waiting'
  if (condition === 'SUCCESS') return !hasEnded ? 'waiting' : other.exitCode === 0 ? 'met' : 'failed'
  if (other.phase === 'running') return 'met'
  if (!hasEnded) return 'waiting'
  return other.runtimeId === undefined ? 'failed' : 'met'
}

/** A dependency that is not healthy after its `startTimeout`, three minutes unless told, is waited for no longer. */
const givenUpAt = ({ health }: ContainerRecord, own: ContainerDefinition | undefined): number =>
  (health?.since ?? Infinity) + (own?.startTimeout === undefined ? START_TIMEOUT_MS : own.startTimeout * 1000)

/** When containers that others wait for to be healthy are given up. */
function givingUpTimes(task: TaskRecord, definition: TaskDefinition): number[] {
  const waiting = task.containers.filter(({ phase }) => phase === 'pulled')
  const dependencies = waiting.flatMap(({ name }) => definitionOf(definition, name)?.dependsOn ?? [])
  return dependencies.flatMap(({ containerName, condition }) => {
    const other = task.containers.find(({ name }) => name === containerName)
    return other && condition === 'HEALTHY' ? [givenUpAt(other, definitionOf(definition, other.name))] : []
  })
}

/** Ends the programs, dependents before what they depend on (API Reference: ContainerDependency). */
function planStop(task: TaskRecord, definition: TaskDefinition, now: number): TaskPlan {
  const steps: TaskStep[] = []
  const waits: number[] = []
  for (const container of task.containers) {
    if (container.phase === 'new' || container.phase === 'pulling' || container.phase === 'pulled') {
      steps.push({ kind: 'drop', container: container.name })
    } else if (container.phase === 'running' && !hasLiveDependents(task, container, definition)) {
      const signal = dueSignal(container, now)
      if (signal) steps.push({ kind: 'signal', container: container.name, signal })
      else if (container.killAt !== undefined && !container.isKilled) waits.push(container.killAt)
    }
  }
  if (steps.length) return { steps }
  if (task.containers.every(({ phase }) => phase === 'stopped'))
    return moveWhenDue(task, 'DEPROVISIONING', now)
  return waits.length ? { steps: [], next: Math.min(...waits) } : { steps: [] }
}

function hasLiveDependents(task: TaskRecord, { name }: ContainerRecord, definition: TaskDefinition): boolean {
  return task.containers.some(
    (other) =>
      other.phase !== 'stopped' &&
      definitionOf(definition, other.name)?.dependsOn?.some(({ containerName }) => containerName === name),
  )
}

function dueSignal({ killAt, isKilled }: ContainerRecord, now: number): 'SIGTERM' | 'SIGKILL' | undefined {
  if (killAt === undefined) return 'SIGTERM'
  return !isKilled && killAt <= now ? 'SIGKILL' : undefined
}

/** What was never given need not be released; what is being given is waited for. */
function planRelease(task: TaskRecord, now: number): TaskPlan {
  const unstarted = task.containers.filter(({ phase }) => phase !== 'stopped')
  if (unstarted.length) return { steps: unstarted.map(({ name }) => ({ kind: 'drop', container: name })) }
  switch (task.network.phase) {
    case 'ready':
      return { steps: [{ kind: 'release' }] }
    case 'asked':
    case 'releasing':
      return { steps: [] }
    case 'none':
    case 'released':
      return moveWhenDue(task, 'STOPPED', now)
  }
}

/** A container's definition by its name. */
export const definitionOf = (definition: TaskDefinition, name: string): ContainerDefinition | undefined =>
  definition.containerDefinitions?.find((container) => container.name === name)
