import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { endIdleClients } from './idle-clients.ts'

afterEach(() => vi.useRealTimers())

/** A server of kept connections, with an idle timeout of two seconds. */
async function listening() {
  const server = createServer({ keepAliveTimeout: 0 }, (_, reply) => reply.end('ok'))
  endIdleClients(server, () => 2)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = async () => {
    server.close()
    server.closeAllConnections()
  }
  return {
    async client() {
      const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
      await once(client, 'connect')
      return client
    },
    [Symbol.asyncDispose]: close,
  }
}

async function ask(client: Socket): Promise<string> {
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  const [answer] = await once(client, 'data')
  return String(answer)
}

test('a client is gone after the idle timeout, unless something went either way', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  await using server = await listening()
  const [silent, other] = [await server.client(), await server.client()]
  const gone = once(silent, 'close')
  expect(await ask(silent)).not.toContain('Keep-Alive:')
  await ask(other)
  vi.advanceTimersByTime(3000)
  expect(await ask(other)).toMatch(/^HTTP\/1.1 200 /)
  vi.advanceTimersByTime(2000)
  await gone
  expect(await ask(other)).toMatch(/^HTTP\/1.1 200 /)
})

test('one that never says a word is gone too', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  await using server = await listening()
  const client = await server.client()
  const asked = await server.client()
  await ask(asked) // by then the server knows of both
  const gone = once(client.resume(), 'close')
  vi.advanceTimersByTime(5000)
  await gone
})
