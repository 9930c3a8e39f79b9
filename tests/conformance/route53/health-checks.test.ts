/** Health checks through the SDK's client: endpoints that are really asked, and what DNS makes of what is found. */

import { Resolver } from 'node:dns/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { HealthCheckConfig } from '@aws-sdk/client-route-53'
import { expect, onTestFinished, test } from 'vitest'
import { records, type Stage, testZone } from './harness.ts'

/** An endpoint whose answer can be changed. */
async function endpoint() {
  const answer = { status: 200, body: 'all is well', hosts: new Set<string | undefined>() }
  const server = createServer((request, reply) => {
    answer.hosts.add(request.headers.host)
    reply.writeHead(answer.status).end(answer.body)
  })
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
  onTestFinished(() => void server.close())
  return { answer, port: (server.address() as AddressInfo).port }
}

function resolverOf({ drydock }: Stage): Resolver {
  const resolver = new Resolver()
  resolver.setServers([drydock.dns ?? ''])
  return resolver
}

let references = 0
async function check({ route53 }: Stage, config: Partial<HealthCheckConfig>): Promise<string> {
  const HealthCheckConfig = {
    Type: 'HTTP',
    IPAddress: '127.0.0.1',
    FailureThreshold: 1,
    RequestInterval: 10,
    ...config,
  } as const
  const made = await route53.createHealthCheck({ CallerReference: `${references++}`, HealthCheckConfig })
  return made.HealthCheck?.Id ?? ''
}

async function statusOf({ route53, drydock }: Stage, HealthCheckId: string) {
  await drydock.engine.settle()
  const { HealthCheckObservations } = await route53.getHealthCheckStatus({ HealthCheckId })
  return HealthCheckObservations?.map(({ StatusReport }) => StatusReport?.Status)
}

test('endpoints are asked by HTTP, for a text, and by TCP', async () => {
  await using stage = await testZone()
  const { answer, port } = await endpoint()
  const http = await check(stage, { Port: port, FullyQualifiedDomainName: 'web.example.com' })
  const text = await check(stage, { Port: port, Type: 'HTTP_STR_MATCH', SearchString: 'well' })
  const tcp = await check(stage, { Port: port, Type: 'TCP' })
  expect(await statusOf(stage, http)).toEqual(['Success: HTTP Status Code 200, OK'])
  expect(answer.hosts).toContain(`web.example.com:${port}`)
  expect(await statusOf(stage, text)).toEqual([expect.stringMatching(/^Success/)])
  expect(await statusOf(stage, tcp)).toEqual([expect.stringMatching(/^Success/)])
  Object.assign(answer, { status: 503, body: '' })
  await stage.drydock.engine.advance('10s')
  expect(await statusOf(stage, http)).toEqual(['Failure: HTTP Status Code 503, Service Unavailable'])
  expect(await statusOf(stage, text)).toEqual([expect.stringMatching(/^Failure/)])
  const failures = await stage.route53.getHealthCheckLastFailureReason({ HealthCheckId: http })
  expect(failures.HealthCheckObservations).toHaveLength(1)
})

test('failover follows the health of the primary, on its threshold', async () => {
  await using stage = await testZone({ dns: { port: 0 } })
  const { answer, port } = await endpoint()
  const HealthCheckId = await check(stage, { Port: port, FailureThreshold: 2 })
  const set = (Failover: 'PRIMARY' | 'SECONDARY', address: string, more = {}) =>
    records('web.example.com', 'A', [address], { SetIdentifier: Failover, Failover, ...more })
  await stage.create(set('PRIMARY', '192.0.2.1', { HealthCheckId }), set('SECONDARY', '192.0.2.2'))
  const resolver = resolverOf(stage)
  const ask = async () => {
    await stage.drydock.engine.settle()
    return resolver.resolve4('web.example.com')
  }
  expect(await ask()).toEqual(['192.0.2.1'])
  answer.status = 500
  await stage.drydock.engine.advance('10s')
  expect(await ask()).toEqual(['192.0.2.1'])
  await stage.drydock.engine.advance('10s')
  expect(await ask()).toEqual(['192.0.2.2'])
  answer.status = 200
  await stage.drydock.engine.advance('20s')
  expect(await ask()).toEqual(['192.0.2.1'])
})

