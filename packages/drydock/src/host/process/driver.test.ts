import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { ContainerSpec } from '../../ecs/effects.ts'
import type { Exit, PulledImage } from '../driver.ts'
import { type ProcessDriverOptions, processDriver } from './driver.ts'
import { imageOf, isRunning, processes, until } from './testing.ts'

const tcp = (containerPort: number) => ({ containerPort, protocol: 'tcp' }) as const

/** A driver of the running test, with a way to run an image's program in a task of its own. */
function setUp(options: ProcessDriverOptions = {}) {
  const lines = new Map<string, string[]>()
  const driver = processDriver({
    ...options,
    onOutput: (taskArn, _, line) => void lines.get(taskArn)?.push(line),
  })
  onTestFinished(() => driver.close())
  const run = async (taskArn: string, image: PulledImage, spec: Partial<ContainerSpec> = {}) => {
    const address = await driver.provision(taskArn)
    lines.set(taskArn, lines.get(taskArn) ?? [])
    const exited = Promise.withResolvers<Exit>()
    const container = { name: 'web', image: 'web:1', environment: {}, ports: [], ...spec }
    await driver.start({ taskArn, spec: container, image, onExit: exited.resolve })
    const output = () => lines.get(taskArn) ?? []
    return {
      address,
      exited: exited.promise,
      output,
      says: (line: string) => until(() => output().includes(line)),
    }
  }
  return { driver, run }
}

/** A program that answers with its name on port 8080, listening in the way that `listen` says. */
const server = (listen: string) => `
import { createServer } from 'node:http'
const server = createServer((_, response) => response.end(process.env.NAME))
server.listen(${listen})
server.on('listening', () => console.log('listening at ' + server.address().address))
`

test('two tasks answer at the same port, each at its own address', async () => {
  const { run } = setUp()
  const image = await imageOf({ 'app/main.mjs': server('8080') }, { Cmd: ['node', 'main.mjs'] })
  const named = (NAME: string) => ({ environment: { NAME }, ports: [tcp(8080)] })
  const [a, b] = [await run('t/a', image, named('a')), await run('t/b', image, named('b'))]
  await Promise.all([a, b].map((task) => task.says(`listening at ${task.address}`)))
  expect(await (await fetch(`http://${a.address}:8080`)).text()).toBe('a')
  expect(await (await fetch(`http://${b.address}:8080`)).text()).toBe('b')
})

test.each([
  ['no host', '8080'],
  ['no host, but a callback', '8080, () => {}'],
  ['a port as text', "'8080'"],
  ['all addresses', "8080, '0.0.0.0'"],
  ['all IPv6 addresses', "{ port: 8080, host: '::', ipv6Only: true }"],
  ['a backlog', '8080, 100, () => {}'],
  ['an undefined host', '8080, undefined, () => {}'],
  ['options without a host', '{ port: 8080 }'],
])("a server that listens with %s listens at the task's address", async (_, listen) => {
  const { run } = setUp()
  const image = await imageOf({ 'app/main.mjs': server(listen) }, { Cmd: ['node', 'main.mjs'] })
  const task = await run('t/a', image, { environment: { NAME: 'a' } })
  await task.says(`listening at ${task.address}`)
  expect(await (await fetch(`http://${task.address}:8080`)).text()).toBe('a')
})

test("a CommonJS server on all addresses listens at the task's address", async () => {
  const { run } = setUp()
  const program = `
    const server = require('node:net').createServer().listen(8080, '0.0.0.0', () => console.log(server.address().address))
  `
  const task = await run('t/a', await imageOf({ 'app/main.cjs': program }, { Cmd: ['node', 'main.cjs'] }))
  await task.says(task.address)
})

