/** Deployments that shift traffic, whatever befalls them: where the traffic ends, and what is stopped before. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { EcsEffect, EcsReport } from './effects.ts'
import { tasksOfService } from './service-counts.ts'
import type { ServiceRecord } from './state.ts'
import { goodReport, type Rehearsal, rehearse, type Watch } from './testing.ts'

const ELB = 'arn:aws:elasticloadbalancing:us-east-1:123456789012'
const ONE = `${ELB}:targetgroup/one/1`
const TWO = `${ELB}:targetgroup/two/2`
const RULE = `${ELB}:listener-rule/app/web/1/2/3`
const TEST_RULE = `${ELB}:listener-rule/app/web/1/2/4`
const ROLE = 'arn:aws:iam::123456789012:role/ecs'

const STRATEGIES = [
  { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 2 },
  { strategy: 'CANARY', canaryConfiguration: { canaryPercent: 7.5, canaryBakeTimeInMinutes: 2 } },
  {
    strategy: 'LINEAR',
    linearConfiguration: { stepPercent: 40, stepBakeTimeInMinutes: 1 },
    bakeTimeInMinutes: 1,
  },
] as const

type Happening =
  | { kind: 'answer'; which: number; isGood: boolean }
  | { kind: 'catch-up' | 'wait'; ms: number }
  | { kind: 'exit'; which: number }
  | { kind: 'sicken' | 'deploy' | 'stop' | 'restart' }
  | { kind: 'alarm'; isOn: boolean }

const which = fc.nat({ max: 50 })
const plain = (kind: 'sicken' | 'deploy' | 'stop' | 'restart', weight: number) => ({
  weight,
  arbitrary: fc.constant<Happening>({ kind }),
})
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('answer' as const), which, isGood: fc.boolean() }) },
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant('catch-up' as const), ms: fc.constantFrom(75, 2_000, 40_000) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1, 5_000, 70_000) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('exit' as const), which }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('alarm' as const), isOn: fc.boolean() }) },
  plain('deploy', 3),
  plain('stop', 2),
  plain('sicken', 1),
  plain('restart', 1),
)

/** A rehearsal with a load balancer and an alarm: what they are, and what they answer. */
class World {
  readonly stage: Rehearsal
  readonly weights: Record<string, Record<string, number>> = {
    [RULE]: { [ONE]: 1, [TWO]: 0 },
    [TEST_RULE]: { [ONE]: 1, [TWO]: 0 },
  }
  isAlarmed = false
  /** Health is that of an address: each task has its own. */
  addresses = 0
  /** Whether new tasks fail the load balancer's checks. */
  isSick = false

  constructor(strategy: (typeof STRATEGIES)[number]) {
    const watch: Watch = (action, perform) => this.watch(action, perform)
    this.stage = rehearse(watch)
    this.stage.call('CreateCluster', {})
    this.register()
    const advancedConfiguration = {
      alternateTargetGroupArn: TWO,
      productionListenerRule: RULE,
      testListenerRule: TEST_RULE,
      roleArn: ROLE,
    }
    this.stage.call('CreateService', {
      serviceName: 'app',
      taskDefinition: 'app',
      desiredCount: 2,
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
      loadBalancers: [
        { targetGroupArn: ONE, containerName: 'app', containerPort: 80, advancedConfiguration },
      ],
      deploymentConfiguration: {
        ...strategy,
        deploymentCircuitBreaker: { enable: true, rollback: true },
        alarms: { enable: true, rollback: true, alarmNames: ['errors'] },
      },
    })
    this.comeToRest()
  }

  get service(): ServiceRecord {
    const [service] = Object.values(this.stage.state.services)
    if (!service) throw new Error('There is no service')
    return service
  }

  register(): void {
    this.stage.call('RegisterTaskDefinition', {
      family: 'app',
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      cpu: '256',
      memory: '512',
      containerDefinitions: [{ name: 'app', image: 'app:1', portMappings: [{ containerPort: 80 }] }],
    })
  }

  /** No task is stopped by the scheduler while its target group has production traffic, unless it has failed. */
  watch(action: Parameters<Watch>[0], perform: () => void): void {
    perform()
    if (action.kind !== 'service') return
    for (const step of action.plan.steps) {
      if (step.kind !== 'stop-tasks') continue
      for (const arn of step.taskArns) {
        const task = this.stage.state.tasks[arn]
        const group = task?.targets?.[0]?.targetGroupArn ?? ''
        if (task?.wasHealthy) expect(this.weights[RULE]?.[group]).toBe(0)
      }
    }
  }

  /** Traffic is changed in the order in which that is asked; the rest is answered in any. */
  answer(effect: EcsEffect | undefined, isGood: boolean): void {
    if (!effect || !this.stage.asked().includes(effect)) return
    const isTraffic = effect.kind === 'inspect-traffic' || effect.kind === 'shift-traffic'
    const first = this.stage
      .asked()
      .find(({ kind }) => kind === 'inspect-traffic' || kind === 'shift-traffic')
    const next = isTraffic && first ? first : effect
    this.stage.answer(next, this.reportOf(next, isGood))
  }

