/** Several processes at once: what one of them cannot do for another is not forgotten, and what one has read not undone. */

import { sourceKeeper } from '@capstan/aws/discovery/keep-sources.ts'
import type { DiscoveryLedger } from '@capstan/aws/discovery/ledger.ts'
import { type PublishTools, publish } from '@capstan/aws/discovery/publish.ts'
import { nameRecord, publication, WEB } from '@capstan/core/discovery/builders.ts'
import { targetName } from '@capstan/core/discovery/names.ts'
import type { DiscoverySettings, Target } from '@capstan/core/discovery/view.ts'
import { Failure } from '@capstan/core/failure.ts'
import { expect, test } from 'vitest'
import { DiscoveryTable } from './discovery-table.ts'

const OWN: Target = { kind: 'dns', name: 'own.example.com' }
const LEFT: Target = { kind: 'dns', name: 'left.example.com' }
const look = (target: Target) => ({ target, verifies: false })

/** A process in which looking at `LEFT` fails once; all it finds is that nobody asks for anything. */
function toolsOf({ ledger, now }: DiscoveryTable, looks: Target[]): PublishTools {
  let isLost = false
  const getName: DiscoveryLedger['getName'] = async (target) => {
    if (isLost || targetName(target) !== targetName(LEFT)) return ledger.getName(target)
    isLost = true
    throw new Failure('UNAVAILABLE', 'The ledger does not answer.')
  }
  return {
    ledger: { ...ledger, getName },
    registrar: {
      find: async () => ({ kind: 'zone', id: 'Z1', name: 'example.com', isPrivate: false }),
      read: async (_, targets) => targets.map(() => []),
      write: async (_, names) => names.map(() => ({ kind: 'written' })),
    },
    settingsOf: async (sources) =>
      sources.map((source) => ({ source, from: 'none', publications: [], problems: [] })),
    tasksOf: async () => [],
    targetStates: async () => new Map(),
    lookAgain: async (_, target) => void looks.push(target),
    newHolder: () => 'holder',
    newId: () => 'id',
    now: () => now,
  }
}

test('an errand that another one left and that fails is looked at again soon, and is still in its place', async () => {
  await using made = await DiscoveryTable.start()
  for (const target of [OWN, LEFT]) await made.ledger.commitName(nameRecord({ target, sources: [WEB] }))
  await made.ledger.claim('Z1', [look(LEFT)], 'died', 1000)
  made.now += 2000
  const looks: Target[] = []
  const done = await publish([{ errand: look(OWN), placeId: 'Z1' }], made.now + 60_000, toolsOf(made, looks))
  expect(done.get('own.example.com')?.status).toBe('fulfilled')
  expect(done.get('left.example.com')?.status).toBe('rejected')
  expect(looks).toEqual([LEFT])
  const next = await made.ledger.claim('Z1', [], 'next', 1000)
  expect(next).toMatchObject({ kind: 'held', errands: expect.arrayContaining([look(LEFT)]) })
})

test.each([false, true])(
  'settings that were read before others were kept undo nothing (for a sweep: %s)',
  async (isFresh) => {
    await using made = await DiscoveryTable.start()
    const { ledger, now } = made
    const asking = (target: Target): DiscoverySettings => {
      return { source: WEB, from: 'tags', publications: [publication({ target })], problems: [] }
    }
    const keeper = () =>
      sourceKeeper({ ledger, now: () => now, newId: () => 'id', settingsOf: async () => [asking(OWN)] })
    await keeper()(asking(OWN), true)
    expect(await keeper()(asking(LEFT), isFresh)).toEqual([])
    expect((await ledger.getSource(WEB))?.targets).toEqual([OWN])
  },
)
