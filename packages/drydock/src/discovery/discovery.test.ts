/** Cloud Map on the virtual clock, against a model of what is registered and how healthy it is. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type TestEngine, testEngine } from '../testing.ts'
import { requireAttributes } from './instance-rules.ts'
import type { ServiceRecord } from './state.ts'

const scope = { accountId: '123456789012', region: 'us-east-1' }
const IDS = ['a', 'b', 'c']

const called = (drydock: TestEngine) => (operation: string, input: object) =>
  drydock.engine.call('discovery', scope, operation, input) as Promise<Record<string, unknown>>

/** A service with custom health in an HTTP namespace. */
async function stageOf(drydock: TestEngine, service: object = { HealthCheckCustomConfig: {} }) {
  const call = called(drydock)
  await call('CreateHttpNamespace', { Name: 'shop' })
  await drydock.engine.advance('1s')
  const { Namespaces } = (await call('ListNamespaces', {})) as { Namespaces: { Id: string }[] }
  const { Service } = (await call('CreateService', {
    Name: 'web',
    NamespaceId: Namespaces[0]?.Id,
    ...service,
  })) as { Service: { Id: string } }
  const discover = async (input: object = {}) => {
    const answer = await call('DiscoverInstances', { NamespaceName: 'shop', ServiceName: 'web', ...input })
    const instances = answer.Instances as { InstanceId: string; HealthStatus: string }[]
    return instances.map(({ InstanceId, HealthStatus }) => `${InstanceId} ${HealthStatus}`).sort()
  }
  return { call, discover, serviceId: Service.Id }
}

type Step =
  | { readonly kind: 'register'; readonly id: string; readonly init: 'HEALTHY' | 'UNHEALTHY' }
  | { readonly kind: 'deregister'; readonly id: string }
  | { readonly kind: 'tell'; readonly id: string; readonly status: 'HEALTHY' | 'UNHEALTHY' }
  | { readonly kind: 'wait'; readonly seconds: number }

const id = fc.constantFrom(...IDS)
const status = fc.constantFrom('HEALTHY' as const, 'UNHEALTHY' as const)
const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('register' as const), id, init: status }),
    fc.record({ kind: fc.constant('deregister' as const), id }),
    fc.record({ kind: fc.constant('tell' as const), id, status }),
    fc.record({ kind: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 40 }) }),
  ),
  { maxLength: 25 },
)

/** What should be there: each instance, its status, and one that was told and since when. */
function model() {
  const there = new Map<string, { status: string; told?: { status: string; at: number } }>()
  let now = 0
  const settle = () => {
    for (const each of there.values()) {
      if (!each.told || each.told.at + 30 > now) continue
      each.status = each.told.status
      delete each.told
    }
  }
  return {
    take(step: Step) {
      if (step.kind === 'register') there.set(step.id, { status: step.init })
      else if (step.kind === 'deregister') there.delete(step.id)
      else if (step.kind === 'tell') {
        const instance = there.get(step.id)
        if (instance?.status === step.status) delete instance.told
        else if (instance) instance.told ??= { status: step.status, at: now }
      }
      // Each step takes a second, for the operation to be done.
      now += step.kind === 'wait' ? step.seconds : 1
      settle()
    },
    answer: () => [...there].map(([name, each]) => `${name} ${each.status}`).sort(),
  }
}

test('whatever is registered, deregistered and told in any order, what is discovered is what a simple model says', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (run) => {
      await using drydock = await testEngine()
      const { call, discover, serviceId: ServiceId } = await stageOf(drydock)
      const expected = model()
      for (const step of run) {
        const of = 'id' in step ? { ServiceId, InstanceId: step.id } : {}
        const done =
          step.kind === 'register'
            ? call('RegisterInstance', { ...of, Attributes: { AWS_INIT_HEALTH_STATUS: step.init } })
            : step.kind === 'deregister'
              ? call('DeregisterInstance', of)
              : step.kind === 'tell'
                ? call('UpdateInstanceCustomHealthStatus', { ...of, Status: step.status })
                : undefined
        const isThere = 'id' in step && expected.answer().some((each) => each.startsWith(step.id))
        if (done && step.kind !== 'register' && !isThere) await expect(done).rejects.toThrow("can't be found")
        else await done
        await drydock.engine.advance(step.kind === 'wait' ? `${step.seconds}s` : '1s')
        expected.take(step)
        expect(await discover()).toEqual(expected.answer())
      }
      expect(drydock.faults).toEqual([])
    }),
    { numRuns: 15 },
  )
})

