/** What every driver promises. The image's program plays by the same variables as the simulated one. */
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Exit, PulledImage, TaskDriver } from './driver.ts'
import { processDriver } from './process/driver.ts'
import { imageOf } from './process/testing.ts'
import { simulatedDriver } from './simulated-driver.ts'

const PROGRAM = `
const { DRYDOCK_EXIT_AFTER, DRYDOCK_EXIT_CODE, DRYDOCK_IGNORE_SIGTERM } = process.env
if (DRYDOCK_IGNORE_SIGTERM === '1') process.on('SIGTERM', () => {})
if (DRYDOCK_EXIT_AFTER) setTimeout(() => process.exit(Number(DRYDOCK_EXIT_CODE)), parseInt(DRYDOCK_EXIT_AFTER, 10))
setInterval(() => {}, 60_000)
console.log('ready')
`

const drivers: Record<TaskDriver['name'], (onReady: (key: string) => void) => TaskDriver> = {
  simulated: () => simulatedDriver({ after: (delayMs, run) => void setTimeout(run, delayMs) }),
  process: (onReady) =>
    processDriver({ closeGraceMs: 100, onOutput: (task, container) => onReady(`${task} ${container}`) }),
}

const task = (id: string) => `arn:aws:ecs:us-east-1:123456789012:task/main/${id}`

