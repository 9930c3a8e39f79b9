/** Load balancers with real requests to real programs: routing, health, stickiness, draining, errors. */
import { once } from 'node:events'
import { Agent } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { testEngine } from '../../testing.ts'
import { ask, type Control, controlOf, forwardTo, namedTarget, send, startTarget } from './testing.ts'

const nameOf = ({ body }: { body: string }) => JSON.parse(body).name

/** A load balancer with one group of these targets. */
async function balanced(ports: readonly number[], attributes: Record<string, string> = {}, more = {}) {
  const drydock = await testEngine()
  const control = controlOf(drydock)
  const { arn, dnsName } = await control.loadBalancer()
  const group = await control.group('g', ports, attributes, more)
  const listener = await control.listener(arn, forwardTo(group))
  return { drydock, control, arn, dnsName, group, listener, [Symbol.asyncDispose]: () => drydock.close() }
}

test('a request goes to the targets in turn, with the headers of a load balancer', async () => {
  await using a = await namedTarget('a')
  await using b = await namedTarget('b')
  await using lb = await balanced([a.port, b.port])
  const seen = [
    await ask(lb.drydock, lb.dnsName, '/x?y=1', { headers: { 'x-forwarded-for': '203.0.113.7' } }),
    await ask(lb.drydock, lb.dnsName),
    await ask(lb.drydock, lb.dnsName),
  ]
  expect(seen.map(nameOf)).toEqual(['a', 'b', 'a'])
  expect(JSON.parse(seen[0]?.body ?? '')).toMatchObject({
    method: 'GET',
    url: '/x?y=1',
    headers: {
      host: `${lb.dnsName}:8080`,
      'x-forwarded-for': '203.0.113.7, 127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-port': '8080',
      'x-amzn-trace-id': expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/),
    },
  })
  expect(lb.drydock.faults).toEqual([])
})

/** The load balancer's own address, and its state. */
async function whereIs({ control }: { readonly control: Control }) {
  const { LoadBalancers: [found] = [] } = (await control.call('DescribeLoadBalancers', {})) as {
    LoadBalancers?: {
      State: object
      AvailabilityZones: { LoadBalancerAddresses: { IpAddress: string }[] }[]
    }[]
  }
  const address = found?.AvailabilityZones[0]?.LoadBalancerAddresses[0]?.IpAddress ?? ''
  return { address, state: found?.State }
}

test.runIf(process.platform === 'linux')(
  'it has an address of its own, with the ports of its listeners',
  async () => {
    await using a = await namedTarget('a')
    await using lb = await balanced([a.port])
    const { address, state } = await whereIs(lb)
    expect(state).toEqual({ Code: 'active' })
    const url = new URL(`http://${address}:8080/`)
    expect(nameOf(await send(url))).toBe('a')
    await lb.control.call('ModifyListener', { ListenerArn: lb.listener, Port: 8081 })
    await expect(send(url)).rejects.toThrow('ECONNREFUSED')
    expect(nameOf(await send(new URL(`http://${address}:8081/`)))).toBe('a')
    await lb.control.call('DeleteLoadBalancer', { LoadBalancerArn: lb.arn })
    await expect(send(new URL(`http://${address}:8081/`))).rejects.toThrow('ECONNREFUSED')
    expect((await ask(lb.drydock, lb.dnsName)).status).toBe(404)
  },
)

test.runIf(process.platform === 'linux')(
  'a client who waits for an answer gets 504 before its connection is closed as idle',
  async () => {
    await using target = await startTarget((asked, reply) => void (asked.url === '/' && reply.end()))
    await using lb = await balanced([target.port])
    await lb.control.call('ModifyLoadBalancerAttributes', {
      LoadBalancerArn: lb.arn,
      Attributes: [{ Key: 'idle_timeout.timeout_seconds', Value: '1' }],
    })
    const { address } = await whereIs(lb)
    const client = connect(8080, address)
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await once(client, 'data')
    client.write('GET /silent HTTP/1.1\r\nHost: a\r\n\r\n')
    expect(await text(client)).toMatch(/^HTTP\/1.1 504 .*<\/html>\r\n$/s)
  },
)

