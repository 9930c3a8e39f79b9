/** What holds the house up: who may import whom, what core may not touch, and how large a file or function may grow. */
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { exportedValues, functionLengths, importsOf, violationsOf } from './architecture.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const filesIn = (pattern: string) => globSync(pattern, { cwd: root, exclude: ['**/node_modules/**'] })
const sources = filesIn('{packages,functions,stacks}/**/*.{ts,tsx}')
const everything = [...sources, ...filesIn('{tests,bench}/**/*.ts'), ...filesIn('*.ts')]
const read = (file: string) => readFileSync(join(root, file), 'utf8')

test('every file keeps to the import rules and to purity', () => {
  expect(sources.length).toBeGreaterThan(50)
  expect(sources.flatMap((file) => violationsOf(file, read(file)))).toEqual([])
})

describe.each<[string, string, string, string]>([
  [
    'core imports Node',
    'packages/core/src/x.ts',
    "import { readFileSync } from 'node:fs'",
    'core may not import node:fs',
  ],
  [
    'core imports AWS',
    'packages/core/src/x.ts',
    "import * as ecs from '@aws-sdk/client-ecs'",
    'core may not import @aws-sdk/client-ecs',
  ],
  [
    'core imports aws',
    'packages/core/src/x.ts',
    "import { connect } from '@capstan/aws'",
    'core may not import @capstan/aws',
  ],
  [
    'core reads the clock',
    'packages/core/src/x.ts',
    'export const now = Date.now()',
    'core may not use Date.now',
  ],
  [
    'core makes today',
    'packages/core/src/x.ts',
    'export const now = new Date()',
    'core may not use new Date()',
  ],
  [
    'core throws dice',
    'packages/core/src/x.ts',
    'export const n = Math.random()',
    'core may not use Math.random',
  ],
  [
    'the engine knows the product',
    'packages/drydock/src/x.ts',
    "import { explain } from '@capstan/core/explain.ts'",
    'drydock may not import @capstan/core/explain.ts',
  ],
  [
    'the engine knows it by a path',
    'packages/drydock/src/x.ts',
    "import { explain } from '../../core/src/explain.ts'",
    'drydock may not import packages/core/src/explain.ts',
  ],
  [
    'a service imports another',
    'packages/drydock/src/ecs/x.ts',
    "import { send } from '../sqs/messages.ts'",
    'drydock/ecs may not import packages/drydock/src/sqs/messages.ts',
  ],
  [
    'aws imports the engine',
    'packages/aws/src/x.ts',
    "import { startDrydock } from '@capstan/drydock'",
    'aws may not import @capstan/drydock',
  ],
  [
    'a door talks to AWS itself',
    'functions/x.ts',
    "import { ECSClient } from '@aws-sdk/client-ecs'",
    'functions may not import @aws-sdk/client-ecs',
  ],
  [
    'a stack imports a door',
    'stacks/x.ts',
    "import { handler } from '../functions/image-pushed.ts'",
    'stacks may not import functions/image-pushed.ts',
  ],
  [
    'zod is imported whole',
    'packages/aws/src/x.ts',
    "import { z } from 'zod/mini'",
    'zod is imported as `import * as z`',
  ],
  [
    "zod's large form, of which half would be in each bundle",
    'packages/core/src/x.ts',
    "import * as z from 'zod'",
    'core may not import zod',
  ],
  [
    'an import at run time',
    'packages/core/src/x.ts',
    "export const fs = await import('node:fs')",
    'core may not import node:fs',
  ],
])('a planted violation is found: %s', (_, file, text, expected) => {
  test('and named', () => {
    expect(violationsOf(file, text)).toEqual([`${file}: ${expected}`])
  })
})

