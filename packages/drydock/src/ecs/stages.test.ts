import type { DeploymentConfiguration } from '@aws-sdk/client-ecs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Stage } from './shift-state.ts'
import { actionOf, productionSteps, stageAfter, waitMsOf } from './stages.ts'

test.each<[DeploymentConfiguration, number[]]>([
  [{ strategy: 'BLUE_GREEN' }, [100]],
  [{ strategy: 'CANARY' }, [5, 100]],
  [{ strategy: 'CANARY', canaryConfiguration: { canaryPercent: 0.1 } }, [0.1, 100]],
  [{ strategy: 'CANARY', canaryConfiguration: { canaryPercent: 100 } }, [100]],
  [{ strategy: 'LINEAR' }, [10, 20, 30, 40, 50, 60, 70, 80, 90, 100]],
  [{ strategy: 'LINEAR', linearConfiguration: { stepPercent: 30 } }, [30, 60, 90, 100]],
  [{ strategy: 'LINEAR', linearConfiguration: { stepPercent: 33.4 } }, [33.4, 66.8, 100]],
  [{ strategy: 'LINEAR', linearConfiguration: { stepPercent: 100 } }, [100]],
])('%j shifts %j', (configuration, steps) => {
  expect(productionSteps(configuration)).toEqual(steps)
})

test('linear steps grow by one step each, and end with all', () => {
  fc.assert(
    fc.property(fc.integer({ min: 30, max: 1000 }), (tenths) => {
      const stepPercent = tenths / 10
      const steps = productionSteps({ strategy: 'LINEAR', linearConfiguration: { stepPercent } })
      expect(steps.at(-1)).toBe(100)
      for (const [index, percent] of steps.slice(0, -1).entries())
        expect(percent).toBeCloseTo(stepPercent * (index + 1), 6)
      expect(100 - (steps.at(-2) ?? 0)).toBeLessThanOrEqual(stepPercent + 1e-6)
    }),
  )
})

function walk(steps: readonly number[], direction: 'forward' | 'back', from: Stage): string[] {
  const seen: string[] = []
  for (let at: ReturnType<typeof stageAfter> = { stage: from, step: 0 }; at; ) {
    const action = actionOf({ ...at, steps, direction })
    seen.push(action?.kind === 'shift' ? `${at.stage} ${action.production ?? action.test}` : at.stage)
    at = stageAfter({ ...at, steps, direction })
  }
  return seen
}

test('a canary goes through the stages in the documented order, and twice through the production shift', () => {
  expect(walk([5, 100], 'forward', 'PRE_SCALE_UP')).toEqual([
    'PRE_SCALE_UP',
    'SCALE_UP',
    'POST_SCALE_UP',
    'TEST_TRAFFIC_SHIFT 100',
    'POST_TEST_TRAFFIC_SHIFT',
    'PRE_PRODUCTION_TRAFFIC_SHIFT',
    'PRODUCTION_TRAFFIC_SHIFT 5',
    'PRE_PRODUCTION_TRAFFIC_SHIFT',
    'PRODUCTION_TRAFFIC_SHIFT 100',
    'POST_PRODUCTION_TRAFFIC_SHIFT',
    'BAKE_TIME',
    'CLEAN_UP',
  ])
})

test('a rollback takes all traffic back before it cleans up', () => {
  expect(walk([5, 100], 'back', 'PRODUCTION_TRAFFIC_SHIFT')).toEqual([
    'PRODUCTION_TRAFFIC_SHIFT 0',
    'TEST_TRAFFIC_SHIFT 0',
    'CLEAN_UP',
  ])
})

const CANARY: DeploymentConfiguration = { strategy: 'CANARY', bakeTimeInMinutes: 7 }

test.each<[Stage, number, number]>([
  ['PRODUCTION_TRAFFIC_SHIFT', 0, 10],
  ['PRODUCTION_TRAFFIC_SHIFT', 1, 0],
  ['BAKE_TIME', 1, 7],
  ['SCALE_UP', 0, 0],
])('%s of step %i lasts at least %i minutes in a canary', (stage, step, minutes) => {
  expect(waitMsOf({ stage, step, steps: [5, 100], direction: 'forward' }, CANARY)).toBe(minutes * 60_000)
  expect(waitMsOf({ stage, step, steps: [5, 100], direction: 'back' }, CANARY)).toBe(0)
})
