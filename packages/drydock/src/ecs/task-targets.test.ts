/** Services behind load balancers, with a load balancer that answers when and what the test wants. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { EcsEffect } from './effects.ts'
import { limitsOf } from './rollout.ts'
import { tasksOfService } from './service-counts.ts'
import type { EcsState, ServiceRecord, TargetHealthNote, TaskRecord } from './state.ts'
import { goodReport, type Rehearsal, rehearse, type Watch } from './testing.ts'

const GROUPS = ['arn:blue', 'arn:green']
const PERCENTS = [
  [100, 200],
  [50, 100],
  [0, 100],
  [75, 125],
  [50, 150],
] as const

type Happening =
  | { kind: 'scale'; count: number }
  | { kind: 'deploy' | 'redirect' | 'settle' }
  | { kind: 'configure'; percents: (typeof PERCENTS)[number] }
  | { kind: 'check'; which: number; state: 'healthy' | 'unhealthy' }
  | { kind: 'drained' | 'exit' | 'stop' | 'answer'; which: number }
  | { kind: 'wait'; ms: number }

const which = fc.nat({ max: 50 })
const state = fc.constantFrom('healthy', 'healthy', 'unhealthy')
const happening = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('answer'), which }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('check'), which, state }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('drained', 'drained', 'exit', 'stop'), which }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('wait'), ms: fc.constantFrom(75, 500, 31_000) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom('settle', 'settle', 'deploy', 'redirect') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('scale'), count: fc.nat({ max: 5 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('configure'), percents: fc.constantFrom(...PERCENTS) }),
  },
) as fc.Arbitrary<Happening>
const stories = fc.array(happening, { minLength: 1, maxLength: 60 })
const graces = fc.constantFrom(0, 30)

interface Target {
  readonly targetGroupArn: string
  readonly address: string
  readonly port: number
  state: TargetHealthNote['state']
}

/** A load balancer that does only what it is told to. */
function standInBalancer(stage: () => Rehearsal) {
  const targets = new Map<string, Target>()
  const keyOf = ({ targetGroupArn, address, port }: Omit<Target, 'state'>) =>
    `${targetGroupArn} ${address}:${port}`
  const tell = ({ state, ...of }: Target) =>
    stage().report({ kind: 'target-health', ...of, health: { state } })
  const pick = (index: number, states: readonly Target['state'][]) => {
    const found = [...targets.values()].filter(({ state }) => states.includes(state))
    return found[index % Math.max(found.length, 1)]
  }
  const drain = (target: Target) => {
    targets.delete(keyOf(target))
    tell({ ...target, state: 'unused' })
  }
  return {
    targets,
    /** Does what it is asked; nothing else answers these effects. */
    answer(effect: EcsEffect): boolean {
      if (effect.kind === 'register-target') {
        const { kind: _, containerPort: port, ...place } = effect
        targets.set(keyOf({ ...place, port }), { ...place, port, state: 'initial' })
        const health = { state: 'initial' } as const
        stage().answer(effect, { ...place, kind: 'target-registered', containerPort: port, port, health })
      } else if (effect.kind === 'deregister-target') {
        const { kind: _, ...of } = effect
        const target = targets.get(keyOf(of))
        if (target) target.state = 'draining'
        const health = { state: target ? ('draining' as const) : ('unused' as const) }
        stage().answer(effect, { kind: 'target-health', ...of, health })
      } else return false
      return true
    },
    check(index: number, state: 'healthy' | 'unhealthy') {
      const target = pick(index, ['initial', 'healthy', 'unhealthy'])
      if (target) tell(Object.assign(target, { state }))
    },
    endDraining(index: number) {
      const target = pick(index, ['draining'])
      if (target) drain(target)
    },
    /** All is well: what drains is done, what is there is healthy. */
    settle() {
      for (const target of [...targets.values()]) {
        if (target.state === 'draining') drain(target)
        else tell(Object.assign(target, { state: 'healthy' }))
      }
    },
    stateOf: (task: TaskRecord) =>
      (task.targets ?? []).map(({ targetGroupArn, containerPort: port }) => {
        const { address = '' } = task.network
        return targets.get(keyOf({ targetGroupArn, address, port }))?.state ?? 'unused'
      }),
  }
}

type Balancer = ReturnType<typeof standInBalancer>

/** Every task has an address of its own. */
function answer(stage: Rehearsal, balancer: Balancer, effect: EcsEffect): void {
  if (balancer.answer(effect)) return
  const report = goodReport(effect)
  const isPlace = report?.kind === 'task-provisioned'
  stage.answer(effect, isPlace ? { ...report, address: `10.${report.taskArn.slice(-6)}` } : report)
}

const theService = ({ services }: EcsState): ServiceRecord => {
  const [service] = Object.values(services)
  if (!service) throw new Error('There is no service')
  return service
}

const live = (state: EcsState) =>
  tasksOfService(state, theService(state)).filter(({ desiredStatus }) => desiredStatus === 'RUNNING')

/** Tasks that the load balancer sends requests to, by its own word. */
const inService = (state: EcsState, balancer: Balancer) =>
  live(state).filter(
    (task) => task.lastStatus === 'RUNNING' && balancer.stateOf(task).every((each) => each === 'healthy'),
  ).length

const usesOf = (arns: readonly string[]) =>
  arns.map((targetGroupArn) => ({ targetGroupArn, containerName: 'app', containerPort: 80 }))

