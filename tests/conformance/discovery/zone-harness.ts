/** An engine with Cloud Map, Route 53 and a DNS server, and short ways to make namespaces, services and instances. */
import { Route53 } from '@aws-sdk/client-route-53'
import {
  type CreateServiceCommandInput,
  type RecordType,
  ServiceDiscovery,
} from '@aws-sdk/client-servicediscovery'
import { type TestEngine, type TestEngineOptions, testEngine } from '@capstan/drydock/testing.ts'
import { expect } from 'vitest'
import { digAt } from '../dns/dig.ts'

/** Starts an engine, or uses one that another harness has started and ends. */
export async function testZones(options: TestEngineOptions = {}, started?: TestEngine) {
  const drydock = started ?? (await testEngine({ dns: { port: 0 }, ...options }))
  return {
    drydock,
    ...verbsOf(drydock),
    async [Symbol.asyncDispose]() {
      expect(drydock.faults).toEqual([])
      if (!started) await drydock.close()
    },
  }
}

export type TestZones = Awaited<ReturnType<typeof testZones>>

function verbsOf(drydock: TestEngine) {
  const map = new ServiceDiscovery({ ...drydock.config, disableHostPrefix: true })
  const route53 = new Route53(drydock.config)
  const advance = (duration: string) => drydock.engine.advance(duration)
  /** What becomes of an operation in a second. */
  const ended = async ({ OperationId }: { OperationId?: string | undefined }) => {
    await advance('1s')
    return (await map.getOperation({ OperationId })).Operation ?? {}
  }
  const done = async (output: { OperationId?: string | undefined }) => {
    const operation = await ended(output)
    expect(operation).toMatchObject({ Status: 'SUCCESS' })
    return operation.Targets ?? {}
  }
  return {
    map,
    route53,
    advance,
    ended,
    done,
    ...digAt(drydock.dns),
    ...makersOf(map, done),
    /** The record sets of the zone of a namespace, without those that it was made with. */
    async records(namespaceId: string) {
      const { Namespace } = await map.getNamespace({ Id: namespaceId })
      const HostedZoneId = Namespace?.Properties?.DnsProperties?.HostedZoneId
      const { ResourceRecordSets = [] } = await route53.listResourceRecordSets({ HostedZoneId })
      return ResourceRecordSets.filter(({ Type }) => Type !== 'NS' && Type !== 'SOA')
    },
  }
}

function makersOf(
  map: ServiceDiscovery,
  done: (output: { OperationId?: string | undefined }) => Promise<{ NAMESPACE?: string }>,
) {
  return {
    /** A private namespace; its id. */
    async namespace(Name = 'corp.local') {
      return (await done(await map.createPrivateDnsNamespace({ Name, Vpc: 'vpc-1' }))).NAMESPACE ?? ''
    },
    /** A service with records of these types and a TTL of ten seconds; its id. */
    async service(
      NamespaceId: string,
      Name: string,
      types: readonly RecordType[],
      more: Partial<CreateServiceCommandInput> & { readonly isWeighted?: boolean } = {},
    ) {
      const { isWeighted, ...rest } = more
      const DnsConfig = {
        RoutingPolicy: isWeighted ? ('WEIGHTED' as const) : ('MULTIVALUE' as const),
        DnsRecords: types.map((Type) => ({ Type, TTL: 10 })),
      }
      return (await map.createService({ Name, NamespaceId, DnsConfig, ...rest })).Service?.Id ?? ''
    },
    async register(ServiceId: string, InstanceId: string, Attributes: Record<string, string>) {
      await done(await map.registerInstance({ ServiceId, InstanceId, Attributes }))
    },
  }
}
