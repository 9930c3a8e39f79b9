/** A region's Availability Zones, and what there is of the account. */
import type * as client from '@aws-sdk/client-ec2'
import type { Handlers } from '../wire/handlers.ts'
import { invalidValue } from './errors.ts'
import { type FilterTable, filtered } from './filters.ts'
import { defaultVpc, type Ec2OperationContext, ZONES } from './state.ts'

export const zoneOperations = {
  DescribeAvailabilityZones({ ZoneNames, ZoneIds, Filters }, { region }) {
    const all = ZONES.map((_, index) => zoneView(region, index))
    const unknown =
      ZoneNames?.find((name) => !all.some(({ ZoneName }) => ZoneName === name)) ??
      ZoneIds?.find((id) => !all.some(({ ZoneId }) => ZoneId === id))
    if (unknown !== undefined) throw invalidValue(`Invalid availability zone: [${unknown}]`)
    const asked = all
      .filter(({ ZoneName = '' }) => !ZoneNames?.length || ZoneNames.includes(ZoneName))
      .filter(({ ZoneId = '' }) => !ZoneIds?.length || ZoneIds.includes(ZoneId))
    return { AvailabilityZones: filtered(asked, Filters, ZONE_FILTERS, () => []) }
  },

  DescribeAccountAttributes({ AttributeNames }, { state }) {
    const all: Record<string, string> = {
      'supported-platforms': 'VPC',
      'default-vpc': defaultVpc(state)?.id ?? 'none',
      'max-instances': '20',
      'max-elastic-ips': '5',
      'vpc-max-elastic-ips': '5',
      'vpc-max-security-groups-per-interface': '5',
    }
    const names = AttributeNames?.length ? AttributeNames : Object.keys(all)
    const unknown = names.find((name) => !Object.hasOwn(all, name))
    if (unknown !== undefined)
      throw invalidValue(`Value (${unknown}) for parameter attributeName is invalid. Unknown attribute.`)
    return {
      AccountAttributes: names.map((AttributeName) => ({
        AttributeName,
        AttributeValues: [{ AttributeValue: all[AttributeName] }],
      })),
    }
  },
} satisfies Partial<Handlers<typeof client, Ec2OperationContext>>

/** The id of a zone, as it is the same in all accounts: `use1-az1` (RAM User Guide: Availability Zone IDs). */
export function zoneId(region: string, index: number): string {
  const [, area = '', direction = '', number = ''] = /^(.+)-([a-z]+)-(\d+)$/.exec(region) ?? []
  const letters = direction.match(/north|south|east|west|central/g)?.map(([letter]) => letter) ?? []
  return `${area.replace(/-(.).*/, '$1')}${letters.join('')}${number}-az${index + 1}`
}

function zoneView(region: string, index: number): client.AvailabilityZone {
  return {
    State: 'available',
    OptInStatus: 'opt-in-not-required',
    Messages: [],
    RegionName: region,
    ZoneName: `${region}${ZONES[index]}`,
    ZoneId: zoneId(region, index),
    GroupName: `${region}-zg-1`,
    NetworkBorderGroup: region,
    ZoneType: 'availability-zone',
  }
}

const ZONE_FILTERS: FilterTable<client.AvailabilityZone> = {
  'group-long-name': () => [],
  'group-name': ({ GroupName }) => [GroupName],
  message: () => [],
  'opt-in-status': ({ OptInStatus }) => [OptInStatus],
  'parent-zone-id': () => [],
  'parent-zone-name': () => [],
  'region-name': ({ RegionName }) => [RegionName],
  state: ({ State }) => [State],
  'zone-id': ({ ZoneId }) => [ZoneId],
  'zone-name': ({ ZoneName }) => [ZoneName],
  'zone-type': ({ ZoneType }) => [ZoneType],
}
