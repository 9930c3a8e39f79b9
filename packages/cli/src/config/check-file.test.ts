/** Config files as people get them wrong, checked as `capstan config check` and a deployment check them. */
import { mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkout } from '../config-file.ts'
import { checkConfigFile } from './check-file.ts'
import { parseErrors } from './type-errors.ts'

let home: string
beforeAll(async () => {
  home = await realpath(await mkdtemp(join(tmpdir(), 'capstan-config-')))
  await writeFile(join(home, 'package.json'), '{"type":"module"}')
  await symlink(join(checkout, 'node_modules'), join(home, 'node_modules'))
  await writeFile(join(home, 'elsewhere.ts'), ELSEWHERE)
})
afterAll(() => rm(home, { recursive: true, force: true }))

const ELSEWHERE = `export const shop = { 'prod/shop': 'latest' }
export const wrong: number = 'text'
`
const HEAD = "import { defineConfig } from '@capstan/core/config.ts'\n"
const services = (text: string) => `${HEAD}export default defineConfig({\n  services: {\n${text}\n  },\n})\n`

/** The findings as `line:column sentence`, with the file where it is another. */
async function findingsOf(text: string): Promise<string[]> {
  const file = join(home, `${files++}.config.ts`)
  await writeFile(file, text)
  const findings = await checkConfigFile(file)
  return findings.map((one) => {
    const name = one.file === file ? '' : `${relative(home, one.file)}:`
    return `${name}${one.line}:${one.column} ${one.sentence}`
  })
}
let files = 0

test.each<[string, string, readonly string[]]>([
  ['nothing', services("    'prod/web': { track: 'semver:1.x', guard: { bake: '5m' } },"), []],
  [
    'a wrong type, which is told once',
    services("    'prod/web': { track: 'semver:1.x', guard: { bake: 7 } },"),
    [`4:49 The entry "prod/web": guard.bake cannot be 7; write a duration such as '10m'.`],
  ],
  [
    'an unknown key',
    services("    'prod/web': {\n      trak: 'semver:1.x',\n      guard: 'auto',\n    },"),
    [`5:7 The entry "prod/web" has an unknown key "trak"; write track.`],
  ],
  [
    'what has the right type and cannot be read',
    services("    'prod/web': 'semver:one',"),
    [
      `4:5 The entry "prod/web": "one" is not a range of versions; write semver:1.x, or tag:one to follow that tag.`,
    ],
  ],
  [
    'a wrong type that is right when it is run',
    `${HEAD}const bake: number = '5m'\nexport default defineConfig({ services: {}, guard: { bake: String(bake) } })`,
    [`2:7 Type 'string' is not assignable to type 'number'. (TS2322)`],
  ],
  [
    'several, by their lines',
    `${HEAD}import { shop, wrong } from './elsewhere.ts'
const late = { scope: 'prod', reason: 'x', rule: 'FREQ=DAILY', timeZone: 'Berlin', duration: '1h' }
export default defineConfig({
  guard: 'on',
  services: {
    ...shop,
    'prod/web': { track: 'semver:1.x', ignore: ['['] },
  },
  freezes: [late],
  places: { eu: { account: String(wrong), region: 'eu-west-1' } },
})`,
    [
      `3:64 The config file: freezes[0] cannot be read: there is no time zone "Berlin"; write one such as Europe/Berlin.`,
      `5:3 The config file: guard cannot be "on"; write 'auto', 'watch' or 'off'.`,
      `7:5 The entry "prod/shop": "latest" is not a policy, because it names no kind; write tag:latest to follow that tag. What this line brings in is wrong at services['prod/shop'].`,
      expect.stringMatching(/^8:49 The entry "prod\/web": the glob \[ of ignore does not parse/),
      expect.stringMatching(/^11:19 The config file: place "eu" needs the twelve digits/),
      `elsewhere.ts:2:14 Type 'string' is not assignable to type 'number'. (TS2322)`,
    ],
  ],
  [
    'what does not parse',
    `${HEAD}export default defineConfig({ services: { } `,
    ["2:45 '}' expected. (TS1005)"],
  ],
  [
    'what throws when it is run',
    `${HEAD}const name = process.env.NO_SUCH_THING\nif (!name) throw new Error('NO_SUCH_THING is not set')\nexport default defineConfig({ services: {} })`,
    ['3:18 The config file cannot be read, because it throws when it is run: NO_SUCH_THING is not set.'],
  ],
  [
    'an import of what is not there',
    `import { x } from './nowhere.ts'\nexport default { services: { web: x } }`,
    [expect.stringMatching(/^1:19 Cannot find module '.\/nowhere.ts'.*\(TS2307\)$/)],
  ],
  [
    'no default export',
    `${HEAD}export const config = defineConfig({ services: {} })`,
    ['1:1 The config file exports no default; write export default defineConfig({ services: { … } }).'],
  ],
])('finds %s', async (_, text, expected) => {
  expect(await findingsOf(text)).toEqual(expected)
})

test("the compiler's lines are read, of other folders and of no file too", () => {
  const output = `../a b/c.ts(3,7): error TS2322: Type 'x' is
  not assignable
    to 'y'.\nerror TS5083: Cannot read file.\n`
  expect(parseErrors(output, '/home/config')).toEqual([
    {
      file: '/home/a b/c.ts',
      line: 3,
      column: 7,
      code: 'TS2322',
      message: "Type 'x' is not assignable to 'y'.",
    },
    { file: '/home/config', line: 1, column: 1, code: 'TS5083', message: 'Cannot read file.' },
  ])
})
