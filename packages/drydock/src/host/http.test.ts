import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import { closeServer, createHttpServer, listen, type Mount } from './http.ts'

const answering = (path: string): Mount => ({ path, listener: (_request, reply) => reply.end(path || 'all') })

async function serve(mounts: readonly Mount[]): Promise<string> {
  const server = createHttpServer(mounts)
  onTestFinished(() => closeServer(server))
  return listen(server, '127.0.0.1', 0)
}

test.each([
  ['/', 'all'],
  ['/v2', '/v2'],
  ['/v2/', '/v2'],
  ['/v2?x=1', '/v2'],
  ['/v2/app/blobs', '/v2'],
  ['/v22', 'all'],
  ['/_drydock/services/a/b', '/_drydock/services'],
  ['/_drydock/health', '/_drydock'],
])('%s is answered by the longest path that it is under', async (path, by) => {
  const endpoint = await serve(['', '/_drydock', '/v2', '/_drydock/services'].map(answering))
  expect(await (await fetch(endpoint + path)).text()).toBe(by)
})

test('a path of nobody is not found', async () => {
  const endpoint = await serve([answering('/v2')])
  expect((await fetch(`${endpoint}/v1`)).status).toBe(404)
})

const SWITCHING = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'

test('an upgrade goes to the mount that takes it; others refuse it', async () => {
  const taking: Mount = {
    ...answering('/taking'),
    upgrade: (_request, socket) => socket.end(SWITCHING),
  }
  const endpoint = await serve([answering(''), taking])
  const headers = { connection: 'Upgrade', upgrade: 'websocket' }
  await once(request(`${endpoint}/taking/x`, { headers }).end(), 'upgrade')
  const [refusal] = await once(request(`${endpoint}/other`, { headers }).end(), 'response')
  expect(refusal.statusCode).toBe(426)
})

test.each([
  ['127.0.0.1', /^http:\/\/127\.0\.0\.1:\d+$/],
  ['localhost', /^http:\/\/localhost:\d+$/],
])('the endpoint of %s is what clients call', async (host, endpoint) => {
  const server = createHttpServer([])
  expect(await listen(server, host, 0)).toMatch(endpoint)
  await closeServer(server)
})

test('an address of another machine is refused with a sentence that says what to do', async () => {
  await expect(listen(createHttpServer([]), '192.0.2.1', 0)).rejects.toThrow(
    '192.0.2.1 is no address of this machine. Choose 127.0.0.1, or one that it has.',
  )
})

test('closing ends connections that are kept alive, and closing twice does nothing', async () => {
  const server = createHttpServer([answering('')])
  const { hostname, port } = new URL(await listen(server, '127.0.0.1', 0))
  const socket = connect(Number(port), hostname)
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  await once(socket, 'data')
  const closed = once(socket, 'close')
  await closeServer(server)
  await closed
  await closeServer(server)
})

const UPGRADE = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'

/** A connection that asked for another protocol, and the server's end of it. */
async function upgraded() {
  const taken = Promise.withResolvers<Duplex>()
  const server = createHttpServer([
    { ...answering(''), upgrade: (_request, socket) => taken.resolve(socket) },
  ])
  onTestFinished(() => closeServer(server))
  const { hostname, port } = new URL(await listen(server, '127.0.0.1', 0))
  const client = connect(Number(port), hostname)
  client.write(UPGRADE)
  return { server, client, socket: await taken.promise }
}

test('closing ends connections that were upgraded', async () => {
  const { server, client } = await upgraded()
  const closed = once(client, 'close')
  await closeServer(server)
  await closed
})

test('a client that breaks off an upgraded connection takes nothing down', async () => {
  const { client, socket } = await upgraded()
  const closed = new Promise((resolve) => socket.on('close', resolve))
  client.resetAndDestroy()
  await closed
})
