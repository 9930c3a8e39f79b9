/** Small looks into the state for those beside ECS that need tasks' whereabouts: a front door, a console, DNS. */
import { shortName } from './names.ts'
import { tasksOfService } from './schedule.ts'
import type { EcsState, ServiceRecord, TaskRecord } from './state.ts'

/** A running task as others reach it. */
export interface RunningTask {
  readonly taskArn: string
  readonly deploymentId: string
  readonly taskDefinitionArn: string
  /** The task's own address. */
  readonly address: string
  readonly ports: readonly {
    readonly container: string
    readonly containerPort: number
    readonly protocol: 'tcp' | 'udp'
  }[]
  /** Milliseconds since the epoch. */
  readonly startedAt: number
}

/** A service by the name or ARN of its cluster and its own; undefined if there is none. */
export function serviceOf(state: EcsState, cluster: string, service: string): ServiceRecord | undefined {
  const clusterArn = state.clusters[shortName(cluster)]?.arn
  const name = shortName(service)
  return Object.values(state.services).find((one) => one.name === name && one.clusterArn === clusterArn)
}

/** The tasks of a service that are RUNNING and shall stay so, oldest first. */
export function runningTasks(state: EcsState, cluster: string, service: string): RunningTask[] {
  const record = serviceOf(state, cluster, service)
  const tasks = record ? tasksOfService(state, record) : []
  return tasks.flatMap((task) => reachable(state, task) ?? []).sort((a, b) => a.startedAt - b.startedAt)
}

function reachable(state: EcsState, task: TaskRecord): RunningTask | undefined {
  const { address } = task.network
  if (task.lastStatus !== 'RUNNING' || address === undefined || task.startedAt === undefined) return undefined
  const definition = state.taskDefinitions[task.settings.taskDefinitionArn]?.definition
  return {
    taskArn: task.arn,
    deploymentId: task.deploymentId ?? '',
    taskDefinitionArn: task.settings.taskDefinitionArn,
    address,
    ports: (definition?.containerDefinitions ?? []).flatMap(({ name = '', portMappings = [] }) =>
      portMappings.flatMap(({ containerPort, protocol = 'tcp' }) =>
        containerPort ? [{ container: name, containerPort, protocol }] : [],
      ),
    ),
    startedAt: task.startedAt,
  }
}
