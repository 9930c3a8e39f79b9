/** Node's own resolver (c-ares) as a client of the DNS server, and an HTTP client that finds tasks by it. */
import { Resolver } from 'node:dns/promises'
import { get } from 'node:http'
import type { LookupFunction } from 'node:net'
import { text } from 'node:stream/consumers'
import { ECS } from '@aws-sdk/client-ecs'
import { ServiceDiscovery } from '@aws-sdk/client-servicediscovery'
import { type TestEngine, testEngine } from '@capstan/drydock/testing.ts'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../fixtures/program.ts'
import { records, testZone } from '../route53/harness.ts'
import { pushProgram } from '../tasks/program.ts'

function resolverOf({ dns = '' }: TestEngine): Resolver {
  const resolver = new Resolver()
  resolver.setServers([dns])
  return resolver
}

test("Node's resolver reads every type of record that it knows", async () => {
  await using stage = await testZone({ dns: { port: 0 } })
  const resolver = resolverOf(stage.drydock)
  await stage.create(
    records('www.example.com', 'A', ['192.0.2.1', '192.0.2.2']),
    records('www.example.com', 'AAAA', ['2001:db8::1']),
    records('alias.example.com', 'CNAME', ['www.example.com']),
    records('example.com', 'MX', ['10 mail.example.com']),
    records('example.com', 'TXT', ['"one two" "three"']),
    records('example.com', 'CAA', ['0 issue "ca.example.net"']),
    records('_http._tcp.example.com', 'SRV', ['1 10 8080 www.example.com']),
  )
  expect((await resolver.resolve4('www.example.com', { ttl: true })).sort(byAddress)).toEqual([
    { address: '192.0.2.1', ttl: 60 },
    { address: '192.0.2.2', ttl: 60 },
  ])
  expect(await resolver.resolve6('www.example.com')).toEqual(['2001:db8::1'])
  expect(await resolver.resolveCname('alias.example.com')).toEqual(['www.example.com'])
  expect((await resolver.resolve4('alias.example.com')).sort()).toEqual(['192.0.2.1', '192.0.2.2'])
  expect(await resolver.resolveMx('example.com')).toMatchObject([
    { priority: 10, exchange: 'mail.example.com' },
  ])
  expect(await resolver.resolveTxt('example.com')).toEqual([['one two', 'three']])
  expect(await resolver.resolveCaa('example.com')).toMatchObject([{ critical: 0, issue: 'ca.example.net' }])
  expect(await resolver.resolveSrv('_http._tcp.example.com')).toMatchObject([
    { priority: 1, weight: 10, port: 8080, name: 'www.example.com' },
  ])
  expect(await resolver.resolveNs('example.com')).toHaveLength(4)
  expect(await resolver.resolveSoa('example.com')).toMatchObject({ minttl: 86_400 })
})

const byAddress = (a: { address: string }, b: { address: string }) => (a.address < b.address ? -1 : 1)

test("Node's resolver tells names without records from names that are not there and zones that are elsewhere", async () => {
  await using stage = await testZone({ dns: { port: 0 } })
  const resolver = resolverOf(stage.drydock)
  await stage.create(records('www.example.com', 'A', ['192.0.2.1']))
  await expect(resolver.resolve6('www.example.com')).rejects.toMatchObject({ code: 'ENODATA' })
  await expect(resolver.resolve4('nothing.example.com')).rejects.toMatchObject({ code: 'ENOTFOUND' })
  await expect(resolver.resolve4('example.net')).rejects.toMatchObject({ code: 'EREFUSED' })
})

test("Node's resolver comes over TCP for what no datagram holds", async () => {
  await using stage = await testZone({ dns: { port: 0 } })
  const addresses = Array.from({ length: 300 }, (_, i) => `192.0.${i >> 8}.${i & 255}`)
  await stage.create(records('many.example.com', 'A', addresses))
  const found = await resolverOf(stage.drydock).resolve4('many.example.com')
  expect(found.sort()).toEqual(addresses.sort())
})

const SERVER = `
import { createServer } from 'node:http'
createServer((request, response) => response.end(request.socket.localAddress)).listen(8080)
process.on('SIGTERM', () => process.exit(0))
`

/** A service of two tasks that run a program, registered as `web.corp.local` by ECS. */
async function serve(drydock: TestEngine): Promise<void> {
  const { reference } = await pushProgram(drydock, SERVER)
  const map = new ServiceDiscovery({ ...drydock.config, disableHostPrefix: true })
  await map.createPrivateDnsNamespace({ Name: 'corp.local', Vpc: 'vpc-1' })
  const namespace = await until('the namespace is there', async () => {
    return (await map.listNamespaces({})).Namespaces?.[0]
  })
  const { Service } = await map.createService({
    Name: 'web',
    NamespaceId: namespace.Id,
    DnsConfig: { RoutingPolicy: 'MULTIVALUE', DnsRecords: [{ Type: 'A', TTL: 1 }] },
  })
  const ecs = new ECS(drydock.config)
  await ecs.createCluster({ clusterName: 'default' })
  await ecs.registerTaskDefinition({
    family: 'web',
    networkMode: 'awsvpc',
    requiresCompatibilities: ['FARGATE'],
    cpu: '256',
    memory: '512',
    containerDefinitions: [{ name: 'web', image: reference, portMappings: [{ containerPort: 8080 }] }],
  })
  await ecs.createService({
    serviceName: 'web',
    taskDefinition: 'web',
    desiredCount: 2,
    launchType: 'FARGATE',
    serviceRegistries: [{ registryArn: Service?.Arn }],
    networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-0123456789abcdef0'] } },
  })
}

/** GET http://web.corp.local:8080/ over a connection of its own. Rejects where nothing listens yet. */
const ask = (lookup: LookupFunction) =>
  new Promise<string>((resolve, reject) => {
    get({ host: 'web.corp.local', port: 8080, lookup, agent: false }, (response) =>
      resolve(text(response)),
    ).on('error', reject)
  })

test('an HTTP client reaches every task of a service by its name', async () => {
  const drydock = await testEngine({ tasks: 'process', clock: 'system', dns: { port: 0 } })
  onTestFinished(() => drydock.close())
  await serve(drydock)
  const resolver = resolverOf(drydock)
  const lookup: LookupFunction = (name, _, found) =>
    resolver.resolve4(name).then(
      (addresses) =>
        found(
          null,
          addresses.map((address) => ({ address, family: 4 })),
        ),
      (error) => found(error, ''),
    )
  const answered = new Set<string>()
  await until('both tasks have answered', async () => {
    const address = await ask(lookup).catch(() => undefined)
    if (address) answered.add(address)
    return answered.size === 2 || undefined
  })
  const addresses = await resolver.resolve4('web.corp.local')
  expect([...answered].sort()).toEqual(addresses.sort())
  expect(drydock.faults).toEqual([])
})
