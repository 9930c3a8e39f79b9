/** What flows through load balancers: bodies as they come, upgraded connections, TCP; and what is counted. */
import { execFileSync, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { testEngine } from '../../testing.ts'
import { createMetrics } from './metrics.ts'
import { probe } from './probing.ts'
import { ask, controlOf, forwardTo, namedTarget, startTarget } from './testing.ts'

async function balanced(
  ports: readonly number[],
  more: object = {},
  attributes: Record<string, string> = {},
) {
  const drydock = await testEngine()
  const control = controlOf(drydock)
  const { arn, dnsName } = await control.loadBalancer()
  const group = await control.group('g', ports, attributes, more)
  await control.listener(arn, forwardTo(group))
  return { drydock, control, arn, dnsName, group, [Symbol.asyncDispose]: () => drydock.close() }
}

test('bodies stream both ways, each part as it comes', async () => {
  await using echo = await startTarget((asked, reply) => void asked.pipe(reply))
  await using lb = await balanced([echo.port])
  const outgoing = request(lb.drydock.endpoint, { method: 'POST', headers: { host: lb.dnsName } })
  outgoing.write('one')
  const [answer] = await once(outgoing, 'response')
  const parts = answer[Symbol.asyncIterator]()
  expect(String((await parts.next()).value)).toBe('one')
  outgoing.write('two')
  expect(String((await parts.next()).value)).toBe('two')
  outgoing.end()
  expect((await parts.next()).done).toBe(true)
})

test('a target that writes faster than its client reads is held back', async () => {
  const chunk = Buffer.alloc(64 * 1024)
  let written = 0
  function* chunks() {
    for (; written < 1024; written++) yield chunk
  }
  await using fast = await startTarget((_, reply) => void Readable.from(chunks()).pipe(reply))
  await using lb = await balanced([fast.port])
  const outgoing = request(lb.drydock.endpoint, { headers: { host: lb.dnsName } }).end()
  const [answer] = await once(outgoing, 'response')
  let size = 0
  for await (const part of answer) {
    if (size === 0) expect(written).toBeLessThan(512)
    size += part.length
  }
  expect(size).toBe(1024 * chunk.length)
})

test('a WebSocket goes through, and its end on one side is its end on the other', async () => {
  await using target = await startTarget(() => {})
  target.server.on('upgrade', (asked, socket: Socket) => {
    const heads = ['HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade', 'Upgrade: websocket']
    socket.write(`${heads.join('\r\n')}\r\nX-For: ${asked.headers['x-forwarded-for']}\r\n\r\n`)
    socket.on('error', () => {}).pipe(socket)
  })
  await using lb = await balanced([target.port])
  const headers = { host: lb.dnsName, connection: 'Upgrade', upgrade: 'websocket' }
  const outgoing = request(lb.drydock.endpoint, { headers }).end()
  const [answer, socket] = (await once(outgoing, 'upgrade')) as [{ headers: object }, Socket]
  expect(answer.headers).toMatchObject({ upgrade: 'websocket', 'x-for': '127.0.0.1' })
  socket.write('ping')
  expect(String((await once(socket, 'data'))[0])).toBe('ping')
  socket.end()
  await once(socket, 'close')
})

test('a WebSocket on which both are silent is closed', async () => {
  await using target = await startTarget(() => {})
  target.server.on('upgrade', (_, socket: Socket) => {
    socket.on('error', () => {})
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
  })
  await using lb = await balanced([target.port])
  await lb.control.call('ModifyLoadBalancerAttributes', {
    LoadBalancerArn: lb.arn,
    Attributes: [{ Key: 'idle_timeout.timeout_seconds', Value: '1' }],
  })
  const headers = { host: lb.dnsName, connection: 'Upgrade', upgrade: 'websocket' }
  const [, socket] = await once(request(lb.drydock.endpoint, { headers }).end(), 'upgrade')
  expect(await text(socket)).toBe('')
})

test('an upgrade that the target does not want gets the target’s answer', async () => {
  await using target = await startTarget(() => {})
  target.server.on('upgrade', (_, socket: Socket) => socket.end('HTTP/1.1 403 Forbidden\r\n\r\nno'))
  await using lb = await balanced([target.port])
  const headers = { connection: 'Upgrade', upgrade: 'websocket' }
  expect(await ask(lb.drydock, lb.dnsName, '/', { headers })).toMatchObject({ status: 403, body: 'no' })
})

test('a client that leaves ends the request to its target', async () => {
  const left = Promise.withResolvers<void>()
  await using target = await startTarget((asked) => void asked.socket.once('close', left.resolve))
  await using lb = await balanced([target.port])
  const arrived = once(target.server, 'request')
  const outgoing = request(lb.drydock.endpoint, { headers: { host: lb.dnsName } }).end()
  outgoing.on('error', () => {})
  await arrived
  outgoing.destroy()
  await left.promise
})

test('a kept connection that the target has closed meanwhile costs the client nothing', async () => {
  await using target = await startTarget((_, reply) => reply.end('ok'))
  await using lb = await balanced([target.port])
  for (let i = 0; i < 5; i++) {
    expect(await ask(lb.drydock, lb.dnsName)).toMatchObject({ status: 200, body: 'ok' })
    target.server.closeAllConnections()
  }
})

test.runIf(process.platform === 'linux')('a network load balancer passes connections on', async () => {
  const echo = createServer((socket) => void socket.on('error', () => {}).pipe(socket))
  echo.listen(0, '127.0.0.1')
  await once(echo, 'listening')
  const { port } = echo.address() as { port: number }
  await using drydock = await testEngine()
  const control = controlOf(drydock)
  const { arn } = await control.loadBalancer({ Type: 'network', Subnets: ['subnet-a'] })
  const check = { HealthCheckPath: undefined, HealthCheckIntervalSeconds: 10 }
  const group = await control.group('g', [port], {}, { Protocol: 'TCP', ...check })
  await control.listener(arn, forwardTo(group), { Protocol: 'TCP', Port: 9000 })
  expect(await control.health(group)).toEqual([`${port} healthy`])
  const output = await control.call('DescribeLoadBalancers', {})
  const address = /"IpAddress":"([\d.]+)"/.exec(JSON.stringify(output))?.[1]
  const client = connect({ host: address ?? '', port: 9000 })
  client.write('hello')
  expect(String((await once(client, 'data'))[0])).toBe('hello')
  client.end()
  await once(client, 'close')
  echo.close()
  await once(echo, 'close')
  await drydock.engine.advance('20s')
  expect(await control.health(group)).toEqual([`${port} unhealthy Target.FailedHealthChecks`])
  const refused = connect({ host: address ?? '', port: 9000 })
  const [error] = await once(refused, 'error')
  expect(error.code).toBe('ECONNRESET')
})

test.skipIf(!hasOpenssl())('targets are spoken to over TLS, whatever their certificate', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'drydock-tls-'))
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const made = ['-subj', '/CN=nobody', '-nodes', '-keyout', keyFile, '-out', certFile]
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', ...made], { stdio: 'ignore' })
  const [key, cert] = [await readFile(keyFile), await readFile(certFile)]
  await rm(folder, { recursive: true })
  const target = createTlsServer(
    { key, cert },
    (asked, reply) => void reply.end(asked.headers['x-forwarded-proto']),
  )
  target.listen(0, '127.0.0.1')
  await once(target, 'listening')
  const { port } = target.address() as AddressInfo
  await using lb = await balanced([port], { Protocol: 'HTTPS', HealthCheckProtocol: 'HTTPS' })
  expect(await lb.control.health(lb.group)).toEqual([`${port} healthy`])
  expect(await ask(lb.drydock, lb.dnsName)).toMatchObject({ status: 200, body: 'http' })
  target.close()
  target.closeAllConnections()
})

