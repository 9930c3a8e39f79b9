import { once } from 'node:events'
import { createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { readBody } from './body.ts'

/** Reads the body of one request as a server would; `isCut` leaves the request unfinished. */
async function read(
  body: string | Uint8Array,
  headers: Record<string, string>,
  limit: number,
  isCut = false,
) {
  const server = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const call = request({ port, host: '127.0.0.1', method: 'POST', headers }).on('error', () => {})
  if (isCut) call.write(body)
  else call.end(body)
  const [message] = (await once(server, 'request')) as [IncomingMessage]
  return Buffer.from(await readBody(message, limit, isCut ? 1 : 60_000)).toString()
}

const gzip = { 'content-encoding': 'gzip' }

test.each<[string, string | Uint8Array, Record<string, string>, string]>([
  ['plain', 'hello', {}, 'hello'],
  ['empty', '', {}, ''],
  ['exactly as long as allowed', 'x'.repeat(100), {}, 'x'.repeat(100)],
  ['compressed', gzipSync('hello'), gzip, 'hello'],
  ['said to be as it is', 'hello', { 'content-encoding': 'identity' }, 'hello'],
])('a body that is %s is read', async (_label, body, headers, text) => {
  expect(await read(body, headers, 100)).toBe(text)
})

test.each<[string, string | Uint8Array, Record<string, string>, string, number]>([
  ['too large', 'x'.repeat(101), {}, 'RequestEntityTooLargeException', 413],
  [
    'too large once it is whole again',
    gzipSync('x'.repeat(101)),
    gzip,
    'RequestEntityTooLargeException',
    413,
  ],
  ['not compressed as it says', 'hello', gzip, 'SerializationException', 400],
  ['of an unknown encoding', 'hello', { 'content-encoding': 'br' }, 'UnsupportedMediaTypeException', 415],
])('a body that is %s is refused', async (_label, body, headers, name, status) => {
  await expect(read(body, headers, 100)).rejects.toMatchObject({ name, status })
})

test('a body that does not come to its end is given up', async () => {
  const reading = read('hello', { 'content-length': '10' }, 100, true)
  await expect(reading).rejects.toMatchObject({ name: 'RequestTimeoutException', status: 408 })
})
