import { Failure } from '@capstan/core/failure.ts'
import type { Hold, ServiceRecord } from '@capstan/core/view.ts'
import { expect, test } from 'vitest'
import { intervene, interventionOf, type Wish } from './interventions.ts'

const bad = `sha256:bad${'0'.repeat(61)}`
const worse = `sha256:dead${'0'.repeat(60)}`
const blank: ServiceRecord = {
  cluster: 'prod',
  service: 'web',
  version: 7,
  repositories: ['web'],
  quarantine: {},
  problems: [],
}
const rolledBack: Hold = { reason: 'rolled-back', since: 5, images: {}, note: 'rolled back' }
const requested: Hold = { ...rolledBack, reason: 'requested', note: 'asked for' }
const pause = { by: 'bo', reason: 'migration', at: 1 }
const author = { by: 'ann', reason: 'it is fixed' }
const when = { at: 1000, id: 'pass.0' }

test.each<[string, Partial<ServiceRecord>, Wish, Partial<ServiceRecord>, string]>([
  [
    'a pause is written down with who and why',
    {},
    { kind: 'pause', by: 'ann', reason: 'migration' },
    { pause: { by: 'ann', reason: 'migration', at: 1000 } },
    'Pauses prod/web, as ann asked: migration.',
  ],
  [
    'a second pause takes the place of the first',
    { pause },
    { kind: 'pause', ...author },
    { pause: { ...author, at: 1000 } },
    'Pauses prod/web, as ann asked: it is fixed.',
  ],
  ['a resume ends the pause', { pause }, { kind: 'resume', ...author }, {}, 'Resumes prod/web, as ann'],
  [
    'a release takes all out of quarantine and ends any hold',
    { quarantine: { [bad]: 'alarm', [worse]: 'crashes' }, hold: requested },
    { kind: 'release', ...author },
    {},
    'Releases sha256:bad000000000, sha256:dead00000000 and the hold on prod/web, as ann asked: it is fixed.',
  ],
  [
    'a release of one digest leaves the others, and ends the hold of a rollback',
    { quarantine: { [bad]: 'alarm', [worse]: 'crashes' }, hold: rolledBack },
    { kind: 'release', digest: 'sha256:bad0', ...author },
    { quarantine: { [worse]: 'crashes' } },
    'Releases sha256:bad000000000 and the hold on prod/web',
  ],
  [
    'a release of one digest leaves a hold that someone asked for',
    { quarantine: { [bad]: 'alarm' }, hold: requested },
    { kind: 'release', digest: bad, ...author },
    { hold: requested },
    'Releases sha256:bad000000000 on prod/web',
  ],
  [
    'a release ends a hold alone',
    { hold: requested },
    { kind: 'release', ...author },
    {},
    'Releases the hold',
  ],
])('%s', (_, before, wish, after, sentence) => {
  const pass = interventionOf({ ...blank, ...before }, wish, when)
  expect(pass).toMatchObject({ expects: 7, begun: [], updates: [] })
  expect(pass?.record).toEqual({ ...blank, version: 8, ...after })
  const [entry] = pass?.decisions ?? []
  expect(entry).toMatchObject({ id: 'pass.0', at: 1000, kind: wish.kind, reason: 'requested' })
  expect(entry?.facts).toMatchObject({ by: wish.by, why: wish.reason })
  expect(entry?.sentence).toContain(sentence)
})

test.each<[string, Wish]>([
  ['resume', { kind: 'resume', ...author }],
  ['release', { kind: 'release', ...author }],
])('%s has nothing to do where it is so already', (_, wish) => {
  expect(interventionOf(blank, wish, when)).toBeUndefined()
})

test.each<[string, string]>([
  ['nosuch', "because 'nosuch' is not quarantined there; it has sha256:bad000000000, sha256:dead00000000"],
  ['sha256:', "because more than one quarantined digest begins with 'sha256:'"],
])('the release of %s is refused with what is quarantined', (digest, why) => {
  const record = { ...blank, quarantine: { [bad]: 'alarm', [worse]: 'crashes' } }
  const release = () => interventionOf(record, { kind: 'release', digest, ...author }, when)
  expect(release).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }))
  expect(release).toThrow(why)
})

const tools = { now: () => 1000, newId: (now: number, version: number) => `${now}-${version}` }

test('a record that changed in between is read again', async () => {
  const versions = [7, 8]
  const written: number[] = []
  const ledger = {
    getService: async () => ({ ...blank, version: versions.shift() ?? 9 }),
    commit: async ({ expects = 0 }: { expects: number | undefined }) => {
      if (expects === 7) throw new Failure('CONFLICT', 'It changed.')
      written.push(expects)
    },
  }
  const { record, entry } = await intervene(ledger, blank, { kind: 'pause', ...author }, tools)
  expect({ version: record.version, written, id: entry?.id }).toEqual({
    version: 9,
    written: [8],
    id: '1000-9.0',
  })
})

test('a service that the ledger does not know is refused', async () => {
  const ledger = { getService: async () => undefined, commit: async () => {} }
  const paused = intervene(ledger, blank, { kind: 'pause', ...author }, tools)
  await expect(paused).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await expect(paused).rejects.toThrow('The ledger has no service prod/web; it knows those')
})
