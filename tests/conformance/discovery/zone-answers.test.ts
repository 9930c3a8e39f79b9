/** What dig gets for the names of namespaces: of instances as they come and go, are well and unwell, and of tasks of ECS. */
import { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2'
import { describe, expect, test } from 'vitest'
import { digAt, hasDig } from '../dns/dig.ts'
import { testEcs } from '../ecs/harness.ts'
import { testZones } from './zone-harness.ts'

const ipv4 = (last: number) => ({ AWS_INSTANCE_IPV4: `192.0.2.${last}` })

describe.skipIf(!hasDig)('dig', () => {
  test('finds instances while they are registered, and nothing before and after', async () => {
    await using stage = await testZones()
    const { map, done, dig, short } = stage
    expect(await dig('corp.local', 'SOA')).toMatch(/status: REFUSED/)
    const namespace = await stage.namespace()
    const ServiceId = await stage.service(namespace, 'Web', ['A'])
    expect(await dig('web.corp.local')).toMatch(/status: NXDOMAIN[\s\S]*corp\.local\.\s+15\s+IN\s+SOA/)
    await stage.register(ServiceId, 'a', ipv4(1))
    await stage.register(ServiceId, 'b', ipv4(2))
    expect(await dig('web.corp.local')).toMatch(/web\.corp\.local\.\s+10\s+IN\s+A\s+192\.0\.2\./)
    expect((await short('web.corp.local')).sort()).toEqual(['192.0.2.1', '192.0.2.2'])
    await done(await map.deregisterInstance({ ServiceId, InstanceId: 'a' }))
    expect(await short('web.corp.local')).toEqual(['192.0.2.2'])
    await done(await map.deregisterInstance({ ServiceId, InstanceId: 'b' }))
    expect(await dig('web.corp.local')).toMatch(/status: NXDOMAIN/)
    await map.deleteService({ Id: ServiceId })
    await done(await map.deleteNamespace({ Id: namespace }))
    expect(await dig('corp.local', 'SOA')).toMatch(/status: REFUSED/)
  })

  test('follows SRV records to the addresses of their names, CNAMEs and aliases to theirs', async () => {
    await using stage = await testZones()
    const { short } = stage
    const namespace = await stage.namespace()
    const srv = await stage.service(namespace, '_http._tcp.web', ['SRV'])
    await stage.register(srv, 'i-1', { ...ipv4(1), AWS_INSTANCE_PORT: '8080' })
    expect(await short('_http._tcp.web.corp.local', 'SRV')).toEqual([
      '1 1 8080 i-1._http._tcp.web.corp.local.',
    ])
    expect(await short('i-1._http._tcp.web.corp.local')).toEqual(['192.0.2.1'])
    const other = await stage.service(namespace, 'other', ['CNAME'], { isWeighted: true })
    await stage.register(other, 'i-1', { AWS_INSTANCE_CNAME: 'i-1._http._tcp.web.corp.local' })
    expect(await short('other.corp.local')).toEqual(['i-1._http._tcp.web.corp.local.', '192.0.2.1'])
    const alias = await stage.service(namespace, 'alias', ['A'], { isWeighted: true })
    await stage.register(alias, 'i-1', { AWS_ALIAS_DNS_NAME: 'i-1._http._tcp.web.corp.local' })
    expect(await short('alias.corp.local')).toEqual(['192.0.2.1'])
  })

  test('gets the address of a load balancer by an alias to it, and of a name with unusual characters', async () => {
    await using stage = await testZones()
    const { short } = stage
    const namespace = await stage.namespace()
    const alias = await stage.service(namespace, 'alias', ['A'], { isWeighted: true })
    const elb = new ElasticLoadBalancingV2(stage.drydock.config)
    for (const Type of ['application', 'network'] as const) {
      const asked = { Name: Type, Type, Subnets: ['subnet-1', 'subnet-2'] }
      const { LoadBalancers } = await elb.createLoadBalancer(asked)
      const { DNSName = '', CanonicalHostedZoneId } = LoadBalancers?.[0] ?? {}
      await stage.register(alias, 'i-1', { AWS_ALIAS_DNS_NAME: `dualstack.${DNSName}` })
      expect(await stage.records(namespace)).toMatchObject([
        { AliasTarget: { HostedZoneId: CanonicalHostedZoneId, DNSName: `dualstack.${DNSName}.` } },
      ])
      const address = await short(DNSName)
      expect(address).toEqual([expect.stringMatching(/^127\./)])
      expect(await short('alias.corp.local')).toEqual(address)
    }
    const odd = await stage.service(namespace, 'odd', ['SRV'])
    await stage.register(odd, 'Task/1:a@b', { ...ipv4(7), AWS_INSTANCE_PORT: '80' })
    const [line = ''] = await short('odd.corp.local', 'SRV')
    expect(await short(line.split(' ')[3] ?? '')).toEqual(['192.0.2.7'])
  })

  test('gets eight of a thousand instances at random, of weighted ones a single one', async () => {
    await using stage = await testZones()
    const { map, short } = stage
    const namespace = await stage.namespace()
    const ServiceId = await stage.service(namespace, 'many', ['A'])
    for (let i = 0; i < 1000; i++) {
      const Attributes = { AWS_INSTANCE_IPV4: `198.18.${i >> 8}.${i & 255}` }
      await map.registerInstance({ ServiceId, InstanceId: `i-${i}`, Attributes })
    }
    await stage.advance('1s')
    const { HostedZones = [] } = await stage.route53.listHostedZones({})
    expect(HostedZones[0]?.ResourceRecordSetCount).toBe(1002)
    const seen = new Set<string>()
    for (let i = 0; i < 12; i++) {
      const answers = await short('many.corp.local')
      expect(new Set(answers).size).toBe(8)
      for (const each of answers) seen.add(each)
    }
    expect(seen.size).toBeGreaterThan(60)
    const one = await stage.service(namespace, 'one', ['A'], { isWeighted: true })
    for (let i = 0; i < 20; i++) await stage.register(one, `i-${i}`, ipv4(i))
    const single = new Set<string>()
    for (let i = 0; i < 12; i++) {
      const answers = await short('one.corp.local')
      expect(answers).toHaveLength(1)
      for (const each of answers) single.add(each)
    }
    expect(single.size).toBeGreaterThan(3)
  })

  test.each([false, true])(
    'is kept from unhealthy instances, unless there are no others (weighted: %s)',
    async (isWeighted) => {
      await using stage = await testZones()
      const { map, short } = stage
      const namespace = await stage.namespace()
      const custom = { HealthCheckCustomConfig: {}, isWeighted }
      const ServiceId = await stage.service(namespace, 'web', ['A'], custom)
      const all = async () => {
        const seen = new Set<string>()
        for (let i = 0; i < 12; i++) for (const each of await short('web.corp.local')) seen.add(each)
        return [...seen].sort()
      }
      const tell = (InstanceId: string, Status: 'HEALTHY' | 'UNHEALTHY') =>
        map.updateInstanceCustomHealthStatus({ ServiceId, InstanceId, Status })
      await stage.register(ServiceId, 'a', ipv4(1))
      await stage.register(ServiceId, 'b', { ...ipv4(2), AWS_INIT_HEALTH_STATUS: 'UNHEALTHY' })
      expect(await all()).toEqual(['192.0.2.1'])
      await tell('b', 'HEALTHY')
      await stage.advance('29s')
      expect(await all()).toEqual(['192.0.2.1'])
      await stage.advance('1s')
      expect(await all()).toEqual(['192.0.2.1', '192.0.2.2'])
      await tell('a', 'UNHEALTHY')
      await stage.advance('30s')
      expect(await all()).toEqual(['192.0.2.2'])
      await tell('b', 'UNHEALTHY')
      await stage.advance('30s')
      expect(await all()).toEqual(['192.0.2.1', '192.0.2.2'])
      for (const InstanceId of ['a', 'b'])
        await stage.done(await map.deregisterInstance({ ServiceId, InstanceId }))
      await map.deleteService({ Id: ServiceId })
      await stage.done(await map.deleteNamespace({ Id: namespace }))
      expect((await stage.route53.listHealthChecks({})).HealthChecks).toEqual([])
    },
  )

  test('finds the tasks of a service by its name over UDP, and each by the name of its SRV record', async () => {
    await using ecs = await testEcs({ dns: { port: 0 } })
    await using stage = await testZones({}, ecs.drydock)
    const { short } = digAt(ecs.drydock.dns)
    const namespace = await stage.namespace()
    const web = await stage.map.getService({ Id: await stage.service(namespace, 'web', ['A']) })
    const srv = await stage.map.getService({ Id: await stage.service(namespace, 'srv', ['SRV']) })
    await ecs.register()
    const registryArn = web.Service?.Arn
    await ecs.serve({ serviceRegistries: [{ registryArn }], desiredCount: 3 })
    const container = { registryArn: srv.Service?.Arn, containerName: 'web', containerPort: 80 }
    await ecs.serve({ serviceName: 'srv', serviceRegistries: [container], desiredCount: 1 })
    await ecs.advance('10s')
    const addresses = async (serviceName: string) => {
      const { taskArns = [] } = await ecs.client.listTasks({ serviceName })
      const { tasks = [] } = await ecs.client.describeTasks({ tasks: taskArns })
      const details = tasks.flatMap(({ attachments }) => attachments?.[0]?.details ?? [])
      return details.filter(({ name }) => name === 'privateIPv4Address').map(({ value }) => value)
    }
    const found = async (name: string) => (await short('+notcp', name)).sort()
    expect(await found('web.corp.local')).toEqual((await addresses('web')).sort())
    const [line = ''] = await short('+notcp', 'srv.corp.local', 'SRV')
    expect(line).toMatch(/^1 1 80 \w+\.srv\.corp\.local\.$/)
    expect(await found(line.split(' ')[3] ?? '')).toEqual(await addresses('srv'))
    await ecs.client.updateService({ service: 'web', desiredCount: 0 })
    await ecs.advance('1m')
    expect(await found('web.corp.local')).toEqual([])
  })
})
