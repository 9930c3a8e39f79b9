import { expect, test } from 'vitest'
import type { ContainerSpec } from '../ecs/effects.ts'
import type { Exit } from './driver.ts'
import { simulatedDriver } from './simulated-driver.ts'

const arn = (id: string | number) => `arn:aws:ecs:us-east-1:123456789012:task/main/${id}`
const spec = (environment: Record<string, string> = {}): ContainerSpec => {
  return { name: 'web', image: 'web:1', environment, ports: [] }
}

/** A driver, one provisioned task, and the timers that it has set. */
async function setUp() {
  const timers: { delayMs: number; run: () => void }[] = []
  const driver = simulatedDriver({ after: (delayMs, run) => void timers.push({ delayMs, run }) })
  const exits: Exit[] = []
  const taskArn = arn('a1')
  await driver.provision(taskArn)
  const start = (environment?: Record<string, string>) =>
    driver.start({ taskArn, spec: spec(environment), onExit: (exit) => exits.push(exit) })
  return { driver, timers, exits, taskArn, start }
}

test('a container ends by itself after the time and with the code that its environment names', async () => {
  const { start, timers, exits } = await setUp()
  await start({ DRYDOCK_EXIT_AFTER: '5s', DRYDOCK_EXIT_CODE: '3' })
  expect(timers.map((timer) => timer.delayMs)).toEqual([5000])
  timers[0]?.run()
  expect(exits).toEqual([{ exitCode: 3 }])
})

test('a container that was stopped before its time ends only once', async () => {
  const { driver, start, timers, exits, taskArn } = await setUp()
  await start({ DRYDOCK_EXIT_AFTER: '5s' })
  driver.signal(taskArn, 'web', 'SIGTERM')
  timers[0]?.run()
  expect(exits).toEqual([{ exitCode: 143 }])
})

test('a container fails its health check from the time on that its environment names', async () => {
  const { driver, start, timers, taskArn } = await setUp()
  await start({ DRYDOCK_HEALTH_STATUS: '200,503@30s,204@60s' })
  const check = () => driver.check(taskArn, 'web', [], 0)
  expect(timers.map((timer) => timer.delayMs)).toEqual([30_000, 60_000])
  expect(await check()).toBe(true)
  timers[0]?.run()
  expect(await check()).toBe(false)
  expect(driver.answerOf?.('10.0.0.4')).toBe(503)
  expect(driver.answerOf?.(driver.publicAddressOf('10.0.0.4'))).toBe(503)
  timers[1]?.run()
  expect(await check()).toBe(true)
})

test('a container that ignores SIGTERM ends by SIGKILL', async () => {
  const { driver, start, exits, taskArn } = await setUp()
  await start({ DRYDOCK_IGNORE_SIGTERM: '1' })
  driver.signal(taskArn, 'web', 'SIGTERM')
  expect(exits).toEqual([])
  driver.signal(taskArn, 'web', 'SIGKILL')
  expect(exits).toEqual([{ exitCode: 137 }])
})

test.each([
  [{ DRYDOCK_START_ERROR: 'no such device' }, 'CannotStartContainerError: no such device'],
  [{ DRYDOCK_EXIT_AFTER: 'soon' }, 'CannotStartContainerError: DRYDOCK_EXIT_AFTER=soon is no duration'],
  [{ DRYDOCK_HEALTH_STATUS: '20' }, 'CannotStartContainerError: DRYDOCK_HEALTH_STATUS=20 is no HTTP status'],
  [
    { DRYDOCK_HEALTH_STATUS: '200,500@x' },
    'CannotStartContainerError: DRYDOCK_HEALTH_STATUS=x is no duration',
  ],
  [{ DRYDOCK_EXIT_CODE: '256' }, 'CannotStartContainerError: DRYDOCK_EXIT_CODE=256 is no exit code (0-255)'],
])('a container with %o does not start', async (environment, reason) => {
  const { start, exits } = await setUp()
  await expect(start(environment)).rejects.toThrow(reason)
  expect(exits).toEqual([])
})

test('5,000 tasks live side by side, each at an address of its own in 10.0.0.0/16', async () => {
  const { driver } = await setUp()
  const addresses = new Set<string>()
  for (let id = 0; id < 5000; id++) addresses.add(await driver.provision(arn(id)))
  expect(addresses.size).toBe(5000)
  for (const address of addresses) expect(address).toMatch(/^10\.0\.\d{1,3}\.\d{1,3}$/)
})

test('an address is not given again before all others have had their turn', async () => {
  const { driver, taskArn } = await setUp()
  await driver.release(taskArn)
  const addresses = new Set<string>()
  for (let turn = 0; turn < 65_530; turn++) {
    addresses.add(await driver.provision(arn('b')))
    await driver.release(arn('b'))
  }
  expect(addresses.size).toBe(65_530)
  expect(await driver.provision(arn('b'))).toBe('10.0.0.4')
})