test('multivalue answers leave out what is unhealthy; calculated and inverted checks count', async () => {
  await using stage = await testZone({ dns: { port: 0 } })
  const { port } = await endpoint()
  const up = await check(stage, { Port: port })
  const down = await check(stage, { Port: port, Inverted: true })
  const calculated = {
    Type: 'CALCULATED',
    IPAddress: undefined,
    RequestInterval: undefined,
    FailureThreshold: undefined,
  } as const
  const both = await check(stage, { ...calculated, ChildHealthChecks: [up, down], HealthThreshold: 2 })
  const one = await check(stage, { ...calculated, ChildHealthChecks: [up, down], HealthThreshold: 1 })
  await stage.drydock.engine.settle()
  const set = (SetIdentifier: string, address: string) =>
    records('m.example.com', 'A', [address], {
      SetIdentifier,
      MultiValueAnswer: true,
      HealthCheckId: SetIdentifier,
    })
  await stage.create(
    set(up, '192.0.2.1'),
    set(down, '192.0.2.2'),
    set(both, '192.0.2.3'),
    set(one, '192.0.2.4'),
  )
  expect((await resolverOf(stage).resolve4('m.example.com')).sort()).toEqual(['192.0.2.1', '192.0.2.4'])
})

test('a load balancer’s name and an alias to it lead to its address', async () => {
  await using stage = await testZone({ dns: { port: 0 } })
  const elb = new ElasticLoadBalancingV2(stage.drydock.config)
  const { LoadBalancers } = await elb.createLoadBalancer({ Name: 'web', Subnets: ['subnet-1', 'subnet-2'] })
  await stage.drydock.engine.settle()
  const { DNSName = '', CanonicalHostedZoneId: HostedZoneId = '' } = LoadBalancers?.[0] ?? {}
  const AliasTarget = { HostedZoneId, DNSName: `dualstack.${DNSName}`, EvaluateTargetHealth: false }
  await stage.create({ Name: 'example.com', Type: 'A', AliasTarget })
  const resolver = resolverOf(stage)
  const direct = await resolver.resolve4(DNSName)
  expect(direct).toEqual([expect.stringMatching(/^127\./)])
  expect(await resolver.resolve4('example.com', { ttl: true })).toEqual([{ address: direct[0], ttl: 60 }])
  await expect(resolver.resolve4('none.us-east-1.elb.localhost')).rejects.toMatchObject({ code: 'ENOTFOUND' })
})

test('health checks are changed by version, listed and deleted', async () => {
  await using stage = await testZone()
  const { route53 } = stage
  const HealthCheckId = await check(stage, { Port: 1 })
  const { HealthCheck } = await route53.updateHealthCheck({
    HealthCheckId,
    HealthCheckVersion: 1,
    Disabled: true,
  })
  expect(HealthCheck).toMatchObject({ HealthCheckVersion: 2, HealthCheckConfig: { Disabled: true, Port: 1 } })
  await expect(route53.updateHealthCheck({ HealthCheckId, HealthCheckVersion: 1 })).rejects.toMatchObject({
    name: 'HealthCheckVersionMismatch',
  })
  expect((await route53.listHealthChecks({})).HealthChecks).toHaveLength(1)
  await route53.deleteHealthCheck({ HealthCheckId })
  await expect(route53.getHealthCheck({ HealthCheckId })).rejects.toMatchObject({ name: 'NoSuchHealthCheck' })
})

test.each<[string, object, string]>([
  ['no endpoint', { IPAddress: undefined }, 'InvalidInput'],
  ['an interval of 20 s', { RequestInterval: 20 }, 'InvalidInput'],
  ['TCP without a port', { Type: 'TCP' }, 'InvalidInput'],
  ['a threshold of 11', { FailureThreshold: 11 }, 'InvalidInput'],
  ['a check of an alarm', { Type: 'CLOUDWATCH_METRIC' }, 'NotImplementedException'],
])('a health check with %s is refused', async (_, config, name) => {
  await using stage = await testZone()
  await expect(check(stage, config)).rejects.toMatchObject({ name })
})
