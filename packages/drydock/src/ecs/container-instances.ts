/**
 * Container instances. Each task that is not Fargate's has one of its own, from when it has an address until it has
 * stopped: nothing of them is kept, and their ids are the task's.
 */
import type { ClusterRecord, EcsState, TaskRecord } from './state.ts'

/** Whether the task runs, or has run, on a container instance. */
export const hasInstance = ({ settings, network }: TaskRecord): boolean =>
  settings.launchType !== 'FARGATE' && network.address !== undefined

/** The ARN of the task's container instance; its id is the task's. */
export const containerInstanceArn = ({ arn }: TaskRecord): string =>
  arn.replace(':task/', ':container-instance/')

/** EC2's id of the task's container instance. */
export const instanceIdOf = ({ id }: TaskRecord): string => `i-${id.slice(0, 17)}`

/** The tasks of a cluster whose container instances are there. */
export function instancesOf(state: EcsState, cluster: ClusterRecord): TaskRecord[] {
  return Object.values(state.tasks).filter(
    (task) => task.clusterArn === cluster.arn && task.lastStatus !== 'STOPPED' && hasInstance(task),
  )
}
