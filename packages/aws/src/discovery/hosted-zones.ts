/** The hosted zones of the account, remembered for a while: they change rarely, and every name needs them. */

import type { ListedZone } from '../wire/route53-protocol.ts'
import type { Route53Api } from './clients.ts'
import { keptAnswers } from './kept-answers.ts'
import { type Pace, patiently } from './patience.ts'
import { plainName } from './record-sets.ts'

/** A zone whose records can be written. */
export interface KnownZone {
  readonly id: string
  readonly name: string
  readonly isPrivate: boolean
  /** Of record sets, when it was listed. */
  readonly size: number
}

export interface HostedZones {
  /** As they were at `since` (ms since the epoch) or later; a minute ago unless told. */
  list(since?: number): Promise<readonly KnownZone[]>
  /** Makes the next list a fresh one: a zone was not what it was thought to be. */
  forget(): void
}

/** How long a list waits for its turn where Route 53 throttles. */
const PATIENCE_MS = 10_000

/** An account has 500 zones unless more were asked for, so up to five pages (Developer Guide, quotas; ListHostedZones). */
export function hostedZonesOf(route53: Route53Api, pace: Pace): HostedZones {
  const { get, forget } = keptAnswers(() => listAll(route53, pace), pace.now)
  return { list: (since) => get('all', since), forget }
}

async function listAll(route53: Route53Api, pace: Pace): Promise<KnownZone[]> {
  const zones: KnownZone[] = []
  const deadline = pace.now() + PATIENCE_MS
  for (let marker: string | undefined, isMore = true; isMore; ) {
    const page = await patiently(
      () => route53.call('ListHostedZones', { ...(marker !== undefined && { Marker: marker }) }),
      deadline,
      pace,
    )
    zones.push(...(page.HostedZones ?? []).flatMap(knownZone))
    marker = page.NextMarker
    isMore = page.IsTruncated === true && marker !== undefined
  }
  return zones
}

/** Zones that another service made, as Cloud Map does for its namespaces, cannot be written by way of Route 53. */
function knownZone({
  Id,
  Name = '',
  Config,
  LinkedService,
  ResourceRecordSetCount,
}: ListedZone): KnownZone[] {
  if (Id === undefined || LinkedService) return []
  const isPrivate = Config?.PrivateZone === true
  return [{ id: bareId(Id), name: plainName(Name), isPrivate, size: ResourceRecordSetCount ?? 0 }]
}

/** `/hostedzone/Z1` is how Route 53 lists `Z1`. */
const bareId = (id: string) => id.slice(id.lastIndexOf('/') + 1)
