/** Whatever goes wrong, and however often: the service ends on the newest image that is allowed, or on what was good. */
import fc from 'fast-check'
import { compare } from 'semver'
import { expect, test } from 'vitest'
import { type Behaviour, type Happening, Misfortunes } from './misfortunes.ts'

const operations = [
  'UpdateService',
  'StopServiceDeployment',
  'RegisterTaskDefinition',
  'TransactWriteItems',
  'Query',
  'DescribeServices',
  'DescribeAlarms',
  'DescribeTasks',
  'PutEvents',
]
const push = fc.record({
  kind: fc.constant('push' as const),
  behaviour: fc.constantFrom<Behaviour>('good', 'good', 'rings', 'rings', 'broken'),
  isHigher: fc.constantFrom(true, true, true, false),
})
const events = fc.record({
  kind: fc.constant('events' as const),
  how: fc.constantFrom(
    'lost' as const,
    'late' as const,
    'doubled' as const,
    'reversed' as const,
    'at once' as const,
  ),
})
const time = fc.record({
  kind: fc.constant('time' as const),
  duration: fc.constantFrom('1s' as const, '5s' as const, '15s' as const, '60s' as const, '310s' as const),
})
const calls = fc.record({
  kind: fc.constant('calls' as const),
  how: fc.constantFrom('refused' as const, 'lost' as const),
  operation: fc.constantFrom(...operations),
})
const crash = fc.record({ kind: fc.constant('crash' as const), after: fc.nat(4) })
const word = fc.constantFrom(
  'cold-start',
  'flap',
  'flap',
  'pause',
  'resume',
  'resume',
  'freeze',
  'thaw',
  'thaw',
)
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 5, arbitrary: push },
  { weight: 5, arbitrary: events },
  { weight: 6, arbitrary: time },
  { weight: 2, arbitrary: calls },
  { weight: 2, arbitrary: crash },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('sweep' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: word }) as fc.Arbitrary<Happening> },
)

/** Whether there was never anything to go back to, or the alarm rang already when all this was deployed. */
async function isBeyondHelp(played: Misfortunes): Promise<boolean> {
  const { trouble, unverifiedSince = 0 } = (await played.record()) ?? {}
  if (trouble?.reason === 'already-alarming') return played.alarmSince < unverifiedSince
  return trouble?.reason === 'nothing-to-roll-back-to'
}

async function expectRightEnd(played: Misfortunes): Promise<void> {
  const { fleet, images } = played
  const record = await played.record()
  const running = await played.running()
  expect(await fleet.deadLetters()).toEqual([])
  expect(fleet.engine.faults).toEqual([])
  if (await isBeyondHelp(played)) return
  expect(record).not.toHaveProperty('inFlight')
  expect(record).not.toHaveProperty('trouble')
  expect(running?.behaviour).toBe('good')
  expect(record?.good?.map((state) => state.images.app?.digest)).toContain(running?.digest)
  expect(await fleet.serviceNow('web')).toMatchObject({ rolloutState: 'COMPLETED', deployments: 1 })
  const [best] = images
    .filter(({ digest }) => record?.quarantine[digest] === undefined)
    .toSorted((a, b) => compare(b.version, a.version))
  const isFree = (best?.pushedAt ?? 0) > (record?.hold?.since ?? 0)
  if (best && isFree && compare(best.version, running?.version ?? '0.0.0') > 0)
    expect(running?.version).toBe(best.version)
}

function expectNothingForbidden(
  { images, told }: Misfortunes,
  digestsOf: (deployment: string) => string[],
): void {
  for (const { decision, before, wasFrozen } of told) {
    const { deployment = '', kind } = decision
    if (kind !== 'deploy' && kind !== 'roll-back') continue
    expect(before).not.toHaveProperty('pause')
    if (kind === 'roll-back') continue
    expect(wasFrozen).toBe(false)
    for (const digest of digestsOf(deployment)) {
      expect(Object.keys(before?.quarantine ?? {})).not.toContain(digest)
      const { pushedAt = 0 } = images.find((image) => image.digest === digest) ?? {}
      if (before?.hold) expect(pushedAt).toBeGreaterThan(before.hold.since)
    }
  }
}

async function expectTold(played: Misfortunes): Promise<void> {
  const { fleet, told } = played
  const deployments = await fleet.capstan.ledger.listDeployments({ cluster: 'default', service: 'web' }, 1000)
  const digestsOf = (id: string) =>
    deployments.find((each) => each.id === id)?.changes.map(({ to }) => to.digest) ?? []
  expectNothingForbidden(played, digestsOf)
  for (const { decision } of told) expect(decision.sentence).toMatch(/^[A-Z].*\.$/s)
  const explained = new Set(told.map(({ decision }) => decision.deployment))
  for (const { id } of deployments) expect(explained).toContain(id)
  const causes = told.flatMap(({ decision: { kind, reason, facts } }) =>
    kind === 'roll-back' && reason !== 'unfinished-intent' ? [facts.cause] : [],
  )
  expect(new Set(causes).size).toBe(causes.length)
}

test('whatever goes wrong, a service ends well, nothing forbidden is done, and everything is told', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.boolean(),
      fc.array(happening, { minLength: 6, maxLength: 25 }),
      async (breaker, all) => {
        await using played = await Misfortunes.start(breaker)
        for (const each of all) await played.play(each)
        await played.settle()
        await expectTold(played)
        await expectRightEnd(played)
      },
    ),
    { numRuns: 8 },
  )
}, 180_000)
