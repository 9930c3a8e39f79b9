import { expect, test } from 'vitest'
import {
  commandOf,
  declaredEnvironment,
  environmentOf,
  reachingTask,
  type Surroundings,
  searchPath,
} from './command.ts'

test.each([
  ["the image's entry point and command", {}, ['entry', 'cmd']],
  ["its own command after the image's entry point", { command: ['own'] }, ['entry', 'own']],
  ["its own entry point without the image's command", { entryPoint: ['start'] }, ['start']],
  ['its own entry point and command', { entryPoint: ['start'], command: ['own'] }, ['start', 'own']],
  ['empty lists as if they were not there', { entryPoint: [], command: [] }, ['entry', 'cmd']],
])('a container runs %s', (_, spec, expected) => {
  expect(commandOf(spec, { Entrypoint: ['entry'], Cmd: ['cmd'] })).toEqual(expected)
})

test('an image may have neither entry point nor command', () => {
  expect(commandOf({}, { Entrypoint: null, Cmd: null })).toEqual([])
})

test("variables of the task definition win over the image's", () => {
  const config = { Env: ['A=image', 'B=x=y', 'C'] }
  expect(declaredEnvironment({ environment: { A: 'task' } }, config)).toEqual({ A: 'task', B: 'x=y', C: '' })
})

test.each([
  [
    "Docker's PATH if none is set",
    {},
    ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'],
  ],
  ['the absolute folders of PATH', { PATH: '/app/bin:node_modules/.bin::/bin' }, ['/app/bin', '/bin']],
])('programs are looked for in %s', (_, declared: Record<string, string>, expected) => {
  expect(searchPath(declared)).toEqual(expected)
})

const surroundings: Surroundings = {
  root: '/tasks/a',
  address: '127.64.0.1',
  port: 8080,
  moved: [],
  path: ['/tasks/a/bin', '/bin'],
  marker: 'a/web/1',
  shim: '/drydock/shim "1".cjs',
}

test('a program gets its address, its port, and folders of its own', () => {
  expect(environmentOf({}, surroundings)).toEqual({
    HOST: '127.64.0.1',
    PORT: '8080',
    HOME: '/tasks/a/root',
    TMPDIR: '/tasks/a/tmp',
    PATH: '/tasks/a/bin:/bin',
    NODE_OPTIONS: '--require "/drydock/shim \\"1\\".cjs"',
    DRYDOCK_ADDRESS: '127.64.0.1',
    DRYDOCK_TASK: 'a/web/1',
  })
})

test.each<[string, Record<string, string>, Partial<Surroundings>, Record<string, string | undefined>]>([
  ['a declared PORT stays', { PORT: '3000' }, {}, { PORT: '3000' }],
  ['a declared HOST stays', { HOST: '127.0.0.1' }, {}, { HOST: '127.0.0.1' }],
  ["a HOST that means all addresses becomes the task's", { HOST: '0.0.0.0' }, {}, { HOST: '127.64.0.1' }],
  [
    'a moved port is told even so',
    { PORT: '3000' },
    { port: 9, moved: [[3000, 9]] },
    { PORT: '9', DRYDOCK_PORTS: '3000:9' },
  ],
  ["HOME lies in the task's files", { HOME: '/home/app' }, {}, { HOME: '/tasks/a/home/app' }],
  ["the engine's marker cannot be set", { DRYDOCK_TASK: 'mine' }, {}, { DRYDOCK_TASK: 'a/web/1' }],
  [
    "declared Node options follow the engine's",
    { NODE_OPTIONS: '-r x' },
    { shim: '/s' },
    { NODE_OPTIONS: '--require "/s" -r x' },
  ],
])('%s', (_, declared, overrides, expected) => {
  expect(environmentOf(declared, { ...surroundings, ...overrides })).toMatchObject(expected)
})

test('a container without TCP ports gets no PORT', () => {
  const { port: _, ...portless } = surroundings
  expect(environmentOf({}, portless)).not.toHaveProperty('PORT')
})

test.each([
  ['curl -f http://localhost:8080/health || exit 1', 'curl -f http://127.0.0.9:8080/health || exit 1'],
  ['http://127.0.0.1/', 'http://127.0.0.9/'],
  ['http://[::1]:80/', 'http://127.0.0.9:4000/'],
  ['pg_isready -h localhost', 'pg_isready -h 127.0.0.9'],
  ['localhost.example.com my-localhost 127.0.0.10', 'localhost.example.com my-localhost 127.0.0.10'],
])('a health check that says %s asks %s', (part, expected) => {
  expect(reachingTask(part, '127.0.0.9', new Map([[80, 4000]]))).toBe(expected)
})
