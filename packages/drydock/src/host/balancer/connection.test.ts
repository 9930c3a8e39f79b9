/** Responses of targets that speak their own HTTP: what a client gets for which bytes. */
import { once } from 'node:events'
import { request } from 'node:http'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { testEngine } from '../../testing.ts'
import { ask, controlOf, forwardTo, startTarget } from './testing.ts'

/** A load balancer in front of a program that answers each request with these bytes; `end` closes after them. */
async function before(bytes: string, end = false) {
  let connections = 0
  const server = createServer((socket: Socket) => {
    connections++
    socket
      .on('error', () => {})
      .on('data', (seen) => {
        const answer = String(seen).includes(' /health ')
          ? 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'
          : bytes
        socket.write(answer, 'latin1')
        if (end) socket.end()
      })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const lb = await balanced((server.address() as AddressInfo).port)
  const close = async () => {
    await lb.drydock.close()
    server.close()
  }
  return { ...lb, connections: () => connections, [Symbol.asyncDispose]: close }
}

async function balanced(port: number) {
  const drydock = await testEngine()
  const control = controlOf(drydock)
  const { arn, dnsName } = await control.loadBalancer()
  const group = await control.group('g', [port])
  await control.listener(arn, forwardTo(group))
  return { drydock, dnsName }
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

test.each([
  ['early hints before it', `HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n${OK}`, [200, 'ok']],
  [
    'chunks',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\n\r\n',
    [200, 'ok'],
  ],
  ['a length on what has no body', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n', [304, '']],
  ['nothing', 'HTTP/1.1 204 No Content\r\n\r\n', [204, '']],
  ['more than was asked for', `${OK}${OK}`, [200, 'ok']],
  ['a length that is no number', 'HTTP/1.1 200 OK\r\nContent-Length: 2x\r\n\r\nok', [502]],
  ['a coding that is not understood', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n', [502]],
  ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok', [502]],
  ['another protocol unasked', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n', [502]],
  ['a header that is none', 'HTTP/1.1 200 OK\r\nA\u0001: x\r\nContent-Length: 2\r\n\r\nok', [502]],
  ['a head without end', `HTTP/1.1 200 OK\r\nA: ${'x'.repeat(90_000)}`, [502]],
])('a response with %s', async (_, bytes, [status, body]) => {
  await using lb = await before(bytes)
  for (let round = 0; round < 2; round++) {
    const seen = await ask(lb.drydock, lb.dnsName)
    expect(seen.status).toBe(status)
    if (body !== undefined) expect(seen.body).toBe(body)
  }
  expect(lb.drydock.faults).toEqual([])
})

test('a body without length ends with its connection', async () => {
  await using lb = await before('HTTP/1.0 200 OK\r\nX-Name: caf\u00e9\r\n\r\nall of it', true)
  const { status, headers, body } = await ask(lb.drydock, lb.dnsName)
  expect([status, headers['x-name'], body]).toEqual([200, 'caf\u00e9', 'all of it'])
})

test('a body that breaks off breaks off for the client', async () => {
  await using lb = await before('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf', true)
  await expect(ask(lb.drydock, lb.dnsName)).rejects.toThrow()
})

test('a connection serves one request after the other', async () => {
  await using lb = await before(OK)
  const checks = lb.connections()
  for (let i = 0; i < 3; i++) expect((await ask(lb.drydock, lb.dnsName)).body).toBe('ok')
  expect(lb.connections() - checks).toBe(1)
})

test('the head of a response comes before its body is there', async () => {
  const held = Promise.withResolvers<void>()
  await using target = await startTarget(async (_, reply) => {
    reply.flushHeaders()
    await held.promise
    reply.end('late')
  })
  const lb = await balanced(target.port)
  const outgoing = request(lb.drydock.endpoint, { headers: { host: lb.dnsName } }).end()
  const [answer] = await once(outgoing, 'response')
  held.resolve()
  expect(await text(answer)).toBe('late')
  await lb.drydock.close()
})

test('a target may answer before it has read all, and bodies with a length arrive whole', async () => {
  await using target = await startTarget((asked, reply) => {
    if (asked.url === '/early') reply.writeHead(413).end('too much')
    else asked.pipe(reply)
  })
  const lb = await balanced(target.port)
  const body = 'x'.repeat(300_000)
  const headers = { 'content-length': String(body.length) }
  expect((await ask(lb.drydock, lb.dnsName, '/', { method: 'POST', headers, body })).body).toBe(body)
  expect((await ask(lb.drydock, lb.dnsName, '/', { method: 'POST', body })).body).toBe(body)
  const outgoing = request(`${lb.drydock.endpoint}/early`, { method: 'POST', headers: { host: lb.dnsName } })
  outgoing.on('error', () => {}).write(body)
  const [answer] = await once(outgoing, 'response')
  expect([answer.statusCode, await text(answer)]).toEqual([413, 'too much'])
  outgoing.destroy()
  expect((await ask(lb.drydock, lb.dnsName, '/', { method: 'POST', body })).body).toBe(body)
  await lb.drydock.close()
})