test('a server at a chosen address or at a socket file stays there', async () => {
  const { run } = setUp()
  const program = `
    const { createServer } = require('node:net')
    const local = createServer().listen(0, '127.0.0.1', () => console.log(local.address().address))
    const file = createServer().listen('./app.sock', () => console.log(file.address()))
  `
  const task = await run('t/a', await imageOf({ 'app/main.cjs': program }, { Cmd: ['node', 'main.cjs'] }))
  await task.says('127.0.0.1')
  await task.says('./app.sock')
})

test('where tasks share an address their declared ports are moved, for programs that name them too', async () => {
  const { driver, run } = setUp({ sharesAddress: true })
  const image = await imageOf({ 'app/main.mjs': server('8080') }, { Cmd: ['node', 'main.mjs'] })
  for (const name of ['a', 'b']) {
    const { says } = await run(`t/${name}`, image, { environment: { NAME: name }, ports: [tcp(8080)] })
    await says('listening at 127.0.0.1')
    const answer = await fetch(`http://127.0.0.1:${driver.portOf(`t/${name}`, 8080)}`)
    expect(await answer.text()).toBe(name)
  }
})

test("nothing of the engine's environment reaches a program", async () => {
  const { run } = setUp()
  const show = "console.log(Object.keys(process.env).sort().join(' '))"
  const image = await imageOf(
    { 'app/main.js': show },
    { Cmd: ['node', 'main.js'], Env: ['OF_IMAGE=1', 'PATH=/bin'] },
  )
  const task = await run('t/a', image, { environment: { OF_TASK: '1' }, ports: [tcp(80)] })
  await task.exited
  const given = 'DRYDOCK_ADDRESS DRYDOCK_TASK HOME HOST NODE_OPTIONS OF_IMAGE OF_TASK PATH PORT TMPDIR'
  expect(task.output()).toEqual([given])
})

test.each([
  ['with a name that no shell can have', 'spring.profiles-active', 'a'],
  ['with a value of several lines', 'KEY', 'one\n two="2"\n$HOME'],
  ['without a value', 'EMPTY', ''],
  ['that looks like an option', '-u', 'PATH'],
  ['that the watcher uses too', 'abandoned', '1'],
])('a variable %s reaches its program as it is', async (_, name, value) => {
  const { driver, run } = setUp()
  const show = `console.log(JSON.stringify(process.env[${JSON.stringify(name)}]))`
  const task = await run('t/a', await imageOf({ 'app/main.js': show }, { Cmd: ['node', 'main.js'] }), {
    environment: { [name]: value },
  })
  expect(await task.exited).toEqual({ exitCode: 0 })
  expect(driver.recentOutput('t/a', 'web')).toEqual([JSON.stringify(value)])
})

test('a program writes into files of its own, and they go with the task', async () => {
  const { driver, run } = setUp()
  const program = `
    const { writeFileSync, readFileSync } = require('node:fs')
    console.log(readFileSync('data.txt', 'utf8'), process.cwd())
    writeFileSync('data.txt', 'changed')
    writeFileSync(process.env.HOME + '/a', ''), writeFileSync(process.env.TMPDIR + '/a', '')
  `
  const image = await imageOf(
    { 'app/main.js': program, 'app/data.txt': 'fresh' },
    { Cmd: ['node', '/app/main.js'] },
  )
  const [a, b] = [await run('t/a', image), await run('t/b', image)]
  expect([(await a.exited).exitCode, (await b.exited).exitCode]).toEqual([0, 0])
  for (const task of [a, b]) expect(task.output()[0]).toMatch(/^fresh .*\/app$/)
  const folder = a.output()[0]?.replace(/^fresh (.*)\/app$/, '$1') ?? ''
  await driver.release('t/a')
  expect(await readdir(dirname(folder))).toHaveLength(1)
})

