/**
 * Where ECS and Cloud Map meet: tasks are registered and deregistered through the API as it is for clients, and ECS is
 * told when that is done.
 */
import type { InstanceNotice } from '../discovery/effects.ts'
import type { InstancePlace, RegistryEffect, RegistryFacts } from '../ecs/effects.ts'
import type { Engine } from '../engine.ts'
import type { Scope } from '../service.ts'
import type { TaskDriver } from './driver.ts'
import type { Performers } from './effects.ts'
import { answerOf } from './queues.ts'

/** The performers of what ECS asks of Cloud Map, and of what this tells. */
export function registryEffects(
  driver: Pick<TaskDriver, 'portOf'>,
): Performers<RegistryEffect | InstanceNotice> {
  /** Which task an instance is of: Cloud Map does not know of tasks. */
  const tasks = new Map<string, string>()
  return {
    async 'register-instance'(effect, scope, engine) {
      const { registryArn, instanceId, taskArn, port, attributes } = effect
      await engine.load('discovery')
      tasks.set(keyOf(registryArn, instanceId), taskArn)
      const Attributes = {
        AWS_INSTANCE_IPV4: effect.address,
        ...(port !== undefined && { AWS_INSTANCE_PORT: String(driver.portOf(taskArn, port)) }),
        ...(serviceOf(registryArn, scope, engine)?.hasCustomHealth && {
          AWS_INIT_HEALTH_STATUS: effect.health,
        }),
        ...attributes,
      }
      const refusal = await attempt('RegisterInstance', effect, { Attributes }, scope, engine)
      if (!refusal) return
      const reason = refusal.message
      engine.report('ecs', scope, { kind: 'instance-refused', taskArn, registryArn, reason })
    },

    async 'tell-instance-health'(effect, scope, engine) {
      const operation = 'UpdateInstanceCustomHealthStatus'
      await attempt(operation, effect, { Status: effect.health }, scope, engine)
    },

    async 'deregister-instance'(effect, scope, engine) {
      const { taskArn, registryArn, instanceId } = effect
      tasks.set(keyOf(registryArn, instanceId), taskArn)
      const refusal = await attempt('DeregisterInstance', effect, {}, scope, engine)
      if (!refusal || refusal.name === 'DuplicateRequest') return
      const reason = refusal.message
      const isGone = refusal.name === 'InstanceNotFound' || refusal.name === 'ServiceNotFound'
      if (isGone) engine.report('ecs', scope, { kind: 'instance-gone', taskArn, registryArn })
      else engine.report('ecs', scope, { kind: 'instance-refused', taskArn, registryArn, reason })
    },

    async 'instance-changed'({ serviceArn: registryArn, instanceId, isRegistered }, scope, engine) {
      const key = keyOf(registryArn, instanceId)
      const taskArn = tasks.get(key)
      if (taskArn === undefined) return
      if (!isRegistered) tasks.delete(key)
      const kind = isRegistered ? 'instance-registered' : 'instance-gone'
      engine.report('ecs', scope, { kind, taskArn, registryArn })
    },

    async 'instance-failed'({ serviceArn: registryArn, instanceId, reason }, scope, engine) {
      const taskArn = tasks.get(keyOf(registryArn, instanceId))
      if (taskArn === undefined) return
      engine.report('ecs', scope, { kind: 'instance-refused', taskArn, registryArn, reason })
    },
  }
}

const keyOf = (registryArn: string, instanceId: string) => `${registryArn} ${instanceId}`

/** What ECS asks before it uses registries: those that exist, by ARN. Loads Cloud Map only where there is something to ask. */
export async function registryFacts(
  registryArns: readonly string[],
  scope: Scope,
  engine: Engine,
): Promise<Record<string, RegistryFacts>> {
  if (registryArns.length) await engine.load('discovery')
  return Object.fromEntries(
    registryArns.flatMap((arn) => {
      const service = serviceOf(arn, scope, engine)
      const recordTypes = service?.dns?.records.map(({ type }) => type) ?? []
      return service ? [[arn, { recordTypes }]] : []
    }),
  )
}

function serviceOf(arn: string, scope: Scope, engine: Engine) {
  const service = engine.state('discovery', scope).services[arn.slice(arn.lastIndexOf('/') + 1)]
  return service?.arn === arn ? service : undefined
}

type Operation = 'RegisterInstance' | 'DeregisterInstance' | 'UpdateInstanceCustomHealthStatus'

/** Runs an operation on a task's instance; returns its refusal, if any: all of it may be gone meanwhile. */
async function attempt(
  operation: Operation,
  { registryArn: ServiceId, instanceId: InstanceId }: InstancePlace,
  more: object,
  scope: Scope,
  engine: Engine,
) {
  try {
    await engine.call('discovery', scope, operation, { ServiceId, InstanceId, ...more })
    return undefined
  } catch (error) {
    const known = answerOf(error)
    if (!known) throw error
    return known
  }
}
