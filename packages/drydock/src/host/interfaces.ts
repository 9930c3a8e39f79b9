/** Where ECS and EC2 meet: EC2 is told of the network interfaces of tasks when it is asked for them, and never before. */

import { arnOf } from '../arn.ts'
import type { Ec2Effect, TaskInterface } from '../ec2/effects.ts'
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
  }
}

function interfacesOf(
  driver: Pick<TaskDriver, 'publicAddressOf'>,
  scope: Scope,
  engine: Engine,
  ids: ReadonlySet<string> | undefined,
): TaskInterface[] {
  if (!engine.loaded().includes('ecs')) return []
  const state = engine.state('ecs', scope)
  return Object.values(state.tasks)
    .filter(({ network }) => !ids || ids.has(network.interfaceId))
    .filter((task) => hasInterface(task, state))
    .map((task) => interfaceOf(task, scope, driver))
}

/** It is there from when the task gets its address until that is given back. */
function hasInterface({ network, settings }: TaskRecord, { taskDefinitions }: EcsState): boolean {
  if (network.phase !== 'ready' && network.phase !== 'releasing') return false
  const { networkMode } = taskDefinitions[settings.taskDefinitionArn]?.definition ?? {}
  return networkMode === 'awsvpc'
}

function interfaceOf(
  { network, settings, createdAt, availabilityZone }: TaskRecord,
  scope: Scope,
  driver: Pick<TaskDriver, 'publicAddressOf'>,
): TaskInterface {
  const { interfaceId: id, attachmentId, subnetId, macAddress, address = '' } = network
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
    ...(assignPublicIp === 'ENABLED' && { publicAddress: driver.publicAddressOf(address) }),
  }
}
