import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nameRecord, nameView, publication, source, task, WEB } from './builders.ts'
import { decideDiscovery } from './decide.ts'
import { heldSettings, unclearSources } from './held.ts'
import { targetName } from './names.ts'
import { after, told, writesOf } from './testing.ts'
import type { DiscoverySettings, OwnedRecord, Publication, PublishedTask } from './view.ts'
import { DiscoveryWorld, type Reach, type Step } from './world.ts'

const at = (name: string, ttl = 10): Publication => publication({ target: { kind: 'dns', name }, ttl })
const settings = (publications: readonly Publication[], problems: readonly string[] = []) =>
  ({ source: WEB, from: 'tags', publications, problems }) satisfies DiscoverySettings
const MISTAKE = ['The tag capstan:dns-ttl cannot be "soon".']

test.each([
  ['without problems hold as they are', settings([at('a')]), [at('b')], [at('a')]],
  ['without problems release what they name no more', settings([]), [at('a')], []],
  ['with a mistake hold as they were understood', settings([], MISTAKE), [at('a', 5)], [at('a', 5)]],
  ['hold as far as they are understood now', settings([at('a', 7)], MISTAKE), [at('a')], [at('a', 7)]],
  [
    'with a mistake in one of two entries hold in the other as it was',
    settings([at('b')], MISTAKE),
    [at('a', 5), at('b', 5)],
    [at('b'), at('a', 5)],
  ],
  ['that were never understood ask for nothing', settings([], MISTAKE), undefined, []],
])('settings %s', (_, now, understood, expected) => {
  expect(heldSettings(now, understood)).toEqual({ ...now, publications: expected })
})

const names = fc.subarray(['a', 'b', 'c'])
/** Settings as somebody writes them one after the other: some names, of which some have a mistake. */
const written = fc.array(
  fc.record({ names, wrong: names, ttl: fc.nat(3) }).map(({ names: all, ttl, wrong }) => {
    const mistakes = all.filter((name) => wrong.includes(name))
    const rest = all.filter((name) => !wrong.includes(name)).map((name) => at(name, ttl))
    return settings(
      rest,
      mistakes.map((name) => `${name} is wrong.`),
    )
  }),
)

test('no mistake takes a name away, and settings without one hold at once, whatever was before', () => {
  fc.assert(
    fc.property(written, (story) => {
      let understood: readonly Publication[] = []
      for (const now of story) {
        const held = heldSettings(now, understood)
        expect(held.publications).toEqual(expect.arrayContaining([...now.publications]))
        if (now.problems.length === 0) expect(held).toEqual(now)
        else {
          const asked = new Map(held.publications.map((each) => [targetName(each.target), each]))
          expect(asked.size).toBe(held.publications.length)
          for (const before of understood) expect(asked.has(targetName(before.target))).toBe(true)
        }
        understood = held.publications
      }
    }),
  )
})

const task5 = fc.nat(4)
const life = fc.record({
  do: fc.constantFrom<'run' | 'stop' | 'end'>('run', 'run', 'stop', 'end'),
  task: task5,
})
const looks = fc.record({
  do: fc.constant('deliver' as const),
  event: fc.nat(3),
  reach: fc.constantFrom<Reach>('nothing', 'writes', 'end'),
})
const steps = fc.array(fc.oneof<fc.Arbitrary<Step>[]>(life, looks), { maxLength: 30 })

test('what holds is written as if there were no mistake: nobody who serves goes, and nobody stays who does not', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('dns' as const, 'cloud-map' as const),
      steps,
      fc.boolean(),
      (kind, story, verifies) => {
        const world = new DiscoveryWorld(kind)
        for (const step of story) world.run(step)
        const view = world.view(verifies)
        const mistaken = { ...view, problems: MISTAKE }
        expect(writesOf(decideDiscovery(mistaken))).toEqual(writesOf(decideDiscovery(view)))
        expect(decideDiscovery(mistaken)).toContainEqual(
          expect.objectContaining({ reason: 'invalid-settings' }),
        )
      },
    ),
  )
})

const ownedOf = ({ id }: PublishedTask): OwnedRecord => ({
  ...{ name: 'web.example.com', type: 'A', setIdentifier: `capstan-${id}`, ttl: 10 },
  ...{ values: ['10.0.0.1'], task: id, state: 'written' },
})

test('a task that is forgotten while settings have a mistake is taken out all the same', () => {
  const record = nameRecord({ owned: [ownedOf(task(1))] })
  const view = nameView({ sources: [source([])], problems: MISTAKE, record })
  expect(told(decideDiscovery(view))).toContain('deregister gone')
  expect(told(decideDiscovery(after(view)))).toEqual(['skip invalid-settings', 'skip no-task'])
})

test('what is of a source that was never understood stays, beside those that are', () => {
  const api = { cluster: 'prod', group: 'service:api' }
  const wrong: DiscoverySettings = { source: api, from: 'tags', publications: [], problems: MISTAKE }
  const record = nameRecord({ sources: [WEB, api], owned: [ownedOf(task(1)), ownedOf(task(9))] })
  expect(unclearSources(record, [WEB], [settings([at('a')]), wrong])).toEqual([api])
  expect(unclearSources(record, [WEB, api], [settings([at('a')]), wrong])).toEqual([])
  expect(unclearSources(undefined, [], [wrong])).toEqual([])
  const view = nameView({ sources: [source([task(1)])], problems: MISTAKE, unclear: [api], record })
  expect(told(decideDiscovery(view))).toEqual(['skip invalid-settings'])
  expect(told(decideDiscovery({ ...view, unclear: [] }))).toContain('deregister gone')
})