test('rules decide: another group, a redirect, a fixed response, by weight', async () => {
  await using a = await namedTarget('a')
  await using b = await namedTarget('b')
  await using lb = await balanced([a.port])
  const other = await lb.control.group('other', [b.port])
  const rule = (Priority: number, Values: string[], action: object) =>
    lb.control.call('CreateRule', {
      ListenerArn: lb.listener,
      Priority,
      Conditions: [{ Field: 'path-pattern', Values }],
      Actions: [action],
    })
  await rule(1, ['/other*'], { Type: 'forward', TargetGroupArn: other })
  const redirect = { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' }
  await rule(2, ['/old*'], { Type: 'redirect', RedirectConfig: redirect })
  const fixed = { StatusCode: '418', ContentType: 'application/json', MessageBody: '{"tea":true}' }
  await rule(3, ['/tea'], { Type: 'fixed-response', FixedResponseConfig: fixed })
  expect(nameOf(await ask(lb.drydock, lb.dnsName, '/other/1'))).toBe('b')
  expect(nameOf(await ask(lb.drydock, lb.dnsName, '/'))).toBe('a')
  expect(await ask(lb.drydock, lb.dnsName, '/old?x=1')).toMatchObject({
    status: 301,
    headers: { location: `https://${lb.dnsName}:443/old?x=1` },
  })
  expect(await ask(lb.drydock, lb.dnsName, '/tea')).toMatchObject({
    status: 418,
    headers: { 'content-type': 'application/json; charset=utf-8', server: 'awselb/2.0' },
    body: '{"tea":true}',
  })
})

test('a target that fails its checks gets no requests until it is well again', async () => {
  let status = 200
  await using a = await namedTarget('a')
  await using b = await startTarget((asked, reply) => {
    if (asked.url === '/well') reply.writeHead(status).end()
    else reply.end(JSON.stringify({ name: 'b' }))
  })
  const other = await startTarget((_, reply) => reply.end())
  await other[Symbol.asyncDispose]()
  await using lb = await balanced([b.port], {}, { HealthCheckPath: '/well', HealthyThresholdCount: 2 })
  expect(await lb.control.health(lb.group)).toEqual([`${b.port} healthy`])
  status = 500
  await lb.drydock.engine.advance('5s')
  expect(await lb.control.health(lb.group)).toEqual([`${b.port} healthy`])
  await lb.drydock.engine.advance('5s')
  expect(await lb.control.health(lb.group)).toEqual([`${b.port} unhealthy Target.ResponseCodeMismatch`])
  // The only one: requests go there all the same.
  expect(nameOf(await ask(lb.drydock, lb.dnsName))).toBe('b')
  await lb.control.call('RegisterTargets', {
    TargetGroupArn: lb.group,
    Targets: [{ Id: '127.0.0.1', Port: other.port }],
  })
  await lb.drydock.engine.advance('5s')
  expect(await lb.control.health(lb.group)).toContain(`${other.port} unhealthy Target.FailedHealthChecks`)
  await lb.control.call('RegisterTargets', {
    TargetGroupArn: lb.group,
    Targets: [{ Id: '127.0.0.1', Port: a.port }],
  })
  expect(await lb.control.health(lb.group)).toContain(`${a.port} healthy`)
  const names = await Promise.all([1, 2, 3, 4].map(() => ask(lb.drydock, lb.dnsName)))
  expect(names.map(nameOf)).toEqual(['a', 'a', 'a', 'a'])
  status = 200
  await lb.drydock.engine.advance('10s')
  expect(await lb.control.health(lb.group)).toContain(`${b.port} healthy`)
})

test('a target that does not answer in time is unhealthy', { timeout: 20_000 }, async () => {
  await using a = await startTarget(() => {})
  await using lb = await balanced([a.port], {}, { HealthCheckPath: '/silence' })
  await lb.drydock.engine.advance('5s')
  expect(await lb.control.health(lb.group)).toEqual([`${a.port} unhealthy Target.Timeout`])
})

test('a draining target ends what it has and gets nothing new', async () => {
  const held = Promise.withResolvers<void>()
  await using a = await startTarget(async (_, reply) => {
    reply.write('{"name":')
    await held.promise
    reply.end('"a"}')
  })
  await using b = await namedTarget('b')
  await using lb = await balanced([a.port], { 'deregistration_delay.timeout_seconds': '30' })
  const Targets = [{ Id: '127.0.0.1', Port: a.port }]
  const arrived = once(a.server, 'request')
  const slow = ask(lb.drydock, lb.dnsName)
  await arrived
  await lb.control.call('RegisterTargets', {
    TargetGroupArn: lb.group,
    Targets: [{ Id: '127.0.0.1', Port: b.port }],
  })
  await lb.control.call('DeregisterTargets', { TargetGroupArn: lb.group, Targets })
  expect(await lb.control.health(lb.group, Targets)).toEqual([
    `${a.port} draining Target.DeregistrationInProgress`,
  ])
  expect(nameOf(await ask(lb.drydock, lb.dnsName))).toBe('b')
  await lb.drydock.engine.advance('29s')
  held.resolve()
  expect(nameOf(await slow)).toBe('a')
  await lb.drydock.engine.advance('1s')
  expect(await lb.control.health(lb.group, Targets)).toEqual([`${a.port} unused Target.NotRegistered`])
  expect(await lb.control.health(lb.group)).toEqual([`${b.port} healthy`])
})

test('what is still open to a target at the end of its draining is cut', async () => {
  await using a = await startTarget((_, reply) => void reply.write('half'))
  await using lb = await balanced([a.port], { 'deregistration_delay.timeout_seconds': '5' })
  const arrived = once(a.server, 'request')
  const cut = expect(ask(lb.drydock, lb.dnsName)).rejects.toThrow()
  await arrived
  const Targets = [{ Id: '127.0.0.1', Port: a.port }]
  await lb.control.call('DeregisterTargets', { TargetGroupArn: lb.group, Targets })
  await lb.drydock.engine.advance('5s')
  await cut
})

test('targets are exchanged under load without a lost request', { timeout: 30_000 }, async () => {
  const targets = await Promise.all(['0', '1', '2', '3', '4'].map(namedTarget))
  const ofTarget = (index: number) => [{ Id: '127.0.0.1', Port: targets[index]?.port }]
  await using lb = await balanced([targets[0]?.port ?? 0], { 'deregistration_delay.timeout_seconds': '5' })
  const agent = new Agent({ keepAlive: true })
  const statuses: Record<number, number> = {}
  let isOver = false
  const client = async () => {
    while (!isOver) {
      const { status } = await ask(lb.drydock, lb.dnsName, '/', { agent })
      statuses[status] = (statuses[status] ?? 0) + 1
    }
  }
  const clients = Array.from({ length: 16 }, client)
  const more = async (count: number) => {
    const goal = (statuses[200] ?? 0) + count
    while ((statuses[200] ?? 0) < goal) await ask(lb.drydock, lb.dnsName)
  }
  for (const [index, old] of targets.slice(0, 4).entries()) {
    await more(50)
    await lb.control.call('RegisterTargets', { TargetGroupArn: lb.group, Targets: ofTarget(index + 1) })
    await lb.control.call('DeregisterTargets', { TargetGroupArn: lb.group, Targets: ofTarget(index) })
    await more(50)
    await lb.drydock.engine.advance('5s')
    await old[Symbol.asyncDispose]()
  }
  isOver = true
  await Promise.all(clients)
  agent.destroy()
  await targets[4]?.[Symbol.asyncDispose]()
  expect(Object.keys(statuses)).toEqual(['200'])
})

test('a sticky client comes back to its target, until the target is gone', async () => {
  await using a = await namedTarget('a')
  await using b = await namedTarget('b')
  await using lb = await balanced([a.port, b.port], { 'stickiness.enabled': 'true' })
  const first = await ask(lb.drydock, lb.dnsName)
  const [cookie = '', twin = ''] = first.headers['set-cookie'] ?? []
  expect(cookie).toMatch(/^AWSALB=[\w-]+; Expires=.* GMT; Path=\/$/)
  expect(twin).toMatch(/^AWSALBCORS=[\w-]+; Expires=.* GMT; Path=\/; SameSite=None$/)
  const headers = { cookie: `x=1; ${cookie.split(';')[0]}` }
  const again = async () => nameOf(await ask(lb.drydock, lb.dnsName, '/', { headers }))
  expect([await again(), await again(), await again()]).toEqual(['a', 'a', 'a'])
  await lb.control.call('DeregisterTargets', {
    TargetGroupArn: lb.group,
    Targets: [{ Id: '127.0.0.1', Port: a.port }],
  })
  expect([await again(), await again()]).toEqual(['b', 'b'])
})

test('by application cookies a client is sticky once the application says so', async () => {
  await using a = await startTarget((asked, reply) => {
    if (asked.url === '/login') reply.setHeader('set-cookie', 'session=1; Path=/')
    reply.end()
  })
  await using lb = await balanced([a.port], {
    'stickiness.enabled': 'true',
    'stickiness.type': 'app_cookie',
    'stickiness.app_cookie.cookie_name': 'session',
  })
  expect((await ask(lb.drydock, lb.dnsName, '/')).headers['set-cookie']).toBeUndefined()
  const cookies = (await ask(lb.drydock, lb.dnsName, '/login')).headers['set-cookie']
  expect(cookies).toEqual(['session=1; Path=/', expect.stringMatching(/^AWSALBAPP-0=/)])
})

test('a client stays with its target group where the rule says so', async () => {
  await using a = await namedTarget('a')
  await using b = await namedTarget('b')
  await using lb = await balanced([])
  const groups = [await lb.control.group('one', [a.port]), await lb.control.group('two', [b.port])]
  const TargetGroups = groups.map((TargetGroupArn) => ({ TargetGroupArn, Weight: 50 }))
  const TargetGroupStickinessConfig = { Enabled: true, DurationSeconds: 60 }
  await lb.control.call('ModifyListener', {
    ListenerArn: lb.listener,
    DefaultActions: [{ Type: 'forward', ForwardConfig: { TargetGroups, TargetGroupStickinessConfig } }],
  })
  const first = await ask(lb.drydock, lb.dnsName)
  const cookie = first.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
  expect(cookie).toMatch(/^AWSALBTG=/)
  for (let i = 0; i < 10; i++)
    expect(nameOf(await ask(lb.drydock, lb.dnsName, '/', { headers: { cookie } }))).toBe(nameOf(first))
})

test.each([
  ['503 where no target is registered', undefined, 503],
  ['502 where the target refuses the connection', 'refuses', 502],
  ['502 where it closes the connection without an answer', 'closes', 502],
  ['502 where it does not speak HTTP', 'babbles', 502],
  ['504 where it does not answer within the idle timeout', 'silent', 504],
])('%s', async (_, behaviour, status) => {
  const target = await startTarget((asked) => {
    if (behaviour === 'closes') asked.socket.destroy()
    if (behaviour === 'babbles') asked.socket.end('hello\r\n\r\n')
  })
  await using lb = await balanced(behaviour ? [target.port] : [])
  await lb.control.call('ModifyLoadBalancerAttributes', {
    LoadBalancerArn: lb.arn,
    Attributes: [{ Key: 'idle_timeout.timeout_seconds', Value: '1' }],
  })
  if (behaviour === 'refuses') await target[Symbol.asyncDispose]()
  const { status: seen, headers } = await ask(lb.drydock, lb.dnsName)
  expect([seen, headers.server]).toEqual([status, 'awselb/2.0'])
  await target[Symbol.asyncDispose]()
  expect(lb.drydock.faults).toEqual([])
})

test('TRACE and endless lists of forwarders are refused', async () => {
  await using a = await namedTarget('a')
  await using lb = await balanced([a.port])
  expect((await ask(lb.drydock, lb.dnsName, '/', { method: 'TRACE' })).status).toBe(405)
  const many = { 'x-forwarded-for': Array.from({ length: 31 }, () => '203.0.113.7').join(', ') }
  expect((await ask(lb.drydock, lb.dnsName, '/', { headers: many })).status).toBe(463)
})

test.each<[string, string, Record<string, string>, number]>([
  ['60 KB of headers pass', '/', largeHeaders(12_000, 5), 200],
  ['a header of more than 16 KB is refused', '/', largeHeaders(17_000, 1), 400],
  ['a URL of more than 16 KB is refused', `/?${'x'.repeat(17_000)}`, {}, 414],
])('%s', async (_, url, headers, status) => {
  await using a = await namedTarget('a')
  await using lb = await balanced([a.port])
  expect((await ask(lb.drydock, lb.dnsName, url, { headers })).status).toBe(status)
})

function largeHeaders(length: number, count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`x-${i}`, 'x'.repeat(length)]))
}

test('a simulated task answers its health checks and nothing else', async () => {
  await using lb = await balanced([])
  await lb.control.call('RegisterTargets', {
    TargetGroupArn: lb.group,
    Targets: [{ Id: '10.0.0.9', Port: 80 }],
  })
  await lb.drydock.engine.advance('5s')
  expect(await lb.control.health(lb.group)).toEqual(['80 unhealthy Target.FailedHealthChecks'])
  const seen = await ask(lb.drydock, lb.dnsName)
  expect(seen.status).toBe(503)
  expect(seen.body).toContain('Tasks are simulated here')
})
