/** The registrar of DNS names: record sets in the hosted zones of Route 53. */

import type { Target } from '@capstan/core/discovery/view.ts'
import { zoneFor } from '@capstan/core/discovery/zone.ts'
import { insteadIfGone } from '../observe/none-if-gone.ts'
import type { Route53Api } from './clients.ts'
import { hostedZonesOf, type KnownZone } from './hosted-zones.ts'
import { findIn } from './kept-answers.ts'
import type { Pace } from './patience.ts'
import type { Registrar } from './registrar.ts'
import { readNames } from './zone-records.ts'
import { writeNames } from './zone-writes.ts'

/** How long a reading waits for its turns where Route 53 throttles. */
const PATIENCE_MS = 20_000

/** A registrar of the zones that `route53`, a client of `createDiscoveryClients`, may write. */
export function route53Registrar(route53: Route53Api, pace: Pace): Registrar {
  const zones = hostedZonesOf(route53, pace)
  return {
    find(target, publication, since) {
      const placeIn = (known: readonly KnownZone[]) => zoneFor(nameOf(target), known, publication)
      return findIn(zones.list, placeIn, pace.now, since)
    },
    async read(place, targets) {
      const nothing = targets.map(() => [])
      if (place.kind !== 'zone') return nothing
      const sizeOf = async () => (await zones.list()).find(({ id }) => id === place.id)?.size
      const deadline = pace.now() + PATIENCE_MS
      const reading = readNames(targets.map(nameOf), { route53, zoneId: place.id, sizeOf, deadline, pace })
      return insteadIfGone(reading, nothing)
    },
    async write(place, names, deadline) {
      if (place.kind !== 'zone') throw new TypeError(`DNS records are not written to a ${place.kind}`)
      const outcomes = await writeNames(names, { route53, zoneId: place.id, deadline, pace })
      if (outcomes.some(({ kind }) => kind === 'place-gone')) zones.forget()
      return outcomes
    },
  }
}

function nameOf(target: Target): string {
  if (target.kind !== 'dns') throw new TypeError('Only DNS names are kept in hosted zones')
  return target.name
}
