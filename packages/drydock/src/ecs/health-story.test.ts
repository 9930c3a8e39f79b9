import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { EcsEffect } from './effects.ts'
import { limitsOf } from './rollout.ts'
import type { TaskRecord } from './state.ts'
import { goodReport, type Rehearsal, rehearse, type Watch } from './testing.ts'

const PERCENTS = [
  [100, 200],
  [0, 100],
  [50, 150],
] as const

/** A stretch of time in which the checks of some tasks fail: every `failing`th, none where it is 0. */
interface Spell {
  readonly ms: number
  readonly failing: number
  readonly deploys: boolean
}

const spells: fc.Arbitrary<Spell[]> = fc.array(
  fc.record({
    ms: fc.constantFrom(500, 5_000, 20_000),
    failing: fc.constantFrom(0, 0, 1, 2, 3),
    deploys: fc.boolean(),
  }),
  { minLength: 1, maxLength: 12 },
)

const DEFINITION = {
  family: 'app',
  networkMode: 'awsvpc',
  requiresCompatibilities: ['FARGATE'],
  cpu: '256',
  memory: '512',
  containerDefinitions: [
    { name: 'app', image: 'app:1', healthCheck: { command: ['CMD', 'true'], interval: 5, retries: 2 } },
  ],
}

function stageWithService([minimumHealthyPercent, maximumPercent]: readonly [number, number], watch?: Watch) {
  const stage = rehearse(watch)
  stage.call('CreateCluster', {})
  stage.call('RegisterTaskDefinition', DEFINITION)
  stage.call('CreateService', {
    serviceName: 'app',
    taskDefinition: 'app',
    desiredCount: 3,
    networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
    deploymentConfiguration: { minimumHealthyPercent, maximumPercent },
  })
  return stage
}

/** Answers all that is asked; every `failing`th task fails its check. */
function answerAll(stage: Rehearsal, failing: number): void {
  const arns = Object.keys(stage.state.tasks)
  const fails = (effect: EcsEffect) =>
    effect.kind === 'check-health' && failing > 0 && arns.indexOf(effect.taskArn) % failing === 0
  for (const effect of stage.asked()) {
    const report = goodReport(effect)
    stage.answer(
      effect,
      report?.kind === 'health-checked' ? { ...report, hasPassed: !fails(effect) } : report,
    )
  }
}

function play(stage: Rehearsal, { ms, failing, deploys }: Spell): void {
  if (deploys) stage.call('UpdateService', { service: 'app', forceNewDeployment: true })
  for (let round = 0; round < 6; round++) {
    answerAll(stage, failing)
    stage.advance(ms)
  }
}

const live = ({ state }: Rehearsal): TaskRecord[] =>
  Object.values(state.tasks).filter(({ desiredStatus }) => desiredStatus === 'RUNNING')

test('once checks pass again every service comes to rest, whole and healthy', () => {
  fc.assert(
    fc.property(spells, fc.constantFrom(...PERCENTS), (story, percents) => {
      const stage = stageWithService(percents)
      for (const spell of story) play(stage, spell)
      for (let round = 0; round < 20; round++) play(stage, { ms: 5_000, failing: 0, deploys: false })
      const [service] = Object.values(stage.state.services)
      expect(service?.deployments).toMatchObject([{ status: 'PRIMARY', rolloutState: 'COMPLETED' }])
      const tasks = live(stage).map(({ lastStatus, healthStatus }) => ({ lastStatus, healthStatus }))
      expect(tasks).toEqual(
        Array.from({ length: 3 }, () => ({ lastStatus: 'RUNNING', healthStatus: 'HEALTHY' })),
      )
    }),
    { numRuns: 60 },
  )
})

test('replacements never exceed maximumPercent, and only what is UNHEALTHY is stopped for its health', () => {
  fc.assert(
    fc.property(spells, fc.constantFrom(...PERCENTS), (story, percents) => {
      let stage: Rehearsal | undefined
      const watch: Watch = (action, perform) => {
        perform()
        if (action.kind !== 'service' || !stage) return
        const kinds = action.plan.steps.map(({ kind }) => kind)
        const { maximum } = limitsOf(3, { minimumHealthyPercent: percents[0], maximumPercent: percents[1] })
        if (kinds.includes('start-tasks')) expect(live(stage).length).toBeLessThanOrEqual(maximum)
      }
      stage = stageWithService(percents, watch)
      for (const spell of story) play(stage, spell)
      for (const { stoppedReason, healthStatus } of Object.values(stage.state.tasks)) {
        if (stoppedReason === 'Task failed container health checks') expect(healthStatus).toBe('UNHEALTHY')
      }
    }),
    { numRuns: 100 },
  )
})

test("every change of a task's health is told once, with a version of its own", () => {
  fc.assert(
    fc.property(spells, (story) => {
      const stage = stageWithService(PERCENTS[0])
      for (const spell of story) play(stage, spell)
      const last = new Map<string, { version: number; state: string }>()
      for (const { detailType, detail } of stage.events) {
        if (detailType !== 'ECS Task State Change') continue
        const { taskArn, version, lastStatus, healthStatus } = detail as Record<string, string | number>
        const state = `${lastStatus} ${healthStatus}`
        const before = last.get(String(taskArn)) ?? { version: 0, state: '' }
        expect(version).toBe(before.version + 1)
        expect(state).not.toBe(before.state)
        last.set(String(taskArn), { version: Number(version), state })
      }
      for (const task of live(stage)) {
        expect(last.get(task.arn)?.state).toBe(`${task.lastStatus} ${task.healthStatus}`)
      }
    }),
    { numRuns: 100 },
  )
})