  reportOf(effect: EcsEffect, isGood: boolean): EcsReport | undefined {
    switch (effect.kind) {
      case 'provision-task':
        this.addresses += 1
        return { kind: 'task-provisioned', taskArn: effect.taskArn, address: `10.0.0.${this.addresses}` }
      case 'inspect-traffic':
        return { ...effect, kind: 'traffic-inspected', sights: structuredClone(this.weights) }
      case 'shift-traffic':
        for (const { arn, weights } of effect.shifts) {
          this.weights[arn] = { ...weights }
          const sum = Object.values(weights).reduce((total, weight) => total + weight, 0)
          expect([Object.keys(weights).sort(), [100, 1000].includes(sum)]).toEqual([[ONE, TWO], true])
        }
        return { ...effect, kind: 'traffic-shifted' }
      case 'look-at-alarms': {
        const state = this.isAlarmed ? 'ALARM' : 'OK'
        return { ...effect, kind: 'alarms-seen', alarms: [{ name: 'errors', state, evaluatedMs: 10_000 }] }
      }
      case 'register-target': {
        const good = goodReport(effect)
        const isIll = this.isSick || !isGood
        return good?.kind === 'target-registered' && isIll
          ? { ...good, health: { state: 'unhealthy', reason: 'Health checks failed' } }
          : good
      }
      case 'start-container':
        return isGood
          ? goodReport(effect)
          : {
              kind: 'start-failed',
              taskArn: effect.taskArn,
              container: 'app',
              reason: 'CannotStartContainerError',
            }
      default:
        return goodReport(effect)
    }
  }

  play(what: Happening): void {
    const { stage } = this
    switch (what.kind) {
      case 'answer':
        this.answer(stage.asked()[what.which % Math.max(stage.asked().length, 1)], what.isGood)
        break
      case 'catch-up':
        for (let round = 0; round < 6; round++) {
          for (const effect of stage.asked()) this.answer(effect, true)
          stage.advance(what.ms)
        }
        break
      case 'wait':
        stage.advance(what.ms)
        break
      case 'exit': {
        const running = tasksOfService(stage.state, this.service).filter(
          ({ containers }) => containers[0]?.phase === 'running',
        )
        const task = running[what.which % Math.max(running.length, 1)]
        if (task) stage.report({ kind: 'container-exited', taskArn: task.arn, container: 'app', exitCode: 1 })
        break
      }
      case 'alarm':
        this.isAlarmed = what.isOn
        break
      case 'sicken':
        this.isSick = true
        break
      case 'deploy':
        this.isSick = false
        this.register()
        stage.call('UpdateService', { service: 'app', taskDefinition: 'app' })
        break
      case 'stop':
        this.stop()
        break
      case 'restart':
        for (const effect of stage.asked()) stage.answer(effect, undefined)
        stage.report({ kind: 'host-restarted' })
        break
    }
  }

  stop(): void {
    const [newest] = this.service.serviceDeployments
    const arn = `arn:aws:ecs:us-east-1:123456789012:service-deployment/default/app/${newest?.id}`
    const isOver =
      newest && ['SUCCESSFUL', 'STOPPED', 'ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED'].includes(newest.status)
    if (newest && !isOver) this.stage.call('StopServiceDeployment', { serviceDeploymentArn: arn })
  }

  comeToRest(): void {
    this.isAlarmed = false
    this.isSick = false
    for (let round = 0; round < 150; round++) {
      for (const effect of this.stage.asked()) this.answer(effect, true)
      this.stage.advance(10_000)
    }
  }
}

test('whatever befalls it, one revision ends with all traffic, and nothing that has any was stopped', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...STRATEGIES),
      fc.array(happening, { minLength: 1, maxLength: 40 }),
      (strategy, story) => {
        const world = new World(strategy)
        world.play({ kind: 'deploy' })
        for (const what of story) world.play(what)
        world.comeToRest()
        const { service, stage, weights } = world
        const serving = Object.entries(weights[RULE] ?? {}).flatMap(([arn, weight]) => (weight ? [arn] : []))
        const tasks = tasksOfService(stage.state, service)
        expect(serving).toHaveLength(1)
        expect(tasks.map(({ targets }) => targets?.[0]?.targetGroupArn)).toEqual([serving[0], serving[0]])
        expect(service.deployments).toMatchObject([{ status: 'PRIMARY', rolloutState: 'COMPLETED' }])
        expect(service.serviceDeployments.map(({ status }) => status)).not.toContain('IN_PROGRESS')
        expect(service.serviceDeployments[0]?.status).toMatch(/^(ROLLBACK_)?SUCCESSFUL$/)
      },
    ),
    { numRuns: 100 },
  )
})
