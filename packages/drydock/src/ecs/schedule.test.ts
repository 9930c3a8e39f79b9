import type { DeploymentConfiguration } from '@aws-sdk/client-ecs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { EcsEffect, EcsReport } from './effects.ts'
import { HEALTHY_AFTER_MS } from './pace.ts'
import { limitsOf } from './rollout.ts'
import { schedule } from './schedule.ts'
import { tasksOfService } from './service-counts.ts'
import type { EcsState, ServiceRecord } from './state.ts'
import { goodReport, type Rehearsal, rehearse, type Watch } from './testing.ts'

const NETWORK = { awsvpcConfiguration: { subnets: ['subnet-1'] } }
const PERCENTS = [
  [100, 200],
  [50, 100],
  [0, 100],
  [75, 125],
  [50, 150],
  [34, 134],
] as const

/** What may happen to a service: by its clients, by its host, by its programs, by time. */
type Happening =
  | { kind: 'scale'; count: number }
  | { kind: 'deploy' | 'force' | 'restart' }
  | { kind: 'configure'; percents: (typeof PERCENTS)[number] }
  | { kind: 'answer'; which: number; isGood: boolean }
  | { kind: 'exit' | 'stop'; which: number }
  | { kind: 'wait'; ms: number }
  /** The host catches up with all it was asked, while a little time passes; or fails at all that can fail. */
  | { kind: 'catch-up' | 'go-wrong'; ms: number }

const which = fc.nat({ max: 50 })
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('answer'), which, isGood: fc.boolean() }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('wait'), ms: fc.constantFrom(1, 75, 500, 31_000) }) },
  { weight: 9, arbitrary: fc.record({ kind: fc.constant('catch-up'), ms: fc.constantFrom(75, 400, 2_000) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('exit', 'stop'), which }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('deploy', 'force') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart') }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('scale'), count: fc.nat({ max: 6 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('configure'), percents: fc.constantFrom(...PERCENTS) }),
  },
) as fc.Arbitrary<Happening>

/** The service of a rehearsal; each has one. */
function theService(state: EcsState): ServiceRecord {
  const [service] = Object.values(state.services)
  if (!service) throw new Error('There is no service')
  return service
}

const live = (state: EcsState) =>
  tasksOfService(state, theService(state)).filter(({ desiredStatus }) => desiredStatus === 'RUNNING')

/** Counted anew from times, not from what the scheduler has noted. */
const healthyCount = (state: EcsState, now: number) =>
  live(state).filter((t) => t.lastStatus === 'RUNNING' && (t.startedAt ?? now) + HEALTHY_AFTER_MS <= now)
    .length

function register(stage: Rehearsal): void {
  const container = { name: 'app', image: 'app:1' }
  stage.call('RegisterTaskDefinition', {
    family: 'app',
    networkMode: 'awsvpc',
    requiresCompatibilities: ['FARGATE'],
    cpu: '256',
    memory: '512',
    containerDefinitions: [container],
  })
}

function stageWithService(watch?: Watch, deploymentConfiguration?: DeploymentConfiguration): Rehearsal {
  const stage = rehearse(watch)
  stage.call('CreateCluster', {})
  register(stage)
  const service = {
    serviceName: 'app',
    taskDefinition: 'app',
    desiredCount: 3,
    networkConfiguration: NETWORK,
    deploymentConfiguration,
  }
  stage.call('CreateService', service)
  return stage
}

function badReport(effect: EcsEffect): EcsReport | undefined {
  if (effect.kind === 'pull-image') {
    const reason = 'CannotPullContainerError: not found'
    return { kind: 'pull-failed', taskArn: effect.taskArn, container: effect.container, reason }
  }
  if (effect.kind === 'start-container') {
    const reason = 'CannotStartContainerError: no such file'
    return { kind: 'start-failed', taskArn: effect.taskArn, container: effect.container.name, reason }
  }
  return goodReport(effect)
}

