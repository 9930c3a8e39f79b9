/** Container instances as the API lists and describes them. */
import type * as client from '@aws-sdk/client-ecs'
import type { Handlers } from '../wire/handlers.ts'
import { findCluster } from './clusters.ts'
import { containerInstanceArn, instanceIdOf, instancesOf } from './container-instances.ts'
import { invalidParameter } from './errors.ts'
import { ecsArn, shortName } from './names.ts'
import { requestedPage } from './page.ts'
import type { EcsOperationContext, TaskRecord } from './state.ts'

const MOST_DESCRIBED = 100

export const instanceOperations = {
  /** All are ACTIVE: instances of another status are never listed. */
  ListContainerInstances(input, { state }) {
    if (input.filter) throw invalidParameter('Filters of container instances are not implemented.')
    const isListed = input.status === undefined || input.status === 'ACTIVE'
    const tasks = instancesOf(state, findCluster(state, input.cluster)).filter(() => isListed)
    const { items, nextToken } = requestedPage(tasks.map(containerInstanceArn), (arn) => arn, input)
    return { containerInstanceArns: items, nextToken }
  },

  DescribeContainerInstances(input, context) {
    const cluster = findCluster(context.state, input.cluster)
    const wanted = input.containerInstances ?? []
    if (!wanted.length) throw invalidParameter('Container instances cannot be empty.')
    if (wanted.length > MOST_DESCRIBED)
      throw invalidParameter(`At most ${MOST_DESCRIBED} container instances can be described.`)
    const byId = new Map(instancesOf(context.state, cluster).map((task) => [task.id, task]))
    const ids = wanted.map(shortName)
    return {
      containerInstances: ids.flatMap((id) => byId.get(id) ?? []).map(instanceView),
      failures: ids
        .filter((id) => !byId.has(id))
        .map((id) => ({
          arn: ecsArn(context, `container-instance/${cluster.name}/${id}`),
          reason: 'MISSING',
        })),
    }
  },
} satisfies Partial<Handlers<typeof client, EcsOperationContext>>

function instanceView(task: TaskRecord): client.ContainerInstance {
  const isRunning = task.lastStatus === 'RUNNING'
  return {
    containerInstanceArn: containerInstanceArn(task),
    ec2InstanceId: instanceIdOf(task),
    status: 'ACTIVE',
    agentConnected: true,
    runningTasksCount: isRunning ? 1 : 0,
    pendingTasksCount: isRunning || task.desiredStatus === 'STOPPED' ? 0 : 1,
    registeredAt: new Date(task.createdAt),
    version: task.version,
    attributes: [{ name: 'ecs.availability-zone', value: task.availabilityZone }],
    attachments: [],
    registeredResources: [],
    remainingResources: [],
    tags: [],
  }
}
