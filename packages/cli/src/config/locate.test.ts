import type { Path } from '@capstan/core/problem.ts'
import { expect, test } from 'vitest'
import { locator } from './locate.ts'

const TEXT = `
import { elsewhere } from './elsewhere.ts'
const guard = { bake: '10m' } as const
const many = [1, ...elsewhere, 3]
const shared = { web: { track: 'tag:a' }, ['api']: 'off', guard }
const config: Config = ({
  services: { 'prod/web': /* 🙂 */ { track: 'x', guard }, ...shared, ...elsewhere },
  families: make({ worker: {} }),
  freezes: [{ scope: 'all' }, ...elsewhere, { scope: 'prod' }],
  many,
}) satisfies Config
export { config as default }
`

/** What stands where a path leads, cut short. */
const at = (path: Path, text = TEXT) => {
  const { start, end, isWhole } = locator(text)(path)
  return [text.slice(start, end).slice(0, 24), isWhole]
}

test.each<[string, Path, string, boolean]>([
  ['the whole', [], "({\n  services: { 'prod/web'", true],
  ['a quoted key, behind characters of two units', ['services', 'prod/web', 'track'], "track: 'x'", true],
  ['a constant by its short form', ['services', 'prod/web', 'guard', 'bake'], "bake: '10m'", true],
  ['a spread constant', ['services', 'web', 'track'], "track: 'tag:a'", true],
  ['a computed key that is written out', ['services', 'api'], "['api']: 'off'", true],
  ['what another file brings', ['services', 'prod/new', 'track'], '...elsewhere', false],
  [
    'what a call makes',
    ['families', 'worker', 'track'],
    'families: make({ worker: {} })'.slice(0, 24),
    false,
  ],
  ['an element', ['freezes', 0, 'scope'], "scope: 'all'", true],
  ['an element behind a spread', ['freezes', 2, 'scope'], '...elsewhere', false],
  ['an element of a constant', ['many', 0], '1', true],
  ['what is not there', ['guard'], "({\n  services: { 'prod/web'", false],
])('finds %s', (_, path, expected, isWhole) => {
  expect(at(path)).toEqual([expected.slice(0, 24), isWhole])
})

test.each([
  ['export default defineConfig({ guard: 7 })', true],
  ['export default core.defineConfig({ guard: 7 } as Config)', true],
  ['export default Object.freeze(defineConfig({ guard: 7 }))', true],
  ['const all = { guard: 7 }\nexport default all', true],
  ['export const all = { guard: 7 }\nexport default { ...all }', true],
  ['const a = b\nconst b = a\nexport default a', false],
  ['var a = { ...b }\nvar b = { ...a }\nexport default a', false],
  ['export default read()', false],
  ['export const x = 1', false],
  ['', false],
])('%s: %s', (text, isWhole) => {
  expect(locator(text)(['guard']).isWhole).toBe(isWhole)
  if (isWhole) expect(at(['guard'], text)).toEqual(['guard: 7', true])
})
