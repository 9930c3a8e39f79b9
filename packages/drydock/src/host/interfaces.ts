/** Where ECS and EC2 meet: EC2 is told of the network interfaces of tasks when it is asked for them, and never before. */

import { arnOf } from '../arn.ts'
import type { Ec2Effect, TaskInstance, TaskInterface } from '../ec2/effects.ts'
import { hasInstance, instanceIdOf } from '../ecs/container-instances.ts'
import type { EcsState, TaskRecord } from '../ecs/state.ts'
import type { Engine } from '../engine.ts'
import type { Scope } from '../service.ts'
import type { TaskDriver } from './driver.ts'
import type { Performers } from './effects.ts'

/** The performer of what EC2 asks. */
export function interfaceEffects(driver: Pick<TaskDriver, 'publicAddressOf'>): Performers<Ec2Effect> {
  return {
    async 'find-interfaces'({ token, request, ids }, scope, engine) {
      const interfaces = interfacesOf(driver, scope, engine, ids && new Set(ids))
      engine.report('ec2', scope, { kind: 'interfaces-found', token, request, interfaces })
    },

    async 'find-instances'({ token, input }, scope, engine) {
      const instances = tasksIn(scope, engine)
        .filter(isOnInstance)
        .map((task) => instanceOf(task, driver))
      engine.report('ec2', scope, { kind: 'instances-found', token, input, instances })
    },
  }
}

function interfacesOf(
  driver: Pick<TaskDriver, 'publicAddressOf'>,
  scope: Scope,
  engine: Engine,
  ids: ReadonlySet<string> | undefined,
): TaskInterface[] {
  return tasksIn(scope, engine)
    .filter(({ network }) => !ids || ids.has(network.interfaceId))
    .filter((task) => hasInterface(task, engine.state('ecs', scope)))
    .map((task) => interfaceOf(task, scope, driver))
}

const tasksIn = (scope: Scope, engine: Engine) =>
  engine.loaded().includes('ecs') ? Object.values(engine.state('ecs', scope).tasks) : []

const isThere = ({ network }: TaskRecord) => network.phase === 'ready' || network.phase === 'releasing'
const isOnInstance = (task: TaskRecord) => isThere(task) && hasInstance(task)

/** It is there from when the task gets its address until that is given back. */
function hasInterface(task: TaskRecord, { taskDefinitions }: EcsState): boolean {
  const { settings } = task
  if (!isThere(task)) return false
  const { networkMode } = taskDefinitions[settings.taskDefinitionArn]?.definition ?? {}
  return networkMode === 'awsvpc'
}

function interfaceOf(
  task: TaskRecord,
  scope: Scope,
  driver: Pick<TaskDriver, 'publicAddressOf'>,
): TaskInterface {
  const { network, settings, createdAt, availabilityZone } = task
  const { interfaceId: id, attachmentId, subnetId, macAddress, address = '', ipv6Address } = network
  const { assignPublicIp, securityGroups = [] } = settings.networkConfiguration?.awsvpcConfiguration ?? {}
  return {
    id,
    attachmentId,
    attachmentArn: arnOf('ecs', scope, `attachment/${attachmentId}`),
    createdAt,
    status: network.phase === 'ready' ? 'attached' : 'detaching',
    subnetId,
    securityGroups,
    availabilityZone,
    macAddress,
    address,
    ...(settings.launchType !== 'FARGATE' && { instanceId: instanceIdOf(task) }),
    ...(ipv6Address !== undefined && { ipv6Address }),
    ...(assignPublicIp === 'ENABLED' && { publicAddress: driver.publicAddressOf(address) }),
  }
}

function instanceOf(task: TaskRecord, driver: Pick<TaskDriver, 'publicAddressOf'>): TaskInstance {
  const { network, createdAt, availabilityZone } = task
  const { subnetId, address = '' } = network
  const publicAddress = driver.publicAddressOf(address)
  return { id: instanceIdOf(task), createdAt, subnetId, availabilityZone, address, publicAddress }
}

/**
 * The IPv6 address of a task with an address in a subnet that has such a block. Asks EC2's state only where somebody has
 * used EC2: nobody else can have made that subnet.
 */
export function ipv6AddressIn(
  subnetId: string,
  address: string,
  driver: Pick<TaskDriver, 'ipv6AddressOf'>,
  scope: Scope,
  engine: Engine,
): string | undefined {
  if (!driver.ipv6AddressOf || !engine.loaded().includes('ec2')) return undefined
  const block = engine.state('ec2', scope).subnets[subnetId]?.ipv6?.cidrBlock
  return block === undefined ? undefined : driver.ipv6AddressOf(address, block)
}
