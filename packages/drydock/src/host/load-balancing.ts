/**
 * Where ECS and Elastic Load Balancing meet: tasks are registered and deregistered through the API as it is for clients,
 * and each change of a target is told to ECS. What is told is always the health as it is then, so that nothing that
 * overtakes anything can mislead.
 */
import type { EcsReport, LoadBalancingEffect, TargetGroupFacts } from '../ecs/effects.ts'
import type { TargetHealthNote } from '../ecs/state.ts'
import type { TargetNotice } from '../elb/effects.ts'
import { healthOf } from '../elb/readers.ts'
import type { Engine } from '../engine.ts'
import type { Scope } from '../service.ts'
import type { TaskDriver } from './driver.ts'
import type { Performers } from './effects.ts'
import { answerOf } from './queues.ts'
import { registryFacts } from './registries.ts'

/** The performers of what ECS asks of load balancers, and of what these tell. */
export function loadBalancingEffects(
  driver: Pick<TaskDriver, 'portOf'>,
): Performers<LoadBalancingEffect | TargetNotice> {
  return {
    async 'inspect-target-groups'({ token, request, targetGroupArns, registryArns }, scope, engine) {
      if (targetGroupArns.length) await engine.load('elb')
      const groups = Object.fromEntries(targetGroupArns.flatMap((arn) => factsOf(arn, scope, engine)))
      const registries = await registryFacts(registryArns, scope, engine)
      engine.report('ecs', scope, { kind: 'target-groups-inspected', token, request, groups, registries })
    },

    async 'register-target'({ kind: _, ...place }, scope, engine) {
      const { targetGroupArn, address, taskArn, containerPort } = place
      const port = driver.portOf(taskArn, containerPort)
      const reason = await attempt('RegisterTargets', { targetGroupArn, address, port }, scope, engine)
      const health = healthAt({ targetGroupArn, address, port }, scope, engine)
      const report: EcsReport =
        reason === undefined
          ? { kind: 'target-registered', ...place, port, health }
          : { kind: 'registration-failed', taskArn, targetGroupArn, containerPort, reason }
      engine.report('ecs', scope, report)
    },

    async 'deregister-target'({ kind: _, ...target }, scope, engine) {
      await attempt('DeregisterTargets', target, scope, engine)
      tellHealth(target, scope, engine)
    },

    async 'target-changed'({ targetGroupArn, target }, scope, engine) {
      if (!engine.loaded().includes('ecs')) return
      const colon = target.lastIndexOf(':')
      const address = target.slice(0, colon)
      tellHealth({ targetGroupArn, address, port: Number(target.slice(colon + 1)) }, scope, engine)
    },
  }
}

interface Target {
  readonly targetGroupArn: string
  readonly address: string
  readonly port: number
}

function factsOf(arn: string, scope: Scope, engine: Engine): [string, TargetGroupFacts][] {
  const group = engine.state('elb', scope).targetGroups[arn]
  if (!group) return []
  return [[arn, { targetType: group.targetType, hasLoadBalancer: group.loadBalancerArns.length > 0 }]]
}

/** Runs an operation on a target; returns the message of its refusal, if any. A target group may be gone meanwhile. */
async function attempt(
  operation: 'RegisterTargets' | 'DeregisterTargets',
  { targetGroupArn, address, port }: Target,
  scope: Scope,
  engine: Engine,
): Promise<string | undefined> {
  const input = { TargetGroupArn: targetGroupArn, Targets: [{ Id: address, Port: port }] }
  try {
    await engine.call('elb', scope, operation, input)
    return undefined
  } catch (error) {
    const known = answerOf(error)
    if (!known) throw error
    return known.message
  }
}

function tellHealth(target: Target, scope: Scope, engine: Engine): void {
  engine.report('ecs', scope, { kind: 'target-health', ...target, health: healthAt(target, scope, engine) })
}

function healthAt({ targetGroupArn, address, port }: Target, scope: Scope, engine: Engine): TargetHealthNote {
  const health = healthOf(engine.state('elb', scope), targetGroupArn, `${address}:${port}`)
  const { State: state = 'unused', Description: reason } = health
  return { state: isKnown(state) ? state : 'unused', ...(reason !== undefined && { reason }) }
}

const STATES: readonly string[] = ['initial', 'healthy', 'unhealthy', 'draining', 'unused']
const isKnown = (state: string): state is TargetHealthNote['state'] => STATES.includes(state)
