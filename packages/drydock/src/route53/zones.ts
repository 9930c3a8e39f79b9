/** Hosted zones: made with their NS and SOA records, shown, deleted when nothing else is in them. */

import type { HostedZone, VPC } from '@aws-sdk/client-route-53'
import * as route53 from '@aws-sdk/client-route-53'
import type { Handlers } from '../wire/handlers.ts'
import { noteChange } from './change-info.ts'
import { invalidInput, noSuchZone, notImplemented } from './errors.ts'
import { linkOf, linkView, requireManageable } from './linked-services.ts'
import { bareId, canonicalName } from './names.ts'
import { RecordProblem } from './record-problem.ts'
import type { Route53Operation, Route53State, Vpc, ZoneRecord } from './state.ts'
import { noRecords, putAt } from './zone-records.ts'

/** Developer Guide, quotas: hosted zones of an account. */
const MOST_ZONES = 500

export const zoneOperations = {
  CreateHostedZone(input, context) {
    const zone = newZone(input, context)
    const { state } = context
    state.zones[zone.id] = zone
    state.zonesVersion++
    return {
      HostedZone: zoneView(zone),
      ChangeInfo: noteChange(context),
      DelegationSet: delegationOf(zone),
      ...(zone.isPrivate && { VPC: input.VPC }),
      Location: `https://route53.amazonaws.com/2013-04-01/hostedzone/${zone.id}`,
    }
  },

  GetHostedZone({ Id }, { state }) {
    const zone = zoneOf(state, Id)
    return {
      HostedZone: zoneView(zone),
      ...(zone.isPrivate ? { VPCs: zone.vpcs.map(vpcView) } : { DelegationSet: delegationOf(zone) }),
    }
  },

  DeleteHostedZone({ Id }, context) {
    const { state } = context
    const zone = zoneOf(state, Id)
    requireManageable('hostedzone', zone, context)
    // The two that were made with it.
    if (zone.recordSetCount > 2)
      throw new route53.HostedZoneNotEmpty({
        message:
          'The specified hosted zone contains non-required resource record sets and so cannot be deleted.',
        $metadata: {},
      })
    delete state.zones[zone.id]
    delete state.tags[`hostedzone/${zone.id}`]
    state.zonesVersion++
    return { ChangeInfo: noteChange(context) }
  },

  UpdateHostedZoneComment({ Id, Comment }, context) {
    const zone = zoneOf(context.state, Id)
    requireManageable('hostedzone', zone, context)
    if (Comment === undefined) delete zone.comment
    else zone.comment = Comment
    return { HostedZone: zoneView(zone) }
  },

  GetHostedZoneCount: (_, { state }) => ({ HostedZoneCount: Object.keys(state.zones).length }),

  AssociateVPCWithHostedZone({ HostedZoneId, VPC, Comment }, context) {
    const zone = zoneOf(context.state, HostedZoneId)
    if (!zone.isPrivate)
      throw new route53.PublicZoneVPCAssociation({
        message: 'You cannot associate a public hosted zone with a VPC.',
        $metadata: {},
      })
    const vpc = readVpc(VPC)
    requireFree(context.state, zone.name, vpc)
    zone.vpcs = [...zone.vpcs, vpc]
    return { ChangeInfo: noteChange(context, Comment) }
  },

  DisassociateVPCFromHostedZone({ HostedZoneId, VPC, Comment }, context) {
    const zone = zoneOf(context.state, HostedZoneId)
    const { id } = readVpc(VPC)
    if (!zone.vpcs.some((each) => each.id === id))
      throw new route53.VPCAssociationNotFound({
        message: `The VPC: ${id} and Hosted Zone: ${zone.id} are not associated.`,
        $metadata: {},
      })
    if (zone.vpcs.length === 1)
      throw new route53.LastVPCAssociation({
        message: 'Cannot remove the last VPC association for the private hosted zone',
        $metadata: {},
      })
    zone.vpcs = zone.vpcs.filter((each) => each.id !== id)
    return { ChangeInfo: noteChange(context, Comment) }
  },
} satisfies Partial<Handlers<typeof route53, Route53Operation>>

/** The zone of an id, with or without `/hostedzone/`. Throws NoSuchHostedZone. */
export function zoneOf(state: Route53State, id = ''): ZoneRecord {
  const zone = state.zones[bareId(id)]
  if (!zone) throw noSuchZone(bareId(id))
  return zone
}

