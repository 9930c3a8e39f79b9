/** What the pages say must be so: code that they show is the code, links lead somewhere, the words are the project's. */
import { execFileSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { ownEvent } from '../packages/core/src/own-events.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const pages = globSync('{*.md,docs/**/*.md,packages/*/*.md,examples/**/*.md}', {
  cwd: root,
  exclude: ['**/node_modules/**'],
})

test('the door that the README shows is the door', () => {
  const shown = /<!-- door: (?<file>\S+) -->\n```ts\n(?<code>[\s\S]*?)```/.exec(read('README.md'))?.groups
  expect(shown?.code).toBe(read(shown?.file ?? ''))
})

test('every link within the repository leads to a file', () => {
  expect(pages.length).toBeGreaterThan(10)
  const broken = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !existsSync(join(root, dirname(page), target)))
      .map((target) => `${page}: ${target}`),
  )
  expect(broken).toEqual([])
})

test('every npm script that the pages name is there', () => {
  const { scripts } = JSON.parse(read('package.json'))
  const named = pages.flatMap((page) => [
    ...read(page).matchAll(/npm (?:run )?(start|test|demo|check|bench|format)\b/g),
  ])
  expect([...new Set(named.map(([, script = '']) => script))].filter((script) => !scripts[script])).toEqual(
    [],
  )
})

test('every capstan command that the README names is one', () => {
  const named = [...read('README.md').matchAll(/npx (capstan(?: [a-z]+)+)/g)].map(
    ([, command = '']) => command,
  )
  expect(named.length).toBeGreaterThan(5)
  for (const command of new Set(named)) {
    const words = command.split(' ').slice(1, 3)
    const help = execFileSync(process.execPath, ['packages/cli/bin/capstan.js', ...words, '--help'], {
      cwd: root,
    })
    expect(help.toString()).toContain(`Usage: capstan ${words.join(' ')}`)
  }
})

test('every decision record has its five parts, and none is longer than a page', () => {
  for (const record of pages.filter((page) => /^docs\/decisions\/\d{3}-/.test(page))) {
    const parts = [...read(record).matchAll(/^\*\*([^*]+)\.\*\*/gm)].map(([, part]) => part)
    expect({ record, parts }).toEqual({
      record,
      parts: ['Context', 'Choice', 'Turned down', 'Costs', 'When to revisit'],
    })
    expect({ record, isShort: read(record).split('\n').length <= 50 }).toEqual({ record, isShort: true })
  }
})

test('the events of its own that the page shows are read by their schema, one of each', () => {
  const shown = /## Capstan's own events[\s\S]*?```json\n(?<json>[\s\S]*?)```/.exec(
    read('docs/events.md'),
  )?.groups
  const events: unknown[] = JSON.parse(shown?.json ?? '[]')
  const types = events.map((event) => ownEvent.parse(event)['detail-type'])
  expect(new Set(types).size).toBe(7)
  for (const event of events) expect(ownEvent.parse(event)).toEqual(event)
})