function play(stage: Rehearsal, what: Happening): void {
  const update = (input: object) => stage.call('UpdateService', { service: 'app', ...input })
  const tasks = Object.values(stage.state.tasks).filter(({ lastStatus }) => lastStatus !== 'STOPPED')
  switch (what.kind) {
    case 'scale':
      update({ desiredCount: what.count })
      break
    case 'deploy':
      register(stage)
      update({ taskDefinition: 'app' })
      break
    case 'force':
      update({ forceNewDeployment: true })
      break
    case 'restart':
      for (const effect of stage.asked()) stage.answer(effect, undefined)
      stage.report({ kind: 'host-restarted' })
      break
    case 'configure': {
      const [minimumHealthyPercent, maximumPercent] = what.percents
      update({ deploymentConfiguration: { minimumHealthyPercent, maximumPercent } })
      break
    }
    case 'answer': {
      const effect = stage.asked()[what.which % Math.max(stage.asked().length, 1)]
      if (effect) stage.answer(effect, (what.isGood ? goodReport : badReport)(effect))
      break
    }
    case 'exit': {
      const running = tasks.filter(({ containers }) => containers[0]?.phase === 'running')
      const task = running[what.which % Math.max(running.length, 1)]
      if (task) stage.report({ kind: 'container-exited', taskArn: task.arn, container: 'app', exitCode: 1 })
      break
    }
    case 'stop': {
      const task = tasks[what.which % Math.max(tasks.length, 1)]
      if (task) stage.call('StopTask', { task: task.arn })
      break
    }
    case 'wait':
      stage.advance(what.ms)
      break
    case 'catch-up':
    case 'go-wrong':
      for (let round = 0; round < 6; round++) {
        const report = what.kind === 'catch-up' ? goodReport : badReport
        for (const effect of stage.asked()) stage.answer(effect, report(effect))
        stage.advance(what.ms)
      }
      break
  }
}

/** Answers everything well and lets time pass, until nothing is left to do but to wait for hours. */
function comeToRest(stage: Rehearsal): void {
  for (let round = 0; round < 400; round++) {
    for (const effect of stage.asked()) stage.answer(effect, goodReport(effect))
    stage.advance(10_000)
  }
}

/** Whether the percentages leave a deployment any step. */
function canMove({ desiredCount, deploymentConfiguration }: ServiceRecord): boolean {
  const { minimum, maximum } = limitsOf(desiredCount, deploymentConfiguration)
  return maximum > desiredCount || minimum < desiredCount || desiredCount === 0
}

const happenings = fc.array(happening, { minLength: 1, maxLength: 60 })

test('starts never exceed maximumPercent, stops never go below minimumHealthyPercent', () => {
  fc.assert(
    fc.property(happenings, (story) => {
      let stage: Rehearsal | undefined
      const watch: Watch = (action, perform) => {
        if (action.kind !== 'service' || !stage) return perform()
        const { state } = stage
        const service = theService(state)
        const { minimum, maximum } = limitsOf(service.desiredCount, service.deploymentConfiguration)
        const before = healthyCount(state, stage.now())
        perform()
        const kinds = action.plan.steps.map(({ kind }) => kind)
        if (kinds.includes('start-tasks')) expect(live(state).length).toBeLessThanOrEqual(maximum)
        if (kinds.includes('stop-tasks')) {
          expect(healthyCount(state, stage.now())).toBeGreaterThanOrEqual(Math.min(before, minimum))
        }
      }
      stage = stageWithService(watch)
      for (const what of story) play(stage, what)
    }),
    { numRuns: 400 },
  )
})

test('after any story the service comes to rest at its desired count on the newest definition', () => {
  fc.assert(
    fc.property(happenings, (story) => {
      const stage = stageWithService()
      for (const what of story) play(stage, what)
      const service = theService(stage.state)
      fc.pre(canMove(service))
      comeToRest(stage)
      const [primary, ...old] = service.deployments
      expect(old).toEqual([])
      expect(primary).toMatchObject({ status: 'PRIMARY', rolloutState: 'COMPLETED' })
      expect(live(stage.state).map(({ lastStatus, deploymentId }) => ({ lastStatus, deploymentId }))).toEqual(
        Array.from({ length: service.desiredCount }, () => ({
          lastStatus: 'RUNNING',
          deploymentId: primary?.id,
        })),
      )
      expect(Object.keys(service.taskArns)).toHaveLength(service.desiredCount)
      expect(service.events[0]?.message).toBe('(service app) has reached a steady state.')
    }),
    { numRuns: 200 },
  )
})

test('when all that is due is done nothing is due, and asking changes nothing', () => {
  fc.assert(
    fc.property(happenings, (story) => {
      const stage = stageWithService()
      for (const what of story) {
        play(stage, what)
        const before = JSON.stringify(stage.state)
        expect(stage.due()).toEqual([])
        expect(schedule(stage.state, stage.now())).toEqual(schedule(stage.state, stage.now()))
        expect(JSON.stringify(stage.state)).toBe(before)
      }
    }),
    { numRuns: 150 },
  )
})

test("each task's version grows by one with each event, and its status never goes back", () => {
  const order = [
    'PROVISIONING',
    'PENDING',
    'ACTIVATING',
    'RUNNING',
    'DEACTIVATING',
    'STOPPING',
    'DEPROVISIONING',
    'STOPPED',
  ]
  fc.assert(
    fc.property(happenings, (story) => {
      const stage = stageWithService()
      for (const what of story) play(stage, what)
      const last = new Map<string, { version: number; lastStatus: string }>()
      for (const { detailType, detail } of stage.events) {
        if (detailType !== 'ECS Task State Change') continue
        const event = detail as { taskArn: string; version: number; lastStatus: string }
        const before = last.get(event.taskArn) ?? { version: 0, lastStatus: '' }
        expect(event.version).toBe(before.version + 1)
        expect(order.indexOf(event.lastStatus)).toBeGreaterThan(order.indexOf(before.lastStatus))
        last.set(event.taskArn, event)
      }
    }),
    { numRuns: 150 },
  )
})

