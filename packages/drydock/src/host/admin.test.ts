import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:http'
import { expect, test } from 'vitest'
import { testEngine } from '../testing.ts'

async function statusOf(endpoint: string, path: string, method: string, headers: Record<string, string>) {
  const call = request(`${endpoint}${path}`, { method, headers }).end()
  const [response] = (await once(call, 'response')) as [IncomingMessage]
  response.resume()
  return response.statusCode
}

test.each<[string, Record<string, string>, number]>([
  ['a program on this machine', {}, 200],
  ['a program that calls localhost', { host: 'localhost:4566' }, 200],
  ['a program that calls a name below localhost', { host: 'drydock.localhost' }, 200],
  ['a program that calls another loopback address', { host: '127.0.0.2:1' }, 200],
  ['a program that calls the IPv6 loopback', { host: '[::1]:4566' }, 200],
  [
    'a page of the engine itself',
    { host: 'localhost:1', origin: 'http://localhost:1', 'sec-fetch-site': 'same-origin' },
    200,
  ],
  ['a page whose name was rebound to this machine', { host: 'evil.example' }, 403],
  ['a host that is no name at all', { host: '][' }, 403],
  ['a machine of the network', { host: '192.168.0.1' }, 403],
  ['a page of another site', { origin: 'https://evil.example' }, 403],
  ['a page of another port', { host: 'localhost:1', origin: 'http://localhost:2' }, 403],
  ['a sandboxed page', { origin: 'null' }, 403],
  ['a form of another site', { 'sec-fetch-site': 'cross-site' }, 403],
])('%s may or may not reset the engine', async (_label, headers, status) => {
  await using drydock = await testEngine()
  for (const path of ['/_drydock/reset', '/moto-api/reset']) {
    expect(await statusOf(drydock.endpoint, path, 'POST', headers)).toBe(status)
  }
})

test('only what is there is answered, and only by its method', async () => {
  await using drydock = await testEngine()
  expect(await statusOf(drydock.endpoint, '/_drydock/reset', 'GET', {})).toBe(404)
  expect(await statusOf(drydock.endpoint, '/_drydock/nothing', 'GET', {})).toBe(404)
  expect(await statusOf(drydock.endpoint, '/_drydock/health?x=1', 'GET', {})).toBe(200)
})
