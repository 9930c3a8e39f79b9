/** `/_drydock/services/<cluster>/<service>/` leads to the running tasks of a service, in turn. */

import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateClusterCommand,
  CreateServiceCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs'
import { packDirectory } from '@capstan/cli/image/pack.ts'
import { pushImage } from '@capstan/cli/image/push.ts'
import { type TestEngine, testEngine } from '@capstan/drydock/testing.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../fixtures/program.ts'

/** Tells what it was asked and by whom it was answered; an upgraded connection it echoes. */
const PROGRAM = `
import { createServer } from 'node:http'
const server = createServer(async (request, response) => {
  let body = ''
  for await (const chunk of request) body += chunk
  const { method, url, headers } = request
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ method, url, body, host: headers.host, task: process.env.HOST }))
})
server.on('upgrade', (request, socket) => {
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n\\r\\n')
  socket.pipe(socket)
})
server.listen(Number(process.env.PORT), process.env.HOST)
`

let drydock: TestEngine
let folder: string
let ecs: ECSClient
const url = (path: string) => `${drydock.endpoint}/_drydock/services/default/${path}`

interface Told {
  readonly method: string
  readonly url: string
  readonly body: string
  readonly host: string
  readonly task: string
}

const ask = async (path: string, init?: RequestInit): Promise<Told> =>
  (await fetch(url(path), init)).json() as Promise<Told>

beforeAll(async () => {
  drydock = await testEngine({ clock: 'system', tasks: 'process' })
  folder = await mkdtemp(join(tmpdir(), 'front-door-'))
  await writeFile(join(folder, 'package.json'), '{"type":"module","scripts":{"start":"node server.js"}}')
  await writeFile(join(folder, 'server.js'), PROGRAM)
  const { reference } = await pushImage(
    drydock.config,
    'app',
    '1',
    await packDirectory(folder, { platform: 'linux/amd64' }),
  )
  ecs = new ECSClient(drydock.config)
  await ecs.send(new CreateClusterCommand({ clusterName: 'default' }))
  const portMappings = [{ containerPort: 8080 }]
  const containerDefinitions = [{ name: 'app', image: reference, memory: 64, portMappings }]
  await ecs.send(new RegisterTaskDefinitionCommand({ family: 'app', containerDefinitions }))
  const service = { serviceName: 'app', taskDefinition: 'app', desiredCount: 2 }
  await ecs.send(new CreateServiceCommand(service))
  await until('both tasks answer', async () => (await servedBy(6)).size === 2 || undefined)
})

afterAll(async () => {
  await drydock.close()
  await rm(folder, { recursive: true })
})

/** The tasks that answer to a number of requests. */
async function servedBy(requests: number): Promise<Set<string>> {
  const answers = await Promise.all(Array.from({ length: requests }, () => fetch(url('app/'))))
  const good = answers.filter(({ ok }) => ok)
  return new Set(await Promise.all(good.map(async (answer) => ((await answer.json()) as Told).task)))
}

test('requests go to the tasks in turn, each at its own address', async () => {
  const turns = [await ask('app/'), await ask('app/'), await ask('app/'), await ask('app/')].map(
    ({ task }) => task,
  )
  expect(turns[0]).not.toBe(turns[1])
  expect(turns.slice(2)).toEqual(turns.slice(0, 2))
})

test('method, path, query and body arrive as they were sent', async () => {
  const told = await ask('app/a%20b/c?d=e&d=%2F', { method: 'PUT', body: 'ü' })
  expect(told).toMatchObject({
    method: 'PUT',
    url: '/a%20b/c?d=e&d=%2F',
    body: 'ü',
    host: new URL(drydock.endpoint).host,
  })
})

test('a service without a slash is sent to the one with it, so that relative links work', async () => {
  const answer = await fetch(url('app?x=1'), { redirect: 'manual' })
  expect([answer.status, answer.headers.get('location')]).toEqual([
    308,
    '/_drydock/services/default/app/?x=1',
  ])
})

test('a connection can be upgraded to a WebSocket', async () => {
  const { hostname, port, pathname } = new URL(url('app/socket'))
  const call = request({
    hostname,
    port,
    path: pathname,
    headers: { connection: 'Upgrade', upgrade: 'websocket' },
  }).end()
  const [, socket] = (await once(call, 'upgrade')) as [unknown, Socket]
  socket.write('hello')
  expect(String((await once(socket, 'data'))[0])).toBe('hello')
  socket.destroy()
})

test.each<[string, string, RequestInit, number, string]>([
  ['an unknown service', 'nope/', {}, 404, 'There is no service nope in the cluster default.'],
  ['no service', '', {}, 404, 'Name a service: /_drydock/services/<cluster>/<service>/'],
  [
    'a page of another site',
    'app/',
    { headers: { origin: 'https://evil.example' } },
    403,
    'may not call this',
  ],
])('%s is refused in a sentence', async (_label, path, init, status, sentence) => {
  const answer = await fetch(url(path), init)
  expect(answer.status).toBe(status)
  expect(await answer.text()).toContain(sentence)
})

test('a service without tasks says so', async () => {
  await ecs.send(new UpdateServiceCommand({ service: 'app', desiredCount: 0 }))
  const answer = await until('no task is left', async () => {
    const response = await fetch(url('app/'))
    return response.status === 503 ? response.text() : undefined
  })
  expect(answer).toBe('The service app has no running task with a port to reach.\n')
  expect(drydock.faults).toEqual([])
})

test('a reset ends the programs of all tasks', async () => {
  await ecs.send(new UpdateServiceCommand({ service: 'app', desiredCount: 1 }))
  const [address] = await until('a task answers', async () => {
    const tasks = await servedBy(1)
    return tasks.size ? [...tasks] : undefined
  })
  const direct = `http://${address}:8080/`
  expect((await fetch(direct)).status).toBe(200)
  await drydock.reset()
  await expect(fetch(direct)).rejects.toThrow('fetch failed')
  expect((await fetch(url('app/'))).status).toBe(404)
  expect(drydock.faults).toEqual([])
})
