/** Lists of hosted zones, by id and by name. */
import type * as client from '@aws-sdk/client-route-53'
import type { Handlers } from '../wire/handlers.ts'
import { invalidInput, noSuchZone } from './errors.ts'
import { bareId, sortKeyOf } from './names.ts'
import type { Route53Operation, ZoneRecord } from './state.ts'
import { readDomainName, zoneView } from './zones.ts'

/** API Reference: ListHostedZones, MaxItems. */
const MOST_ITEMS = 100

export const zoneListOperations = {
  ListHostedZones({ Marker, MaxItems, HostedZoneType }, { state }) {
    const size = pageSize(MaxItems, MOST_ITEMS)
    const all = Object.values(state.zones).filter(
      ({ isPrivate }) => HostedZoneType !== 'PrivateHostedZone' || isPrivate,
    )
    const start = Marker === undefined ? 0 : all.findIndex(({ id }) => id === bareId(Marker))
    if (start < 0) throw noSuchZone(bareId(Marker ?? ''))
    const next = all[start + size]
    return {
      HostedZones: all.slice(start, start + size).map(zoneView),
      Marker: Marker ?? '',
      IsTruncated: next !== undefined,
      ...(next && { NextMarker: next.id }),
      MaxItems: size,
    }
  },

  ListHostedZonesByName({ DNSName, HostedZoneId, MaxItems }, { state }) {
    if (HostedZoneId !== undefined && DNSName === undefined)
      throw invalidInput('DNSName must be specified where HostedZoneId is.')
    const size = pageSize(MaxItems, MOST_ITEMS)
    const from = DNSName === undefined ? '' : orderOf(readDomainName(DNSName), bareId(HostedZoneId ?? ''))
    const key = (zone: ZoneRecord) => orderOf(zone.name, zone.id)
    const rest = Object.values(state.zones)
      .filter((zone) => key(zone) >= from)
      .sort((a, b) => (key(a) < key(b) ? -1 : 1))
    const next = rest[size]
    return {
      HostedZones: rest.slice(0, size).map(zoneView),
      ...(DNSName !== undefined && { DNSName }),
      ...(HostedZoneId !== undefined && { HostedZoneId }),
      IsTruncated: next !== undefined,
      ...(next && { NextDNSName: next.name, NextHostedZoneId: next.id }),
      MaxItems: size,
    }
  },
} satisfies Partial<Handlers<typeof client, Route53Operation>>

const orderOf = (name: string, id: string) => `${sortKeyOf(name)}\u0000${id}`

/** The size of a page. Throws InvalidInput for a size below 1; more than `most` gives `most`. */
export function pageSize(asked: number | undefined, most: number): number {
  if (asked !== undefined && asked < 1) throw invalidInput('MaxItems must be at least 1.')
  return Math.min(asked ?? most, most)
}