describe.each(Object.entries(drivers))('the %s driver', (name, create) => {
  /** A driver of the running test and a way to start containers and to wait for them. */
  async function setUp() {
    const image: PulledImage = await imageOf({ 'app/main.js': PROGRAM }, { Cmd: ['node', 'main.js'] })
    const ready = new Map<string, PromiseWithResolvers<void>>()
    const readiness = (key: string) => {
      const known = ready.get(key) ?? Promise.withResolvers<void>()
      ready.set(key, known)
      return known
    }
    const driver = create((key) => readiness(key).resolve())
    onTestFinished(() => driver.close())
    const exits: Exit[] = []
    /** Starts a container at once and tells of its exit; `ready` is when its program has said so. */
    const start = (taskArn: string, environment: Record<string, string> = {}, container = 'web') => {
      const exited = Promise.withResolvers<Exit>()
      const onExit = (exit: Exit) => {
        exits.push(exit)
        exited.resolve(exit)
      }
      const command = environment.DRYDOCK_START_ERROR ? { command: ['no-such-program'] } : {}
      const spec = { name: container, image: 'web:1', environment, ports: [], ...command }
      const started = driver.start({ taskArn, spec, image, onExit })
      const said = name === 'simulated' ? started : readiness(`${taskArn} ${container}`).promise
      return { started, ready: said, exited: exited.promise }
    }
    return { driver, start, exits }
  }

  test('gives every task one address of its own until it is released', async () => {
    const { driver } = await setUp()
    const [a, b] = [await driver.provision(task('a')), await driver.provision(task('b'))]
    expect(a).not.toBe(b)
    expect(await driver.provision(task('a'))).toBe(a)
    expect(driver.portOf(task('a'), 8080)).toBe(8080)
    expect(driver.publicAddressOf(a)).not.toBe(driver.publicAddressOf(b))
  })

  test('runs a container until SIGTERM ends it', async () => {
    const { driver, start } = await setUp()
    await driver.provision(task('a'))
    const { started, ready, exited } = start(task('a'))
    expect(await started).toMatch(/^a-\d{10}$/)
    await ready
    driver.signal(task('a'), 'web', 'SIGTERM')
    expect(await exited).toEqual({ exitCode: 143 })
  })

  test('does not lose a signal that comes while a container is being started', async () => {
    const { driver, start } = await setUp()
    await driver.provision(task('a'))
    const { exited } = start(task('a'))
    driver.signal(task('a'), 'web', 'SIGTERM')
    expect(await exited).toEqual({ exitCode: 143 })
  })

  test('ends with SIGKILL what does not listen to SIGTERM', async () => {
    const { driver, start, exits } = await setUp()
    await driver.provision(task('a'))
    const { ready, exited } = start(task('a'), { DRYDOCK_IGNORE_SIGTERM: '1' })
    await ready
    driver.signal(task('a'), 'web', 'SIGTERM')
    expect(exits).toEqual([])
    driver.signal(task('a'), 'web', 'SIGKILL')
    expect(await exited).toEqual({ exitCode: 137 })
  })

  test('tells once of a program that ends by itself, with its own code', async () => {
    const { driver, start, exits } = await setUp()
    await driver.provision(task('a'))
    const { exited } = start(task('a'), { DRYDOCK_EXIT_AFTER: '5ms', DRYDOCK_EXIT_CODE: '3' })
    await exited
    driver.signal(task('a'), 'web', 'SIGKILL')
    await driver.release(task('a'))
    expect(exits).toEqual([{ exitCode: 3 }])
  })

  test("throws ECS's reason for a container that does not start, and tells of no exit", async () => {
    const { driver, start, exits } = await setUp()
    await driver.provision(task('a'))
    const { started } = start(task('a'), { DRYDOCK_START_ERROR: 'no such program' })
    await expect(started).rejects.toThrow(/^CannotStartContainerError: /)
    driver.signal(task('a'), 'web', 'SIGKILL')
    await driver.release(task('a'))
    expect(exits).toEqual([])
  })

  test.each([
    ['200', true],
    ['503', false],
  ])('a health check of a program that answers %s passes: %s', async (status, hasPassed) => {
    const { driver, start } = await setUp()
    await driver.provision(task('a'))
    await start(task('a'), { DRYDOCK_HEALTH_STATUS: status }).ready
    const command = ['/bin/sh', '-c', 'test "$DRYDOCK_HEALTH_STATUS" -lt 400']
    expect(await driver.check(task('a'), 'web', command, 2000)).toBe(hasPassed)
    expect(await driver.check(task('a'), 'other', command, 2000)).toBe(false)
    await driver.release(task('a'))
    expect(await driver.check(task('a'), 'web', command, 2000)).toBe(false)
  })

  test('keeps the containers of a task apart', async () => {
    const { driver, start, exits } = await setUp()
    await driver.provision(task('a'))
    const web = start(task('a'))
    const sidecar = start(task('a'), {}, 'sidecar')
    await Promise.all([web.ready, sidecar.ready])
    driver.signal(task('a'), 'web', 'SIGKILL')
    await web.exited
    expect(exits).toHaveLength(1)
    driver.signal(task('a'), 'sidecar', 'SIGTERM')
    expect(await sidecar.exited).toEqual({ exitCode: 143 })
  })

  test('ends what is left of a released task and starts nothing more in it', async () => {
    const { driver, start, exits } = await setUp()
    await driver.provision(task('a'))
    const { started, ready } = start(task('a'))
    await started
    await ready
    await Promise.all([driver.release(task('a')), driver.release(task('a'))])
    expect(exits).toEqual([{ exitCode: 137 }])
    await expect(start(task('a')).started).rejects.toThrow('CannotStartContainerError')
  })

  test('releases a task whose container is still being started', async () => {
    const { driver, start, exits } = await setUp()
    await driver.provision(task('a'))
    const { started } = start(task('a'))
    await driver.release(task('a'))
    await started
    expect(exits).toEqual([{ exitCode: 137 }])
  })

  test('knows nothing of tasks that were never provisioned', async () => {
    const { driver, start } = await setUp()
    driver.signal(task('x'), 'web', 'SIGKILL')
    await driver.release(task('x'))
    await expect(start(task('x')).started).rejects.toThrow('CannotStartContainerError')
  })

  test('ends all tasks when it is closed, politely first, and can then be used again', async () => {
    const { driver, start } = await setUp()
    for (const id of ['a', 'b']) await driver.provision(task(id))
    const [polite, stubborn] = [start(task('a')), start(task('b'), { DRYDOCK_IGNORE_SIGTERM: '1' })]
    await Promise.all([polite.ready, stubborn.ready])
    await driver.close()
    expect([await polite.exited, await stubborn.exited]).toEqual([{ exitCode: 143 }, { exitCode: 137 }])
    await driver.provision(task('a'))
    await start(task('a')).ready
  })
})