test('SIGTERM lets a program end in its own way, and the image may name another signal', async () => {
  const { driver, run } = setUp()
  const program = `
    for (const signal of ['SIGTERM', 'SIGQUIT']) process.on(signal, () => (console.log(signal), process.exit(7)))
    setInterval(() => {}, 60_000)
    console.log('ready')
  `
  for (const [stopSignal, received] of [undefined, 'QUIT'].map(
    (name) => [name, `SIG${name ?? 'TERM'}`] as const,
  )) {
    const config = { Cmd: ['node', 'main.js'], ...(stopSignal ? { StopSignal: stopSignal } : {}) }
    const task = await run(`t/${received}`, await imageOf({ 'app/main.js': program }, config))
    await task.says('ready')
    driver.signal(`t/${received}`, 'web', 'SIGTERM')
    expect(await task.exited).toEqual({ exitCode: 7 })
    expect(task.output()).toContain(received)
  }
})

/** A program that starts a child and a detached grandchild, tells their ids and ends if it is told to. */
const FAMILY = `
  const { spawn } = require('node:child_process')
  const wait = 'setInterval(() => {}, 60000)'
  const child = spawn('node', ['-e', \`
    const { pid } = require('node:child_process').spawn('node', ['-e', '\${wait}'], { detached: true, stdio: 'ignore' })
    console.log(pid)
    \${wait}
  \`], { stdio: ['ignore', 'pipe', 'ignore'] })
  child.stdout.once('data', (grandchild) => {
    console.log('family', process.pid, child.pid, Number(grandchild))
    if (process.env.ENDS) process.exit(0)
  })
`

const pidsIn = (line = '') => line.split(' ').slice(1).map(Number)

test.each([
  ['when the program has ended by itself', { ENDS: '1' }],
  ['when the program was killed', {}],
])('children and detached grandchildren are gone %s', async (_, environment: Record<string, string>) => {
  const { driver, run } = setUp()
  const image = await imageOf({ 'app/main.js': FAMILY }, { Cmd: ['node', 'main.js'] })
  const task = await run('t/a', image, { environment })
  await until(() => task.output().length > 0)
  if (!environment.ENDS) driver.signal('t/a', 'web', 'SIGKILL')
  expect((await task.exited).exitCode).toBe(environment.ENDS ? 0 : 137)
  const pids = pidsIn(task.output()[0])
  expect(pids).toHaveLength(3)
  for (const pid of pids) expect(await isRunning(pid)).toBe(false)
})