test('an operation under way is told to whoever repeats it, and in the way of another one on the same instance', async () => {
  await using drydock = await testEngine()
  const { call, serviceId: ServiceId } = await stageOf(drydock, {})
  const request = { ServiceId, InstanceId: 'a', Attributes: { version: '1' } }
  const { OperationId } = await call('RegisterInstance', request)
  await expect(call('RegisterInstance', request)).rejects.toMatchObject({
    name: 'DuplicateRequest',
    DuplicateOperationId: OperationId,
  })
  const other = { ...request, Attributes: { version: '2' } }
  await expect(call('RegisterInstance', other)).rejects.toMatchObject({ name: 'ResourceInUse' })
  await expect(call('DeleteService', { Id: ServiceId })).rejects.toMatchObject({ name: 'ResourceInUse' })
  expect(await call('GetOperation', { OperationId })).toMatchObject({ Operation: { Status: 'PENDING' } })
  await drydock.engine.advance('1s')
  expect(await call('GetOperation', { OperationId })).toMatchObject({ Operation: { Status: 'SUCCESS' } })
})

test('a service holds a thousand instances, those on their way included, and one of them can be changed', async () => {
  await using drydock = await testEngine()
  const { call, serviceId: ServiceId } = await stageOf(drydock, {})
  const register = (InstanceId: string) => call('RegisterInstance', { ServiceId, InstanceId, Attributes: {} })
  for (let index = 0; index < 1000; index++) {
    await register(`i${index}`)
    if (index === 500) await drydock.engine.advance('1s')
  }
  await expect(register('one-more')).rejects.toMatchObject({ name: 'ResourceLimitExceeded' })
  await drydock.engine.advance('1s')
  await expect(register('one-more')).rejects.toMatchObject({ name: 'ResourceLimitExceeded' })
  await register('i7')
  const page = { NamespaceName: 'shop', ServiceName: 'web' }
  expect((await call('DiscoverInstances', page)).Instances).toHaveLength(100)
  expect((await call('DiscoverInstances', { ...page, MaxResults: 1000 })).Instances).toHaveLength(1000)
})

function dnsOf(type: 'A' | 'AAAA' | 'SRV' | 'CNAME'): ServiceRecord['dns'] {
  return { routingPolicy: 'MULTIVALUE', records: [{ type, ttl: 10 }] }
}

function many(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`key${index}`, 'value']))
}

const SERVICE: ServiceRecord = {
  id: 'srv-1',
  arn: 'arn:aws:servicediscovery:us-east-1:123456789012:service/srv-1',
  name: 'web',
  namespaceId: 'ns-1',
  hasCustomHealth: false,
  creatorRequestId: 'test',
  createdAt: 0,
  tags: {},
  attributes: {},
  revision: 1,
  instances: {},
}

test.each<[string, ServiceRecord['dns'], Record<string, string>, string | undefined]>([
  ['an A record needs an IPv4 address', dnsOf('A'), {}, 'AWS_INSTANCE_IPV4'],
  [
    'an AAAA record needs an IPv6 address',
    dnsOf('AAAA'),
    { AWS_INSTANCE_IPV4: '10.0.0.1' },
    'AWS_INSTANCE_IPV6',
  ],
  ['an SRV record needs a port', dnsOf('SRV'), { AWS_INSTANCE_IPV4: '10.0.0.1' }, 'AWS_INSTANCE_PORT'],
  ['and an address', dnsOf('SRV'), { AWS_INSTANCE_PORT: '80' }, 'AWS_INSTANCE_IPV4'],
  ['of either kind', dnsOf('SRV'), { AWS_INSTANCE_PORT: '80', AWS_INSTANCE_IPV6: '::1' }, undefined],
  ['an address must be one', undefined, { AWS_INSTANCE_IPV4: '10.0.0.256' }, '10.0.0.256'],
  ['a port must be one', undefined, { AWS_INSTANCE_PORT: '65536' }, '65536'],
  ['a name must be one', dnsOf('CNAME'), { AWS_INSTANCE_CNAME: 'a..b' }, 'a..b'],
  ['an alias needs weighted records', dnsOf('A'), { AWS_ALIAS_DNS_NAME: 'lb.example.com' }, 'WEIGHTED'],
  [
    'a status needs a custom health check',
    undefined,
    { AWS_INIT_HEALTH_STATUS: 'HEALTHY' },
    'HealthCheckCustom',
  ],
  ['an instance by EC2 id is not possible here', undefined, { AWS_EC2_INSTANCE_ID: 'i-1' }, 'not supported'],
  ['a value has no line break', undefined, { note: 'a\nb' }, "'note'"],
  ['thirty custom attributes are enough', undefined, many(31), 'at most 30'],
  ['and thirty are allowed', undefined, many(30), undefined],
])('%s', (_, dns, attributes, expected) => {
  const check = () => requireAttributes(attributes, { ...SERVICE, ...(dns && { dns }) })
  if (expected === undefined) expect(check).not.toThrow()
  else expect(check).toThrow(expected)
})
