/** An engine with the registrars over it, as discovery has them; waiting moves the engine's clock. */
import { type Change, Route53 } from '@aws-sdk/client-route-53'
import { ServiceDiscovery } from '@aws-sdk/client-servicediscovery'
import { createDiscoveryClients } from '@capstan/aws/discovery/clients.ts'
import { cloudMapRegistrar } from '@capstan/aws/discovery/cloud-map.ts'
import type { NameWrites, Registrar } from '@capstan/aws/discovery/registrar.ts'
import { registrarOf } from '@capstan/aws/discovery/registrar-of.ts'
import { route53Registrar } from '@capstan/aws/discovery/route53.ts'
import { parseEnvironment } from '@capstan/aws/environment.ts'
import type { RecordWrite } from '@capstan/core/discovery/decision.ts'
import type { Place, Target } from '@capstan/core/discovery/view.ts'
import { type TestEngineOptions, testEngine } from '@capstan/drydock/testing.ts'
import { expect, vi } from 'vitest'

/** How a name is asked for where nothing else is said. */
export const PRIVATE = { address: 'private', types: ['A'] } as const

/** For `find`: nothing that is known is new enough. */
export const AFRESH = Number.POSITIVE_INFINITY

export type Stage = Awaited<ReturnType<typeof stageOf>>

export async function stageOf(options: TestEngineOptions = {}) {
  const drydock = await testEngine(options)
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test')
  const clients = createDiscoveryClients(
    parseEnvironment({ AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL: drydock.endpoint }),
  )
  const waits: number[] = []
  const pace = {
    now: () => drydock.engine.clock.now(),
    wait: async (ms: number) => {
      waits.push(ms)
      await drydock.engine.advance(`${ms}ms`)
    },
    random: () => 0.5,
  }
  const registrar: Registrar = registrarOf({
    dns: route53Registrar(clients.route53, pace),
    'cloud-map': cloudMapRegistrar(clients.discovery, pace),
  })
  return {
    drydock,
    clients,
    registrar,
    /** How long it was waited, each time. */
    waits,
    now: pace.now,
    /** Others than Capstan, who use the account too. */
    others: { route53: new Route53(drydock.config), discovery: new ServiceDiscovery(drydock.config) },
    async [Symbol.asyncDispose]() {
      vi.unstubAllEnvs()
      await drydock.close()
      expect(drydock.faults).toEqual([])
    },
  }
}

/** Makes a public zone; resolves with its place. */
export async function zoneOf({ others, registrar }: Stage, name: string): Promise<Place> {
  await others.route53.createHostedZone({ Name: name, CallerReference: name })
  return registrar.find(dns(name), PRIVATE, AFRESH)
}

/** Changes what is in a zone, as others do it. */
export async function changeAsOthers({ others }: Stage, place: Place, ...Changes: Change[]): Promise<void> {
  const HostedZoneId = place.kind === 'zone' ? place.id : ''
  await others.route53.changeResourceRecordSets({ HostedZoneId, ChangeBatch: { Changes } })
}

export const dns = (name: string): Target => ({ kind: 'dns', name })

/** A write of the address of one task. */
export function write(
  action: RecordWrite['action'],
  name: string,
  task: number,
  value?: string,
): RecordWrite {
  const address = value ?? `10.${task >> 16}.${(task >> 8) & 255}.${task & 255}`
  const setIdentifier = `capstan-${task}`
  return { action, record: { name, type: 'A', setIdentifier, ttl: 10, values: [address] } }
}

export const writesOf = (name: string, ...writes: RecordWrite[]): NameWrites => ({
  target: dns(name),
  writes,
})

/** So many writes of a name, for tasks from a number on. */
export const many = (count: number, action: RecordWrite['action'], name: string, from = 0): NameWrites =>
  writesOf(name, ...Array.from({ length: count }, (_, index) => write(action, name, from + index)))
