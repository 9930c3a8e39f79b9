/** Namespaces and their zones together: whatever happens, also the end of a process halfway, the zone is what Cloud Map says. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { recordSetsOf } from '../discovery/records.ts'
import type { Home } from '../engine.ts'
import { recordSetView } from '../route53/record-lists.ts'
import { type TestEngine, testEngine } from '../testing.ts'

const scope = { accountId: '123456789012', region: 'eu-west-1' }

const call = ({ engine }: TestEngine, operation: string, input: object) =>
  engine.call('discovery', scope, operation, input)

const copyOf = ({ engine }: TestEngine): Home[] => structuredClone(engine.snapshot())

/** The state of Cloud Map from before, and that of Route 53 from after: what was done was never reported. */
function torn(before: Home[], after: Home[]): Home[] {
  const unreported = before.filter(({ name }) => name === 'discovery')
  for (const { state } of unreported)
    for (const operation of Object.values((state as { pending: Record<string, object> }).pending))
      Object.assign(operation, { isAsked: true })
  return [...unreported, ...after.filter(({ name }) => name === 'route53')]
}

/** Goes on with a state in a new engine. */
async function resumed(homes: Home[]): Promise<TestEngine> {
  const drydock = await testEngine()
  await drydock.engine.restore(homes)
  drydock.engine.resume(() => drydock.engine.report('discovery', scope, { kind: 'host-restarted' }))
  await drydock.engine.advance('10m')
  return drydock
}

const zonesOf = ({ engine }: TestEngine) => structuredClone(engine.state('route53', scope).zones)

/** An engine with a namespace, a service with SRV records and an instance of it. */
async function stage(drydock: TestEngine) {
  await call(drydock, 'CreatePrivateDnsNamespace', { Name: 'corp.local', Vpc: 'vpc-1' })
  await drydock.engine.advance('1s')
  const [namespace] = Object.values(drydock.engine.state('discovery', scope).namespaces)
  const DnsConfig = { DnsRecords: [{ Type: 'SRV', TTL: 10 }] }
  const made = { Name: 'web', NamespaceId: namespace?.id, DnsConfig, HealthCheckCustomConfig: {} }
  await call(drydock, 'CreateService', made)
  const [service] = Object.values(drydock.engine.state('discovery', scope).services)
  const ids = { NamespaceId: namespace?.id, ServiceId: service?.id }
  const register = (InstanceId: string, last: number) =>
    call(drydock, 'RegisterInstance', {
      ServiceId: ids.ServiceId,
      InstanceId,
      Attributes: { AWS_INSTANCE_IPV4: `192.0.2.${last}`, AWS_INSTANCE_PORT: '80' },
    })
  await register('old', 1)
  await drydock.engine.advance('1s')
  return { ...ids, register }
}

type Stage = Awaited<ReturnType<typeof stage>>

test.each<[string, (drydock: TestEngine, of: Stage) => Promise<unknown>]>([
  ['a registration', (_, { register }) => register('new', 2)],
  ['a registration with another address', (_, { register }) => register('old', 2)],
  [
    'a deregistration',
    (drydock, { ServiceId }) => call(drydock, 'DeregisterInstance', { ServiceId, InstanceId: 'old' }),
  ],
  [
    'a change of a service',
    (drydock, { ServiceId: Id }) => {
      const DnsConfig = { DnsRecords: [{ Type: 'SRV', TTL: 99 }] }
      return call(drydock, 'UpdateService', { Id, Service: { DnsConfig } })
    },
  ],
  [
    'a new namespace',
    (drydock) => call(drydock, 'CreatePrivateDnsNamespace', { Name: 'other.local', Vpc: 'vpc-1' }),
  ],
])('%s that was done and not reported is done once', async (_, change) => {
  await using first = await testEngine()
  const of = await stage(first)
  await change(first, of)
  const before = copyOf(first)
  await first.engine.advance('1s')
  await using second = await resumed(torn(before, copyOf(first)))
  const { pending, ended } = second.engine.state('discovery', scope)
  expect(Object.keys(pending)).toEqual([])
  expect(Object.values(ended).at(-1)?.status).toBe('SUCCESS')
  expect(zonesOf(second)).toEqual(zonesOf(first))
  expect(second.faults).toEqual([])
})

