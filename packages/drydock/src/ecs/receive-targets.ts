/** Takes in what Elastic Load Balancing says: of target groups that are to be used, and of tasks that are registered. */
import { lookAtTask } from './agenda.ts'
import type { LoadBalancingReport } from './effects.ts'
import { REGISTER_AGAIN_MS } from './pace.ts'
import { say } from './service-events.ts'
import { performRequest } from './services.ts'
import type { EcsContext, TargetHealthNote, TaskRecord, TaskTarget } from './state.ts'
import { lookAtServiceOf } from './task-changes.ts'

/** Takes in one report. */
export function receiveOfTargets(report: LoadBalancingReport, context: EcsContext): void {
  switch (report.kind) {
    case 'target-groups-inspected':
      inspected(report, context)
      break
    case 'target-registered':
      registered(report, context)
      break
    case 'registration-failed':
      refused(report, context)
      break
    case 'target-health':
      healthChanged(report, context)
      break
  }
}

type Of<K extends LoadBalancingReport['kind']> = Extract<LoadBalancingReport, { kind: K }>

/** The request that waited is done now, or refused: its caller gets the one or the other. */
function inspected(
  { kind: _, token, request, ...facts }: Of<'target-groups-inspected'>,
  context: EcsContext,
): void {
  try {
    context.settle(token, { value: performRequest(request, context, facts) })
  } catch (error) {
    context.settle(token, { error })
  }
}

/** A task that ended while it was being registered must not be left behind in the target group. */
function registered(report: Of<'target-registered'>, context: EcsContext): void {
  const { targetGroupArn, address, port } = report
  const task = context.state.tasks[report.taskArn]
  const target = task && placeOf(task, report)
  if (!target || !(task.lastStatus === 'RUNNING' || task.lastStatus === 'DEACTIVATING')) {
    context.ask({ kind: 'deregister-target', targetGroupArn, address, port })
    return
  }
  Object.assign(target, { phase: 'registered', port, health: report.health })
  const service = task.serviceArn ? context.state.services[task.serviceArn] : undefined
  if (service) say(context, service, `registered 1 targets in (target-group ${targetGroupArn})`)
  lookAgain(task, context)
}

function refused(report: Of<'registration-failed'>, context: EcsContext): void {
  const task = context.state.tasks[report.taskArn]
  const target = task && placeOf(task, report)
  if (!target) return
  Object.assign(target, { phase: 'none', retryAt: context.now + REGISTER_AGAIN_MS })
  const service = task.serviceArn ? context.state.services[task.serviceArn] : undefined
  const where = `(target-group ${report.targetGroupArn})`
  if (service) say(context, service, `failed to register targets in ${where} with (error ${report.reason})`)
  lookAgain(task, context)
}

/** The place that is being registered. */
const placeOf = (
  { targets = [] }: TaskRecord,
  { targetGroupArn, containerPort }: { targetGroupArn: string; containerPort: number },
) =>
  targets.find(
    (each) =>
      each.phase === 'asked' &&
      each.targetGroupArn === targetGroupArn &&
      each.containerPort === containerPort,
  )

/** Health is that of an address: the load balancer does not know of tasks. */
function healthChanged({ health, ...of }: Of<'target-health'>, context: EcsContext): void {
  for (const task of tasksAt(of, context)) {
    for (const target of task.targets ?? []) {
      if (target.targetGroupArn !== of.targetGroupArn || target.port !== of.port) continue
      noteHealth(target, health)
    }
    lookAgain(task, context)
  }
}

function noteHealth(target: TaskTarget, health: TargetHealthNote): void {
  target.health = health
  if (health.state === 'unused' && target.phase === 'leaving') target.phase = 'gone'
}

function tasksAt(
  { targetGroupArn, address }: { targetGroupArn: string; address: string },
  { state }: EcsContext,
): TaskRecord[] {
  return Object.values(state.services).flatMap(({ taskArns }) =>
    Object.keys(taskArns).flatMap((arn) => {
      const task = state.tasks[arn]
      const isThere = task?.network.address === address
      return isThere && task.targets?.some((each) => each.targetGroupArn === targetGroupArn) ? [task] : []
    }),
  )
}

function lookAgain(task: TaskRecord, context: EcsContext): void {
  lookAtTask(context.state, task, context.now)
  lookAtServiceOf(context, task)
}