function hasOpenssl(): boolean {
  return spawnSync('openssl', ['version']).status === 0
}

test('load balancers are there again after a restart, with their targets checked anew', async () => {
  await using a = await namedTarget('a')
  const dataDir = await mkdtemp(join(tmpdir(), 'drydock-elb-'))
  try {
    const first = await testEngine({ dataDir })
    const control = controlOf(first)
    const { arn, dnsName } = await control.loadBalancer()
    const group = await control.group('g', [a.port])
    await control.listener(arn, forwardTo(group))
    await first.close()
    await using second = await testEngine({ dataDir })
    await second.engine.settle()
    expect(await ask(second, dnsName)).toMatchObject({ status: 200, headers: { 'x-target': 'a' } })
    expect(await controlOf(second).health(group)).toEqual([`${a.port} healthy`])
    await second.reset()
    expect((await ask(second, dnsName)).status).toBe(404)
  } finally {
    await rm(dataDir, { recursive: true })
  }
})

test('requests are counted by who answered, and taken once', () => {
  const metrics = createMetrics()
  const id = { scope: { accountId: '1', region: 'r' }, loadBalancerArn: 'lb' }
  metrics.count({ ...id, targetGroupArn: 'g', targetStatus: 204, targetMs: 12.4 })
  metrics.count({ ...id, targetGroupArn: 'g', targetStatus: 500, targetMs: 12.1 })
  metrics.count({ ...id, targetGroupArn: 'g', ownStatus: 502 })
  metrics.count({ ...id, ownStatus: 503 })
  const codes = { HTTPCode_Target_2XX_Count: 1, HTTPCode_Target_5XX_Count: 1, HTTPCode_ELB_5XX_Count: 1 }
  expect(metrics.take({ accountId: '2', region: 'r' })).toEqual([])
  expect(metrics.take(id.scope)).toMatchObject([
    { targetGroupArn: 'g', requestCount: 3, codes, responseTimes: new Map([[0.012, 2]]) },
    { targetGroupArn: undefined, requestCount: 0, codes: { HTTPCode_ELB_5XX_Count: 1 } },
  ])
  expect(metrics.take(id.scope)).toEqual([])
})

test('a health check over TCP asks for no more than a connection', async () => {
  await using target = await namedTarget('a')
  const { signal } = new AbortController()
  const asked = {
    protocol: 'TCP',
    address: '127.0.0.1',
    port: target.port,
    path: '',
    timeoutMs: 2000,
  } as const
  expect(await probe(asked, signal)).toEqual({ kind: 'connected' })
  await target[Symbol.asyncDispose]()
  expect(await probe(asked, signal)).toEqual({ kind: 'failed' })
})