test.each([
  [
    'packages/core/src/x.ts',
    "import semver from 'semver'\nimport * as z from 'zod/mini'\nconst d = new Date(1)",
  ],
  [
    'functions/x.ts',
    "import { defineHandler } from '@capstan/aws/handler.ts'\nimport { explain } from '@capstan/core/explain.ts'",
  ],
  ['functions/x.ts', "import config from '../capstan.config.ts'"],
  ['stacks/x.ts', "import { rules } from '../functions/rules.ts'"],
  [
    'packages/drydock/src/host/x.ts',
    "import { ecs } from '../ecs/index.ts'\nimport { createServer } from 'node:http'",
  ],
  [
    'packages/cli/src/x.ts',
    "import { startDrydock } from '@capstan/drydock'\nimport { connect } from '@capstan/aws'",
  ],
])('what is allowed in %s is not a violation: %s', (file, text) => {
  expect(violationsOf(file, text)).toEqual([])
})

test('no file is longer than 400 lines, no function longer than 60', () => {
  const long = everything.filter((file) => read(file).split('\n').length > 401)
  expect(long).toEqual([])
  const functions = everything
    .filter((file) => !file.endsWith('.test.ts'))
    .flatMap((file) =>
      functionLengths(read(file)).map(({ name, lines }) => ({ at: `${file} ${name}`, lines })),
    )
  expect(functions.filter(({ lines }) => lines > 60)).toEqual([])
})

test('a planted function of 61 lines is found', () => {
  const text = `export function long() {\n${'  work()\n'.repeat(59)}}\n`
  expect(functionLengths(text)).toEqual([{ name: 'long', lines: 61 }])
})

test('what is exported is used by another file', () => {
  const texts = new Map(everything.map((file) => [file, read(file)]))
  const isUsed = (name: string, home: string) =>
    [...texts].some(([file, text]) => file !== home && new RegExp(`\\b${name}\\b`).test(text))
  // The doors are AWS Lambda's to call.
  const homes = [...texts].filter(([file]) => !file.startsWith('functions/'))
  const unused = homes.flatMap(([file, text]) =>
    exportedValues(text)
      .filter((name) => !isUsed(name, file))
      .map((name) => `${file} ${name}`),
  )
  expect(unused).toEqual([])
})

test('a planted export is found', () => {
  const text =
    'export const a = 1\nexport function b() {}\nexport class C {}\nexport interface D {}\nconst e = 1'
  expect(exportedValues(text)).toEqual(['a', 'b', 'C'])
})

test('packages name what they import, and nothing more', () => {
  for (const name of ['core', 'aws', 'drydock', 'cli']) {
    const { dependencies = {}, devDependencies = {} } = JSON.parse(read(`packages/${name}/package.json`))
    const files = sources.filter((file) => file.startsWith(`packages/${name}/`))
    const imported = (tests: boolean) =>
      new Set(
        files
          .filter((file) => tests || !/\.test\.ts$|\/testing\.ts$/.test(file))
          .flatMap((file) => importsOf(read(file)))
          .filter((from) => !from.startsWith('.') && !from.startsWith('node:'))
          .map((from) =>
            from
              .split('/')
              .slice(0, from.startsWith('@') ? 2 : 1)
              .join('/'),
          ),
      )
    const shared = new Set(['vitest', 'fast-check', `@capstan/${name}`])
    const unnamed = [...imported(true)].filter(
      (p) => !shared.has(p) && !dependencies[p] && !devDependencies[p],
    )
    const onlyDeveloped = [...imported(false)].filter((p) => !shared.has(p) && !dependencies[p])
    expect({ name, unnamed, onlyDeveloped }).toEqual({ name, unnamed: [], onlyDeveloped: [] })
  }
})

test('relative imports stay inside the repository', () => {
  const outside = sources.flatMap((file) =>
    importsOf(read(file))
      .filter((from) => from.startsWith('.'))
      .map((from) => relative(root, join(root, dirname(file), from)))
      .filter((path) => path.startsWith('..')),
  )
  expect(outside).toEqual([])
})
