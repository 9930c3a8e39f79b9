/** An engine with a hosted zone in it, and short ways to change and read its records. */
import { type Change, type ResourceRecordSet, Route53 } from '@aws-sdk/client-route-53'
import { type TestEngine, type TestEngineOptions, testEngine } from '@capstan/drydock/testing.ts'
import { expect } from 'vitest'

/** A stage with the public zone `example.com`. */
export interface Stage extends AsyncDisposable {
  readonly drydock: TestEngine
  readonly route53: Route53
  readonly zoneId: string
  /** Makes one batch of changes in the zone. */
  batch(...changes: Change[]): Promise<void>
  create(...sets: ResourceRecordSet[]): Promise<void>
}

export async function testZone(options: TestEngineOptions = {}): Promise<Stage> {
  const drydock = await testEngine(options)
  const route53 = new Route53(drydock.config)
  const { HostedZone } = await route53.createHostedZone({ Name: 'example.com', CallerReference: 'first' })
  const zoneId = HostedZone?.Id ?? ''
  const batch = async (...Changes: Change[]) => {
    await route53.changeResourceRecordSets({ HostedZoneId: zoneId, ChangeBatch: { Changes } })
  }
  const create = (...sets: ResourceRecordSet[]) =>
    batch(...sets.map((ResourceRecordSet): Change => ({ Action: 'CREATE', ResourceRecordSet })))
  const dispose = async () => {
    await drydock.close()
    expect(drydock.faults).toEqual([])
  }
  return { drydock, route53, zoneId, batch, create, [Symbol.asyncDispose]: dispose }
}

/** A record set with values; `more` says how it is chosen. */
export function records(
  Name: string,
  Type: ResourceRecordSet['Type'],
  values: readonly string[],
  more: Partial<ResourceRecordSet> = {},
): ResourceRecordSet {
  return { Name, Type, TTL: 60, ResourceRecords: values.map((Value) => ({ Value })), ...more }
}