test('no count is ever negative, and the deployments account for every task', () => {
  fc.assert(
    fc.property(happenings, (story) => {
      const stage = stageWithService()
      for (const what of story) {
        play(stage, what)
        const { services } = stage.call('DescribeServices', { services: ['app'] }) as {
          services: { runningCount: number; pendingCount: number; deployments: Record<string, number>[] }[]
        }
        const [service] = services
        const sumOf = (key: string) => (service?.deployments ?? []).reduce((sum, d) => sum + (d[key] ?? 0), 0)
        expect(sumOf('runningCount')).toBe(service?.runningCount)
        expect(sumOf('pendingCount')).toBe(service?.pendingCount)
        for (const d of service?.deployments ?? []) {
          expect(
            Math.min(d.desiredCount ?? -1, d.runningCount ?? -1, d.pendingCount ?? -1),
          ).toBeGreaterThanOrEqual(0)
        }
      }
    }),
    { numRuns: 150 },
  )
})

const breakers = fc.record({
  enable: fc.constant(true),
  rollback: fc.boolean(),
  resetOnHealthyTask: fc.boolean(),
  thresholdConfiguration: fc.record({
    type: fc.constantFrom('COUNT', 'BOUNDED_PERCENT', 'UNBOUNDED_PERCENT'),
    value: fc.integer({ min: 1, max: 5 }),
  }),
})

/** As other stories, but the host fails at much of what it is asked, so that rollbacks fail too. */
const misfortune = fc.record({ kind: fc.constant('go-wrong'), ms: fc.constantFrom(75, 2_000) })
const roughHappenings = fc.array(fc.oneof(happening, misfortune as fc.Arbitrary<Happening>), {
  maxLength: 40,
})

test('what the circuit breaker has failed starts no task, and is rolled back only to what was complete', () => {
  fc.assert(
    fc.property(breakers, roughHappenings, (deploymentCircuitBreaker, story) => {
      let stage: Rehearsal | undefined
      const watch: Watch = (action, perform) => {
        perform()
        if (action.kind !== 'service' || !stage) return
        const steps = action.plan.steps.filter(({ kind }) => kind === 'start-tasks')
        for (const step of steps) {
          const startedFor = 'deploymentId' in step ? step.deploymentId : ''
          expect(failedIds(stage)).not.toContain(startedFor)
        }
      }
      stage = stageWithService(watch, { deploymentCircuitBreaker })
      play(stage, { kind: 'catch-up', ms: 2_000 })
      play(stage, { kind: 'deploy' })
      for (const what of story) play(stage, what)
      comeToRest(stage)
      expectRollbacksInOrder(stage, deploymentCircuitBreaker.rollback)
      const service = theService(stage.state)
      fc.pre(canMove(service))
      const [primary] = service.deployments
      expect(primary?.rolloutState).not.toBe('IN_PROGRESS')
      if (primary?.rolloutState !== 'FAILED') return
      expect(primary.failedTasks).toBeGreaterThan(0)
      if (deploymentCircuitBreaker.rollback) expect(service).not.toHaveProperty('lastCompletedRevisionId')
    }),
    { numRuns: 300 },
  )
})

/** The ids of all deployments that were told to have failed. */
const failedIds = (stage: Rehearsal) =>
  rolloutEvents(stage).flatMap(({ eventName, deploymentId }) =>
    eventName === 'SERVICE_DEPLOYMENT_FAILED' ? deploymentId : [],
  )

const rolloutEvents = ({ events }: Rehearsal) =>
  events.flatMap(({ detailType, detail }) =>
    detailType === 'ECS Deployment State Change'
      ? (detail as { eventName: string; deploymentId: string; reason: string })
      : [],
  )

/** A rollback follows a failure at once, and each uses up a completion. */
function expectRollbacksInOrder(stage: Rehearsal, isAllowed: boolean): void {
  let previous = ''
  let canGoBack = false
  for (const { eventName, reason } of rolloutEvents(stage)) {
    if (reason.includes('rolling back')) {
      expect({ isAllowed, previous, canGoBack }).toEqual({
        isAllowed: true,
        previous: 'SERVICE_DEPLOYMENT_FAILED',
        canGoBack: true,
      })
      canGoBack = false
    }
    if (eventName === 'SERVICE_DEPLOYMENT_COMPLETED') canGoBack = true
    previous = eventName
  }
}
