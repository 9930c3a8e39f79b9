/** Histories in which a rollback does not come through: each was a counterexample once. */
import { expect, test } from 'vitest'
import { type Beginning, History, type Step } from './history.ts'
import { digestsOf, primaryOf } from './world.ts'

const GOOD: Beginning = { breaker: 'off', isVerified: true, hasLog: false }
const look: Step = { do: 'look', health: true, effects: 3 }
const blind: Step = { do: 'look', health: false, effects: 3 }
/** It writes its intent, and is killed. */
const killed: Step = { do: 'look', health: true, effects: 1 }

function push(behaviour: 'good' | 'rings-early' | 'crashes'): Step {
  return { do: 'push', repository: 'web', behaviour, higher: true }
}

function play(...steps: readonly Step[]): History {
  const history = new History(GOOD)
  for (const step of steps) history.run(step)
  return history
}

function settled(history: History) {
  history.settle()
  const { world } = history
  const running = Object.values(digestsOf(world, primaryOf(world).taskDefinitionArn))
  return { behaviours: running.map((digest) => world.behaviours[digest]), running, record: world.record }
}

/** An image is deployed whose alarm rings from then on; the next look at its health rolls it back. */
const RINGS: readonly Step[] = [push('rings-early'), blind, { do: 'advance', ms: 10_000 }, blind]

test('a rollback that was not begun is not taken for done once its good image is deleted', () => {
  const history = play(...RINGS, killed, { do: 'delete-image', which: 0 })
  expect(settled(history).record?.trouble).toMatchObject({ reason: 'nothing-to-roll-back-to' })
})

test('a rollback that was not begun goes to the next good state once its good image is deleted', () => {
  const before: Step[] = [push('good'), look, { do: 'advance', ms: 60_000 }, look]
  const verified: Step[] = [{ do: 'advance', ms: 700_000 }, look]
  const history = play(...before, ...verified, ...RINGS, killed)
  expect(history.world.record?.good).toHaveLength(2)
  const [first] = history.world.images
  history.run({ do: 'delete-image', which: 1 })
  expect(settled(history)).toMatchObject({ behaviours: ['good'], running: [first?.digest] })
})

test.each<[string, readonly Step[], readonly Step[]]>([
  ['before the rollback is seen to have begun', [], []],
  ['after that', [look], []],
  ['after that, seen first without its health', [look], [blind]],
])('someone else who brings the bad image back does not keep it there: %s', (_, before, after) => {
  const rollback: Step[] = [...RINGS, { do: 'advance', ms: 320_000 }, look]
  const history = play(...rollback, ...before, { do: 'foreign' }, ...after)
  expect(settled(history).behaviours).toEqual(['good'])
})

test('a deployment that ECS goes back to, and that was never verified, is gone back from by its alarm', () => {
  const history = play(push('rings-early'), blind, push('crashes'), { ...killed, health: false })
  expect(settled(history).behaviours).toEqual(['good'])
})

test('a bad image that an operator deploys in place of a rollback is gone back from for the same alarm', () => {
  const history = play(...RINGS, look, push('rings-early'), { do: 'request', which: 2, breakGlass: false })
  expect(settled(history).behaviours).toEqual(['good'])
})
