/**
 * CPUUtilization and MemoryUtilization of services (Developer Guide: Amazon ECS service utilization metrics), measured
 * every ten seconds while tasks run that can be measured and somebody uses CloudWatch.
 */
import type { PublishedMetric } from '../cloudwatch/receive.ts'
import type { EcsState, TaskRecord } from '../ecs/state.ts'
import type { Engine } from '../engine.ts'
import type { Scope } from '../service.ts'
import type { TaskDriver, TaskUsage } from './driver.ts'

const PERIOD_MS = 10_000
const CPU_UNITS = 1024
const MEBIBYTE = 1024 * 1024

export interface TaskMetrics {
  /** A task starts: from now on there is something to measure. */
  begin(): void
  /** Forgets what was measured, and that anything runs. */
  reset(): void
}

interface Options {
  readonly engine: Engine
  readonly driver: Pick<TaskDriver, 'usage'>
  readonly onFault: (error: unknown, what: string) => void
}

interface Measured {
  readonly usage: TaskUsage
  /** Of the machine's clock: programs use its time, not the engine's. */
  readonly at: number
}

/** Measures nothing where the driver cannot. */
export function taskMetrics({ engine, driver, onFault }: Options): TaskMetrics {
  let before = new Map<string, Measured>()
  let isTicking = false

  const arm = () => engine.after(PERIOD_MS - (engine.clock.now() % PERIOD_MS), tick)

  function tick(): void {
    const running = runningTasks(engine)
    isTicking = running.length > 0
    if (!isTicking) {
      before.clear()
      return
    }
    arm()
    if (engine.loaded().includes('cloudwatch'))
      measure(running).catch((error: unknown) => onFault(error, 'the measuring of tasks'))
  }

  async function measure(running: readonly Running[]): Promise<void> {
    const at = Math.floor(engine.clock.now() / PERIOD_MS) * PERIOD_MS - PERIOD_MS
    const measuredAt = performance.now()
    const usages = (await driver.usage?.()) ?? new Map<string, TaskUsage>()
    const now = new Map([...usages].map(([arn, usage]) => [arn, { usage, at: measuredAt }]))
    for (const { scope, state, tasks } of running) {
      const metrics = utilizationMetrics(state, tasks, { before, now }, at)
      if (metrics.length)
        engine.report('cloudwatch', scope, { kind: 'metrics', namespace: 'AWS/ECS', metrics })
    }
    before = now
  }

  return {
    begin() {
      if (!driver.usage || isTicking) return
      isTicking = true
      arm()
    },
    reset() {
      before.clear()
      isTicking = false
    },
  }
}

interface Running {
  readonly scope: Scope
  readonly state: EcsState
  readonly tasks: readonly TaskRecord[]
}

function runningTasks(engine: Engine): Running[] {
  const scopes = engine.snapshot().flatMap(({ name, scope }) => (name === 'ecs' ? [scope] : []))
  return scopes.flatMap((scope) => {
    const state = engine.state('ecs', scope)
    const tasks = Object.values(state.tasks).filter(({ lastStatus }) => lastStatus !== 'STOPPED')
    return tasks.length ? [{ scope, state, tasks }] : []
  })
}

interface Measures {
  readonly before: ReadonlyMap<string, Measured>
  readonly now: ReadonlyMap<string, Measured>
}

function utilizationMetrics(
  state: EcsState,
  tasks: readonly TaskRecord[],
  measures: Measures,
  at: number,
): PublishedMetric[] {
  const ofServices = tasks.filter((task) => task.lastStatus === 'RUNNING' && task.serviceArn)
  return [...Map.groupBy(ofServices, ({ serviceArn }) => serviceArn)].flatMap(([arn = '', group]) => {
    const { clusterName: ClusterName, name: ServiceName } = state.services[arn] ?? {}
    if (!ClusterName || !ServiceName) return []
    const shares = group.flatMap((task) => sharesOf(state, task, measures) ?? [])
    if (!shares.length) return []
    const common = { dimensions: { ClusterName, ServiceName }, at, unit: 'Percent' }
    return [
      { ...common, name: 'CPUUtilization', samples: shares.map(({ cpu }) => ({ value: cpu })) },
      { ...common, name: 'MemoryUtilization', samples: shares.map(({ memory }) => ({ value: memory })) },
    ]
  })
}

/** What a task uses of what its definition gives it, in percent; undefined until it was measured twice. */
function sharesOf({ taskDefinitions }: EcsState, task: TaskRecord, { before, now }: Measures) {
  const [first, last] = [before.get(task.arn), now.get(task.arn)]
  const { definition } = taskDefinitions[task.settings.taskDefinitionArn] ?? {}
  const units = Number(task.overrides.cpu ?? definition?.cpu)
  const mebibytes = Number(task.overrides.memory ?? definition?.memory)
  if (!first || !last || !(units > 0) || !(mebibytes > 0)) return undefined
  const used = Math.max(0, last.usage.cpuMs - first.usage.cpuMs) / (last.at - first.at)
  return {
    cpu: (used / (units / CPU_UNITS)) * 100,
    memory: (last.usage.memoryBytes / (mebibytes * MEBIBYTE)) * 100,
  }
}
