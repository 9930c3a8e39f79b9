/** A service's tasks come, are well or not, and go: its name follows them. */
import { UpdateServiceCommand } from '@aws-sdk/client-ecs'
import { expect, test } from 'vitest'
import { addressOf, Found } from './found.ts'

const NAME = 'web.example.com'
const tagged = (more: Readonly<Record<string, string>>) => ({ 'capstan:dns': NAME, ...more })
const idOf = (arn = '') => arn.split('/').at(-1) ?? ''
const HEALTH_CHECK = { command: ['CMD-SHELL', 'test -e ready'], interval: 5, timeout: 2, retries: 2 }

test('a task is found as soon as it runs, and no more once it is to stop', async () => {
  await using found = await Found.start()
  await found.createService('web', { count: 2 })
  await found.play(10)
  const expected = await found.expected(NAME)
  expect(expected).toHaveLength(2)
  expect(await found.records()).toEqual(expected)
  await found.scale('web', 0)
  await found.deliver()
  const leaving = await found.tasks('STOPPED')
  expect(leaving.map(({ lastStatus }) => lastStatus)).toEqual(['DEACTIVATING', 'DEACTIVATING'])
  expect(await found.records()).toEqual([])
  expect(await found.reasons('web')).toEqual(
    expect.arrayContaining(['register serving', 'deregister stopping', 'skip no-task']),
  )
})

test('a task with a container health check is found once it is healthy', async () => {
  await using found = await Found.start()
  await found.createService('web', { container: { healthCheck: HEALTH_CHECK } })
  await found.play(3)
  const [task] = await found.tasks()
  expect(task).toMatchObject({ lastStatus: 'RUNNING', healthStatus: 'UNKNOWN' })
  expect(await found.records()).toEqual([])
  await found.play(10)
  expect(await found.records()).toEqual(await found.expected(NAME))
})

test('a task that fails its health check is found no more, as long as another is well', async () => {
  await using found = await Found.start()
  const environment = [{ name: 'DRYDOCK_HEALTH_STATUS', value: '200,503@30s' }]
  await found.createService('web', { container: { environment, healthCheck: HEALTH_CHECK } })
  await found.play(25)
  const before = await found.records()
  expect(before).toHaveLength(1)
  await found.play(60)
  // ECS has put another one in its place, which was well at first; the name was never empty meanwhile.
  const [record] = await found.records()
  expect(record).not.toEqual(before[0])
  expect(await found.reasons('web')).toContain('register serving')
})

test('a task that crashes is found no more, and the one in its place is', async () => {
  await using found = await Found.start()
  const environment = [{ name: 'DRYDOCK_EXIT_AFTER', value: '20s' }]
  await found.createService('web', { container: { environment } })
  await found.play(15)
  const before = await found.records()
  expect(before).toHaveLength(1)
  await found.play(15)
  expect(await found.records()).toEqual(await found.expected(NAME))
  expect(await found.records()).not.toEqual(before)
})

test('a rolling deployment and its rollback never leave the name empty', async () => {
  await using found = await Found.start()
  await found.createService('web', { count: 2 })
  await found.play(10)
  const first = await found.records()
  for (const revision of [await found.define('web'), 'web:1']) {
    await found.fleet.ecs.send(new UpdateServiceCommand({ service: 'web', taskDefinition: revision }))
    for (let second = 0; second < 90; second++) {
      await found.play(1)
      expect(await found.records()).not.toEqual([])
    }
  }
  const last = await found.records()
  expect(last).toEqual(await found.expected(NAME))
  expect(last.filter((record) => first.includes(record))).toEqual([])
})

test('standalone tasks are found by the tags of their family', async () => {
  await using found = await Found.start()
  await found.define('worker', { tags: { 'capstan:dns': 'worker.example.com' } })
  await found.runTask('worker', 2)
  await found.play(5)
  const records = await found.records()
  expect(records).toHaveLength(2)
  expect(records).toEqual(await found.expected('worker.example.com'))
  expect(await found.reasons('family:worker')).toContain('register serving')
})

test('a task without any tag of discovery leaves no trace', async () => {
  await using found = await Found.start()
  await found.createService('web', { tags: { team: 'harbour' } })
  await found.play(5)
  await found.sweep()
  expect(await found.records()).toEqual([])
  expect(await found.discovery.ledger.listSources()).toEqual([])
  expect(await found.discovery.ledger.listNames()).toEqual([])
})

test('public addresses are those that EC2 knows', async () => {
  await using found = await Found.start()
  const awsvpcConfiguration = { subnets: ['subnet-12345678'], assignPublicIp: 'ENABLED' }
  await found.createService('web', {
    tags: tagged({ 'capstan:dns-address': 'public' }),
    container: {},
    more: { networkConfiguration: { awsvpcConfiguration } },
  })
  await found.play(5)
  const [task] = await found.tasks()
  const [record = ''] = await found.records()
  expect(record).toMatch(/^A web\.example\.com \d+\.\d+\.\d+\.\d+$/)
  expect(record).not.toContain(addressOf(task ?? {}))
  await found.scale('web', 0)
  await found.play(5)
  expect(await found.records()).toEqual([])
})

test('SRV records name the port and the task, which has a name of its own', async () => {
  await using found = await Found.start()
  await found.createService('web', {
    tags: tagged({ 'capstan:dns-types': 'A SRV', 'capstan:dns-port': '8080' }),
    container: { portMappings: [{ containerPort: 8080 }] },
  })
  await found.play(5)
  const [task] = await found.tasks()
  const own = `${idOf(task?.taskArn)}.${NAME}`
  const address = addressOf(task ?? {})
  expect(await found.records()).toEqual(
    [`A ${own} ${address}`, `A ${NAME} ${address}`, `SRV ${NAME} 1 1 8080 ${own}`].sort(),
  )
})

test('each task has a name of its own where that is asked for, and the name says whose it is', async () => {
  await using found = await Found.start()
  await found.createService('web', {
    count: 2,
    tags: tagged({ 'capstan:dns-per-task': 'true', 'capstan:dns-txt': 'true', 'capstan:dns-ttl': '5' }),
  })
  await found.play(5)
  const tasks = await found.tasks()
  const each = tasks.flatMap((task) => [
    `A ${NAME} ${addressOf(task)}`,
    `A ${idOf(task.taskArn)}.${NAME} ${addressOf(task)}`,
  ])
  expect(await found.records()).toEqual(
    [...each, `TXT _capstan.${NAME} "heritage=capstan,sources=default/web"`].sort(),
  )
  expect((await found.recordSets()).map(({ TTL }) => TTL)).toEqual([5, 5, 5, 5, 5])
  await found.scale('web', 0)
  await found.play(5)
  expect(await found.records()).toEqual([])
})