test('nothing outlives an engine that is killed with SIGKILL, and no files stay', async () => {
  const image = await imageOf({ 'app/main.js': FAMILY }, { Cmd: ['node', 'main.js'] })
  const script = `
    import { processDriver } from ${JSON.stringify(new URL('driver.ts', import.meta.url).href)}
    const driver = processDriver({ onOutput: (task, container, line) => console.log(line) })
    for (const taskArn of ['t/a', 't/b']) {
      await driver.provision(taskArn)
      const spec = { name: 'web', image: 'web:1', environment: {}, ports: [] }
      await driver.start({ taskArn, spec, image: ${JSON.stringify(image)}, onExit() {} })
    }
  `
  const temporary = await imageOf({})
  const engine = spawn(process.execPath, ['--input-type=module', '-e', script], {
    env: { PATH: process.env.PATH, TMPDIR: temporary.root },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  engine.stdout.setEncoding('utf8').on('data', (data: string) => lines.push(...data.trim().split('\n')))
  await until(() => lines.length === 2)
  const pids = lines.flatMap(pidsIn)
  expect(await Promise.all(pids.map(isRunning))).toEqual(Array(6).fill(true))
  engine.kill('SIGKILL')
  await once(engine, 'exit')
  await until(async () => !(await Promise.all(pids.map(isRunning))).includes(true))
  await until(async () => (await readdir(temporary.root)).length === 0)
})

test('files of an engine that was killed before its first program ran go with the next engine', async () => {
  const temporary = (await imageOf({})).root
  const engine = async (what: string) => {
    const script = `
      import { readdirSync } from 'node:fs'
      import { processDriver } from ${JSON.stringify(new URL('driver.ts', import.meta.url).href)}
      const driver = processDriver()
      await driver.provision('t/a')
      const spec = { name: 'web', image: 'web:1', environment: {}, ports: [] }
      const image = ${JSON.stringify(await imageOf({ 'app/main.js': '' }, { Cmd: ['node', 'main.js'] }))}
      const started = driver.start({ taskArn: 't/a', spec, image, onExit() {} })
      ${what}
    `
    const options = { env: { PATH: process.env.PATH, TMPDIR: temporary }, stdio: 'inherit' } as const
    await once(spawn(process.execPath, ['--input-type=module', '-e', script], options), 'exit')
  }
  await engine(`
    const look = () => readdirSync(process.env.TMPDIR).length ? process.kill(process.pid, 'SIGKILL') : setImmediate(look)
    look()
  `)
  await engine('await started; await driver.close()')
  await until(async () => (await readdir(temporary)).length === 0)
})

test('a program that kills its whole group, watcher and all, ends like any other', async () => {
  const { run } = setUp()
  const image = await imageOf({ 'app/main.js': "process.kill(0, 'SIGKILL')" }, { Cmd: ['node', 'main.js'] })
  expect(await (await run('t/a', image)).exited).toEqual({ exitCode: 137 })
})

test('a program does not outlive its watcher', async () => {
  const { run } = setUp()
  const image = await imageOf({
    'app/main.js': 'console.log("pid", process.pid); setInterval(() => {}, 60_000)',
  })
  const task = await run('t/a', image, { command: ['node', 'main.js'] })
  await until(() => task.output().length > 0)
  const [pid] = pidsIn(task.output()[0])
  const watchers = (await processes()).filter((process) => process.group === pid && process.pid !== pid)
  expect(watchers).toHaveLength(1)
  for (const watcher of watchers) process.kill(watcher.pid, 'SIGKILL')
  expect(await task.exited).toEqual({ exitCode: 137 })
})

test.each([
  ["much without a line's end", "process.stdout.write('x'.repeat(5_000_000))"],
  ['many lines', "for (let i = 0; i < 20_000; i++) console.log('line ' + i)"],
  ['bytes that are no text', "process.stdout.write(require('node:crypto').randomBytes(1_000_000))"],
  ['nothing, its output being closed', "require('node:fs').closeSync(1)"],
])('a program may write %s', async (_, program) => {
  const { driver, run } = setUp()
  const task = await run('t/a', await imageOf({ 'app/main.cjs': program }), { command: ['node', 'main.cjs'] })
  expect(await task.exited).toEqual({ exitCode: 0 })
  expect(driver.recentOutput('t/a', 'web').length).toBeLessThanOrEqual(100)
  for (const line of task.output()) expect(line.length).toBeLessThanOrEqual(16 * 1024)
})

test('the last lines of a program that crashed at once are kept until its task is released', async () => {
  const { driver, run } = setUp()
  const image = await imageOf({ 'app/main.js': "throw new Error('no database')" })
  const task = await run('t/a', image, { command: ['node', 'main.js'] })
  expect(await task.exited).toEqual({ exitCode: 1 })
  expect(driver.recentOutput('t/a', 'web').join('\n')).toContain('Error: no database')
  await driver.release('t/a')
  expect(driver.recentOutput('t/a', 'web')).toEqual([])
})

test('the containers of a task share its address', async () => {
  const { run } = setUp()
  const image = await imageOf({ 'app/main.mjs': server('8080') }, { Cmd: ['node', 'main.mjs'] })
  const web = await run('t/a', image)
  const sidecar = await run('t/a', await imageOf({ 'app/main.mjs': server('9090') }), {
    name: 'sidecar',
    command: ['node', 'main.mjs'],
    environment: { NAME: 'sidecar' },
  })
  expect(sidecar.address).toBe(web.address)
  await until(() => sidecar.output().length === 2)
  expect(await (await fetch(`http://${web.address}:9090`)).text()).toBe('sidecar')
})

test('a declared port that something else holds at all addresses keeps a container from starting', async () => {
  const { driver, run } = setUp()
  const other = createServer().listen(0, '0.0.0.0')
  onTestFinished(() => void other.close())
  await once(other, 'listening')
  const held = other.address()
  const port = typeof held === 'object' && held ? held.port : 0
  const image = await imageOf({ 'app/main.js': '' }, { Cmd: ['node', 'main.js'] })
  const address = await driver.provision('t/a')
  await expect(run('t/a', image, { ports: [tcp(port)] })).rejects.toThrow(
    `CannotStartContainerError: Error response from daemon: bind for ${address}:${port} failed: port is already allocated`,
  )
})

test('a program has no child that it has not started itself', async () => {
  const { run } = setUp()
  const image = await imageOf({
    'app/main.js': 'console.log("pid", process.pid); setInterval(() => {}, 60_000)',
  })
  const task = await run('t/a', image, { command: ['node', 'main.js'] })
  await until(() => task.output().length > 0)
  const [pid] = pidsIn(task.output()[0])
  expect((await processes()).filter((process) => process.parent === pid)).toEqual([])
})

test('close() resolves when even a program that ignores SIGTERM is gone', async () => {
  const { driver, run } = setUp({ closeGraceMs: 50 })
  const stubborn =
    "process.on('SIGTERM', () => {}); console.log('pid', process.pid); setInterval(() => {}, 60_000)"
  const task = await run('t/a', await imageOf({ 'app/main.js': stubborn }), { command: ['node', 'main.js'] })
  await until(() => task.output().length > 0)
  await driver.close()
  expect(await task.exited).toEqual({ exitCode: 137 })
  const [pid = 0] = pidsIn(task.output()[0])
  expect(await isRunning(pid)).toBe(false)
})

test("a health check runs with the container's files, environment, folder and address", async () => {
  const { driver, run } = setUp()
  const image = await imageOf(
    { 'app/main.mjs': server('8080'), 'app/version': '1' },
    { Cmd: ['node', 'main.mjs'] },
  )
  const task = await run('t/a', image, { environment: { NAME: 'a' }, ports: [tcp(8080)] })
  await task.says(`listening at ${task.address}`)
  const probe = `
    const { readFileSync } = require('node:fs')
    if (process.env.NAME !== 'a' || readFileSync('version', 'utf8') !== '1') process.exit(1)
    fetch('http://localhost:8080/').then(async (r) => process.exit((await r.text()) === 'a' ? 0 : 1))`
  expect(await driver.check('t/a', 'web', ['node', '-e', probe], 5000)).toBe(true)
  expect(await driver.check('t/a', 'web', ['node', '-e', 'process.exit(3)'], 5000)).toBe(false)
  expect(await driver.check('t/a', 'web', ['no-such-program'], 5000)).toBe(false)
  expect(task.output()).toEqual([`listening at ${task.address}`])
})

test('a health check that takes too long is killed with all that it has started', async () => {
  const { driver, run } = setUp()
  const image = await imageOf(
    { 'app/main.mjs': 'setInterval(() => {}, 60_000); console.log("up")' },
    { Cmd: ['node', 'main.mjs'] },
  )
  await (await run('t/a', image)).says('up')
  const before = (await processes()).length
  expect(await driver.check('t/a', 'web', ['/bin/sh', '-c', 'sleep 60 & sleep 60'], 100)).toBe(false)
  await until(async () => (await processes()).length <= before)
})

test('a task that is released while it is being checked leaves nothing behind', async () => {
  const { driver, run } = setUp()
  const image = await imageOf(
    { 'app/main.mjs': 'setInterval(() => {}, 60_000); console.log("up")' },
    { Cmd: ['node', 'main.mjs'] },
  )
  await (await run('t/a', image)).says('up')
  const checked = driver.check('t/a', 'web', ['sleep', '60'], 60_000)
  await driver.release('t/a')
  expect(await checked).toBe(false)
})