test('a deletion that was done and not reported is done, with the health check of the unhealthy', async () => {
  await using first = await testEngine()
  const { NamespaceId: Id, ServiceId } = await stage(first)
  const InstanceId = 'old'
  await call(first, 'UpdateInstanceCustomHealthStatus', { ServiceId, InstanceId, Status: 'UNHEALTHY' })
  await first.engine.advance('1m')
  expect(Object.keys(first.engine.state('route53', scope).healthChecks)).toHaveLength(1)
  await call(first, 'DeregisterInstance', { ServiceId, InstanceId })
  await first.engine.advance('1s')
  await call(first, 'DeleteService', { Id: ServiceId })
  await call(first, 'DeleteNamespace', { Id })
  const before = copyOf(first)
  await first.engine.advance('1s')
  await using second = await resumed(torn(before, copyOf(first)))
  const { namespaces, ended } = second.engine.state('discovery', scope)
  expect(Object.values(ended).at(-1)).toMatchObject({ type: 'DELETE_NAMESPACE', status: 'SUCCESS' })
  const { zones, healthChecks } = second.engine.state('route53', scope)
  expect([namespaces, zones, healthChecks].map((each) => Object.keys(each))).toEqual([[], [], []])
})

test('a status that counted just before the end is in DNS after it', async () => {
  await using first = await testEngine()
  const { ServiceId } = await stage(first)
  const before = copyOf(first)
  await call(first, 'UpdateInstanceCustomHealthStatus', { ServiceId, InstanceId: 'old', Status: 'UNHEALTHY' })
  await first.engine.advance('1m')
  const after = copyOf(first)
  await using second = await resumed(torn(after, before))
  const [zone] = Object.values(zonesOf(second))
  expect(zone?.names['web.corp.local.']).toMatchObject([{ healthCheckId: expect.any(String) }])
})

test('what is asked at one time goes into few batches', async () => {
  await using drydock = await testEngine()
  const { register } = await stage(drydock)
  const batches = () => Object.keys(drydock.engine.state('route53', scope).changes).length
  const before = batches()
  for (let i = 0; i < 200; i++) await register(`i-${i}`, i)
  await drydock.engine.advance('1s')
  expect(batches() - before).toBe(5)
  const [zone] = Object.values(zonesOf(drydock))
  expect(zone?.names['web.corp.local.']).toHaveLength(201)
})

const step = fc.record({
  kind: fc.constantFrom('register', 'deregister', 'well', 'unwell', 'ttl', 'wait'),
  id: fc.constantFrom('old', 'a', 'b', 'x'.repeat(64)),
  number: fc.integer({ min: 1, max: 250 }),
})

/** All record sets of instances that there are in the zone. */
const inZone = (drydock: TestEngine) =>
  Object.values(zonesOf(drydock)).flatMap(({ names }) =>
    Object.values(names)
      .flat()
      .filter(({ setIdentifier }) => setIdentifier !== undefined)
      .map(recordSetView),
  )

/** All that there should be. */
function inCloudMap({ engine }: TestEngine) {
  const { services } = engine.state('discovery', scope)
  const [unhealthyCheckId = ''] = Object.keys(engine.state('route53', scope).healthChecks)
  return Object.values(services).flatMap((service) =>
    Object.values(service.instances).flatMap((instance) =>
      recordSetsOf(service, instance, {
        namespaceName: 'corp.local',
        ...(instance.health === 'UNHEALTHY' && { unhealthyCheckId }),
      }),
    ),
  )
}

const sorted = (sets: readonly object[]) =>
  sets
    .map((set) => JSON.stringify(Object.entries({ ...set }).sort()).replaceAll('corp.local.', 'corp.local'))
    .sort()

test('whatever is registered, deregistered, told and changed in any order, the zone is what Cloud Map says', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30, size: 'max' }), async (steps) => {
      await using drydock = await testEngine()
      const { ServiceId, register } = await stage(drydock)
      const tell = (InstanceId: string, Status: string) =>
        call(drydock, 'UpdateInstanceCustomHealthStatus', { ServiceId, InstanceId, Status })
      for (const { kind, id, number } of steps) {
        const asked =
          kind === 'register'
            ? register(id, number)
            : kind === 'deregister'
              ? call(drydock, 'DeregisterInstance', { ServiceId, InstanceId: id })
              : kind === 'ttl'
                ? call(drydock, 'UpdateService', {
                    Id: ServiceId,
                    Service: { DnsConfig: { DnsRecords: [{ Type: 'SRV', TTL: number }] } },
                  })
                : kind === 'wait'
                  ? drydock.engine.advance(`${number}00ms`)
                  : tell(id, kind === 'well' ? 'HEALTHY' : 'UNHEALTHY')
        // What is not there, or being changed, is refused; what is left over is looked at below.
        await asked.catch(() => {})
      }
      await drydock.engine.advance('1m')
      expect(sorted(inZone(drydock))).toEqual(sorted(inCloudMap(drydock)))
      expect(drydock.faults).toEqual([])
    }),
    { numRuns: 30 },
  )
})
