/** The command as a user's CI runs it. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { checkout } from '../config-file.ts'
import { exitCodes } from '../exit.ts'

const home = mkdtempSync(join(tmpdir(), 'capstan-config-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

/** Runs `capstan config check` in a folder of its own. */
function check(...args: string[]) {
  const program = join(checkout, 'packages', 'cli', 'bin', 'capstan.js')
  return spawnSync(process.execPath, [program, 'config', 'check', ...args], { cwd: home, encoding: 'utf8' })
}

test('a config that is right is right', () => {
  const { status, stdout, stderr } = check()
  expect({ status, stdout }).toEqual({ status: exitCodes.done, stdout: '' })
  expect(stderr).toMatch(/capstan\.config\.ts is right\.\n$/)
})

test('a config that is wrong fails, with its lines for people and for programs', () => {
  writeFileSync(
    join(home, 'fleet.ts'),
    "export default {\n  services: { web: 'semver:one' },\n  guard: 'on',\n}\n",
  )
  const { status, stdout, stderr } = check('--config', 'fleet.ts')
  expect(stdout.split('\n').map((line) => line.replace(/; .*/, ''))).toEqual([
    'fleet.ts:2:15: The entry "default/web": "one" is not a range of versions',
    'fleet.ts:3:3: The config file: guard cannot be "on"',
    '',
  ])
  expect({ status, stderr }).toEqual({ status: exitCodes.failed, stderr: '2 problems in fleet.ts.\n' })
  const { problems } = JSON.parse(check('--config', 'fleet.ts', '--json').stdout)
  expect(problems).toMatchObject([
    { line: 2, column: 15, path: ['services', 'web'] },
    { line: 3, column: 3, path: ['guard'] },
  ])
})

test('a config that is not there is named wrongly', () => {
  const { status, stderr } = check('--config', 'nowhere.ts')
  expect(status).toBe(exitCodes.usedWrongly)
  expect(stderr).toContain("There is no file 'nowhere.ts'.")
})

test('an import that only TypeScript could do without is told, since nobody can run it', () => {
  symlinkSync(join(checkout, 'node_modules'), join(home, 'node_modules'))
  const text =
    "import { CapstanConfig } from '@capstan/core/config.ts'\nexport default { services: {} } as CapstanConfig\n"
  writeFileSync(join(home, 'typed.ts'), text)
  expect(check('--config', 'typed.ts').stdout).toMatch(
    /^typed\.ts:1:1: .*throws when it is run: .*CapstanConfig/,
  )
})
