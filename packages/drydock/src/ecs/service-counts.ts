/** A service's tasks, counted as the API counts them: by all, by deployment, by revision. */
import type { RevisionCounts } from './deployment-state.ts'
import type { DeploymentRecord, EcsState, ServiceRecord, TaskRecord } from './state.ts'

/** A service's tasks that have not stopped. */
export function tasksOfService(state: EcsState, service: ServiceRecord): TaskRecord[] {
  return Object.keys(service.taskArns).flatMap((arn) => state.tasks[arn] ?? [])
}

/** RUNNING counts as running; what is on its way there, as pending; what is on its way out, as neither. */
export function countsOf(tasks: readonly TaskRecord[]) {
  const running = tasks.filter(({ lastStatus }) => lastStatus === 'RUNNING').length
  const live = tasks.filter(({ desiredStatus }) => desiredStatus === 'RUNNING').length
  return { runningCount: running, pendingCount: live - running }
}

/** How many tasks a deployment shall have. */
export const desiredCountOf = (service: ServiceRecord, { status, keepCount }: DeploymentRecord) =>
  status === 'PRIMARY' ? service.desiredCount : keepCount

/** The tasks of each revision that a deployment of the service runs, by the revision's id. */
export function countsByRevision(state: EcsState, service: ServiceRecord): Record<string, RevisionCounts> {
  const byDeployment = Map.groupBy(tasksOfService(state, service), ({ deploymentId }) => deploymentId)
  const byRevision = Map.groupBy(service.deployments, ({ revisionId }) => revisionId)
  const counted = [...byRevision].map(([revisionId, deployments]): [string, RevisionCounts] => {
    const counts = countsOf(deployments.flatMap(({ id }) => byDeployment.get(id) ?? []))
    const wanted = deployments.map((deployment) => desiredCountOf(service, deployment))
    const requestedTaskCount = wanted.reduce((sum, count) => sum + count, 0)
    const { runningCount: runningTaskCount, pendingCount: pendingTaskCount } = counts
    return [revisionId, { requestedTaskCount, runningTaskCount, pendingTaskCount }]
  })
  return Object.fromEntries(counted)
}
