/**
 * ECS without engine and host, for property tests: operations are called, due actions performed, and what is asked of
 * the host waits until the test answers it, in any order and with any outcome.
 */
import { seededIds } from '../host/ids.ts'
import type { EmittedEvent, Outcome } from '../service.ts'
import type { EcsEffect, EcsReport } from './effects.ts'
import { ecs } from './index.ts'
import { perform } from './perform.ts'
import { receive } from './receive.ts'
import { type EcsAction, schedule } from './schedule.ts'
import type { EcsOperationContext } from './state.ts'

/** Called around each action, so that a test can compare before and after. */
export type Watch = (action: EcsAction, perform: () => void) => void

const MOST_TURNS = 10_000

/** What stands in for the engine: time, ids, and what is emitted and asked. */
function standIn() {
  const ids = seededIds(1)
  const stage = {
    now: 0,
    events: [] as EmittedEvent[],
    asked: [] as EcsEffect[],
    settled: [] as Outcome<unknown>[],
    state: ecs.emptyState(),
  }
  const context = (): EcsOperationContext => ({
    state: stage.state,
    now: stage.now,
    accountId: '123456789012',
    region: 'us-east-1',
    endpoint: 'http://127.0.0.1:4566',
    accessKeyId: 'test',
    requestId: 'test',
    newId: (length = 32) => ids.hex(length),
    newUuid: () => ids.uuid(),
    emit: (event) => void stage.events.push(event),
    ask: (effect) => void stage.asked.push(effect),
    // Who waits for an output is not there; what it comes to is in `settled`.
    defer: () => new Promise(() => {}),
    settle: (_, outcome) => void stage.settled.push(outcome),
  })
  return { stage, context }
}

/** A fresh ECS at time 0 in account 123456789012, us-east-1. */
export function rehearse(watch: Watch = (_, perform) => perform()) {
  const { stage, context } = standIn()
  const plan = () => schedule(stage.state, stage.now)
  const due = () => plan().filter(({ at }) => at <= stage.now)

  const drain = () => {
    for (let turn = 0; ; turn++) {
      const actions = due()
      if (!actions.length) return
      if (turn > MOST_TURNS) throw new Error('The scheduler always has more to do')
      for (const action of actions) watch(action, () => perform(action, context()))
    }
  }

  const report = (what: EcsReport) => {
    receive(what, context())
    drain()
  }

  return {
    state: stage.state,
    events: stage.events,
    now: () => stage.now,
    asked: () => stage.asked,
    settled: stage.settled,
    due,
    report,
    /** Runs one operation, then all that is due. */
    call(operation: string, input: object): unknown {
      const output = ecs.model.operations.get(operation)?.handler?.(input, context())
      drain()
      return output
    },
    /** Takes an effect off the list and reports `answer`, if any. */
    answer(effect: EcsEffect, answer: EcsReport | undefined): void {
      stage.asked = stage.asked.filter((one) => one !== effect)
      if (answer) report(answer)
    },
    /** Moves time forward, stopping wherever something is due. */
    advance(ms: number): void {
      const end = stage.now + ms
      const nextAt = () => plan().reduce((least, { at }) => Math.min(least, at), Infinity)
      for (let next = nextAt(); next <= end; next = nextAt()) {
        stage.now = Math.max(stage.now, next)
        drain()
      }
      stage.now = end
      drain()
    },
  }
}

export type Rehearsal = ReturnType<typeof rehearse>

/** What a host without trouble reports of an effect. */
export function goodReport(effect: EcsEffect): EcsReport | undefined {
  switch (effect.kind) {
    case 'inspect-traffic':
      return { ...effect, kind: 'traffic-inspected', sights: {} }
    case 'shift-traffic':
      return { ...effect, kind: 'traffic-shifted' }
    case 'call-hook':
      return { ...effect, kind: 'hook-called', answer: { hookStatus: 'SUCCEEDED' } }
    case 'look-at-alarms':
      return {
        ...effect,
        kind: 'alarms-seen',
        alarms: effect.alarmNames.map((name) => ({ name, state: 'OK' })),
      }
    case 'resolve-images':
      return { ...effect, kind: 'images-resolved', digests: {} }
    case 'provision-task':
      return { kind: 'task-provisioned', taskArn: effect.taskArn, address: '10.0.0.4' }
    case 'pull-image':
      return { kind: 'image-pulled', taskArn: effect.taskArn, container: effect.container }
    case 'start-container':
      return {
        kind: 'container-started',
        taskArn: effect.taskArn,
        container: effect.container.name,
        runtimeId: 'r',
      }
    case 'signal-container':
      return { kind: 'container-exited', taskArn: effect.taskArn, container: effect.container, exitCode: 143 }
    case 'check-health': {
      const { taskArn, container, run } = effect
      return { kind: 'health-checked', taskArn, container, run, hasPassed: true }
    }
    case 'release-task':
      return { kind: 'task-released', taskArn: effect.taskArn }
    case 'inspect-target-groups':
      return {
        ...effect,
        kind: 'target-groups-inspected',
        groups: usableGroups(effect.targetGroupArns),
        registries: Object.fromEntries(effect.registryArns.map((arn) => [arn, { recordTypes: ['A'] }])),
      }
    case 'register-instance':
      return { ...effect, kind: 'instance-registered' }
    case 'tell-instance-health':
      return undefined
    case 'deregister-instance':
      return { ...effect, kind: 'instance-gone' }
    case 'register-target':
      return {
        ...effect,
        kind: 'target-registered',
        port: effect.containerPort,
        health: { state: 'healthy' },
      }
    case 'deregister-target':
      return { ...effect, kind: 'target-health', health: { state: 'unused' } }
  }
}

const usableGroups = (arns: readonly string[]) =>
  Object.fromEntries(arns.map((arn) => [arn, { targetType: 'ip' as const, hasLoadBalancer: true }]))