function begin(graceSeconds: number, watchWith?: (balancer: Balancer, state: () => EcsState) => Watch) {
  let stage: Rehearsal | undefined
  const theStage = () => {
    if (!stage) throw new Error('The stage is not set')
    return stage
  }
  const balancer = standInBalancer(theStage)
  stage = rehearse(watchWith?.(balancer, () => theStage().state))
  stage.call('CreateCluster', {})
  stage.call('RegisterTaskDefinition', {
    ...{ family: 'app', networkMode: 'awsvpc', requiresCompatibilities: ['FARGATE'], cpu: '256' },
    memory: '512',
    containerDefinitions: [{ name: 'app', image: 'app:1', portMappings: [{ containerPort: 80 }] }],
  })
  stage.call('CreateService', {
    ...{ serviceName: 'app', taskDefinition: 'app', desiredCount: 3, loadBalancers: usesOf(GROUPS) },
    healthCheckGracePeriodSeconds: graceSeconds,
    networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
  })
  for (const effect of stage.asked()) answer(stage, balancer, effect)
  return { stage, balancer }
}

function settle(stage: Rehearsal, balancer: Balancer, rounds: number, ms: number): void {
  for (let round = 0; round < rounds; round++) {
    for (const effect of stage.asked()) answer(stage, balancer, effect)
    balancer.settle()
    stage.advance(ms)
  }
}

function play(stage: Rehearsal, balancer: Balancer, what: Happening): void {
  const update = (input: object) => stage.call('UpdateService', { service: 'app', ...input })
  const tasks = Object.values(stage.state.tasks).filter(({ lastStatus }) => lastStatus === 'RUNNING')
  const task = 'which' in what ? tasks[what.which % Math.max(tasks.length, 1)] : undefined
  switch (what.kind) {
    case 'scale':
      update({ desiredCount: what.count })
      break
    case 'deploy':
      update({ forceNewDeployment: true })
      break
    case 'redirect': {
      const { length } = theService(stage.state).deployments[0]?.loadBalancers ?? []
      update({ loadBalancers: usesOf(GROUPS.slice(0, length === 1 ? 2 : 1)) })
      break
    }
    case 'configure': {
      const [minimumHealthyPercent, maximumPercent] = what.percents
      update({ deploymentConfiguration: { minimumHealthyPercent, maximumPercent } })
      break
    }
    case 'answer': {
      const effect = stage.asked()[what.which % Math.max(stage.asked().length, 1)]
      if (effect) answer(stage, balancer, effect)
      break
    }
    case 'check':
      balancer.check(what.which, what.state)
      break
    case 'drained':
      balancer.endDraining(what.which)
      break
    case 'exit':
      if (task) stage.report({ kind: 'container-exited', taskArn: task.arn, container: 'app', exitCode: 1 })
      break
    case 'stop':
      if (task) stage.call('StopTask', { task: task.arn })
      break
    case 'wait':
      stage.advance(what.ms)
      break
    case 'settle':
      settle(stage, balancer, 6, 500)
      break
  }
}

test('no stop leaves fewer than minimumHealthyPercent in service, no start more than maximumPercent', () => {
  fc.assert(
    fc.property(graces, stories, (grace, story) => {
      const watchWith =
        (balancer: Balancer, state: () => EcsState): Watch =>
        (action, perform) => {
          if (action.kind !== 'service') return perform()
          const service = theService(state())
          const { minimum, maximum } = limitsOf(service.desiredCount, service.deploymentConfiguration)
          const before = inService(state(), balancer)
          perform()
          const kinds = action.plan.steps.map(({ kind }) => kind)
          if (kinds.includes('start-tasks')) expect(live(state()).length).toBeLessThanOrEqual(maximum)
          expect(inService(state(), balancer)).toBeGreaterThanOrEqual(Math.min(before, minimum))
        }
      const { stage, balancer } = begin(grace, watchWith)
      for (const what of story) play(stage, balancer, what)
    }),
    { numRuns: 1000 },
  )
})

test('no program is told to end while a load balancer may still send it requests, unless its task has failed', () => {
  fc.assert(
    fc.property(graces, stories, (grace, story) => {
      const { stage, balancer } = begin(grace)
      const known = new Set<EcsEffect>()
      for (const what of story) {
        play(stage, balancer, what)
        for (const effect of stage.asked()) {
          const isNew = !known.has(effect)
          known.add(effect)
          if (!isNew || effect.kind !== 'signal-container') continue
          const task = stage.state.tasks[effect.taskArn]
          if (!task || task.stopCode === 'EssentialContainerExited') continue
          expect(new Set(balancer.stateOf(task))).toEqual(new Set(['unused']))
        }
      }
    }),
    { numRuns: 400 },
  )
})

test('after any story the service is whole, and only its own tasks are registered', () => {
  fc.assert(
    fc.property(graces, stories, (grace, story) => {
      const { stage, balancer } = begin(grace)
      for (const what of story) play(stage, balancer, what)
      const service = theService(stage.state)
      const { minimum, maximum } = limitsOf(service.desiredCount, service.deploymentConfiguration)
      fc.pre(maximum > service.desiredCount || minimum < service.desiredCount || service.desiredCount === 0)
      settle(stage, balancer, 100, 10_000)
      expect(service.deployments).toMatchObject([{ status: 'PRIMARY', rolloutState: 'COMPLETED' }])
      expect(inService(stage.state, balancer)).toBe(service.desiredCount)
      const uses = service.deployments[0]?.loadBalancers?.length ?? 0
      expect(balancer.targets.size).toBe(service.desiredCount * uses)
    }),
    { numRuns: 200 },
  )
})