/** A zone as answers show it. */
export function zoneView(zone: ZoneRecord): HostedZone {
  return {
    Id: `/hostedzone/${zone.id}`,
    Name: zone.name,
    CallerReference: zone.callerReference,
    Config: { ...(zone.comment !== undefined && { Comment: zone.comment }), PrivateZone: zone.isPrivate },
    ResourceRecordSetCount: zone.recordSetCount,
    ...linkView(zone),
  }
}

const delegationOf = ({ nameServers }: ZoneRecord) => ({
  NameServers: nameServers.map((name) => name.slice(0, -1)),
})
const vpcView = ({ id, region }: Vpc): VPC => ({ VPCId: id, VPCRegion: region as route53.VPCRegion })

function newZone(input: route53.CreateHostedZoneRequest, context: Route53Operation): ZoneRecord {
  const { CallerReference = '', HostedZoneConfig, VPC, DelegationSetId } = input
  const { state } = context
  const name = readDomainName(input.Name)
  if (!CallerReference || CallerReference.length > 128)
    throw invalidInput('CallerReference must have 1 to 128 characters.')
  if (DelegationSetId !== undefined) throw notImplemented('Reusable delegation sets are')
  if (HostedZoneConfig?.PrivateZone && !VPC)
    throw invalidInput('When PrivateZone is true, VPCId and VPCRegion must be specified.')
  const vpc = VPC && readVpc(VPC)
  requireNew(state, CallerReference)
  if (vpc) requireFree(state, name, vpc)
  const id = `Z0${context.newId(18).toUpperCase()}`
  const nameServers = nameServersOf(vpc ? undefined : context.newId(4))
  const zone: ZoneRecord = {
    id,
    name,
    callerReference: CallerReference,
    ...linkOf(context),
    ...(HostedZoneConfig?.Comment !== undefined && { comment: HostedZoneConfig.Comment }),
    isPrivate: vpc !== undefined,
    vpcs: vpc ? [vpc] : [],
    nameServers,
    ...noRecords(),
  }
  putAt(zone, name, firstRecords(zone))
  return zone
}

/** A name of a request, in its kept form. Throws InvalidDomainName. */
export function readDomainName(text = ''): string {
  try {
    return canonicalName(text)
  } catch (error) {
    if (!(error instanceof RecordProblem)) throw error
  }
  throw new route53.InvalidDomainName({ message: `${text} is not a valid domain name`, $metadata: {} })
}

function requireNew(state: Route53State, callerReference: string): void {
  const zones = Object.values(state.zones)
  if (zones.some((zone) => zone.callerReference === callerReference))
    throw new route53.HostedZoneAlreadyExists({
      message: 'A hosted zone has already been created with the specified caller reference.',
      $metadata: {},
    })
  if (zones.length >= MOST_ZONES)
    throw new route53.TooManyHostedZones({
      message: `Limits Exceeded: MAX_HOSTED_ZONES_BY_OWNER - Cannot create more than ${MOST_ZONES} hosted zones.`,
      $metadata: {},
    })
}

/** Throws ConflictingDomainExists where the VPC has a private zone of that name. */
function requireFree(state: Route53State, name: string, { id, region }: Vpc): void {
  const other = Object.values(state.zones).find(
    (zone) => zone.name === name && zone.vpcs.some((vpc) => vpc.id === id),
  )
  if (other)
    throw new route53.ConflictingDomainExists({
      message: `The VPC ${id} in region ${region} has already been associated with the hosted zone ${other.id} with the same domain name.`,
      $metadata: {},
    })
}

function readVpc(vpc: VPC | undefined): Vpc {
  const { VPCId: id = '', VPCRegion: region = '' } = vpc ?? {}
  if (!id || !region)
    throw new route53.InvalidVPCId({ message: 'VPCId and VPCRegion must be specified.', $metadata: {} })
  return { id, region }
}

/** Four of the 2,048 names that AWS has, one under each of four domains; private zones all have the first ones. */
function nameServersOf(seed: string | undefined): string[] {
  const number = Number.parseInt(seed ?? '0', 16) % 512
  const group = String(Math.floor(number / 8)).padStart(2, '0')
  const domains = ['com', 'net', 'org', 'co.uk']
  return domains.map((domain, index) => `ns-${number + index * 512}.awsdns-${group}.${domain}.`)
}

/** Developer Guide: NS and SOA records that Route 53 creates for a public hosted zone. */
function firstRecords({ name, nameServers }: ZoneRecord) {
  const soa = `${nameServers[0]} awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400`
  return [
    { name, type: 'NS', ttl: 172_800, values: nameServers },
    { name, type: 'SOA', ttl: 900, values: [soa] },
  ]
}
