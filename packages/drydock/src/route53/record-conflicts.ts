/** What may stand at one name together (Developer Guide: choosing a routing policy; RFC 1034 section 3.6.2). */
import type { RecordSetRecord, ZoneRecord } from './state.ts'

/** Developer Guide, quotas: records with the same name and type, for every routing but the simple one. */
const MOST_ROUTED = 100

type Routing = 'simple' | 'weighted' | 'latency' | 'failover' | 'multivalue'

/** How a record set is chosen among those of its name and type. */
export function routingOf(set: RecordSetRecord): Routing {
  if (set.weight !== undefined) return 'weighted'
  if (set.region !== undefined) return 'latency'
  if (set.failover !== undefined) return 'failover'
  return set.multivalue ? 'multivalue' : 'simple'
}

/** All that is wrong with these record sets at a name of the zone, in AWS's words. */
export function problemsAt(zone: ZoneRecord, name: string, sets: readonly RecordSetRecord[]): string[] {
  return [
    ...cnameProblems(zone, name, sets),
    ...(name === zone.name ? apexProblems(sets) : []),
    ...[...Map.groupBy(sets, ({ type }) => type).values()].flatMap((each) => routingProblems(zone, each)),
  ]
}

function cnameProblems(zone: ZoneRecord, name: string, sets: readonly RecordSetRecord[]): string[] {
  const cname = sets.find(({ type }) => type === 'CNAME')
  if (!cname) return []
  if (name === zone.name)
    return [`RRSet of type CNAME with DNS name ${name} is not permitted at apex in zone ${zone.name}`]
  const other = sets.find(({ type }) => type !== 'CNAME')
  if (!other) return []
  // The one that came later stands later in the list.
  const [first, last] = sets.indexOf(cname) < sets.indexOf(other) ? [cname, other] : [other, cname]
  return [
    `RRSet of type ${last.type} with DNS name ${name} is not permitted because a conflicting RRSet of type ${first.type} with the same DNS name already exists in zone ${zone.name}`,
  ]
}

/** Both may be changed, neither may go. */
function apexProblems(sets: readonly RecordSetRecord[]): string[] {
  const has = (wanted: string) => sets.some(({ type }) => type === wanted)
  return [
    ...(has('SOA') ? [] : ['A HostedZone must contain exactly one SOA record.']),
    ...(has('NS') ? [] : ['A HostedZone must contain at least one NS record for the zone itself.']),
  ]
}

function routingProblems({ linkedService }: ZoneRecord, sets: readonly RecordSetRecord[]): string[] {
  const last = sets.at(-1)
  if (!last || sets.length === 1) return []
  const routing = routingOf(last)
  const where = `RRSet with DNS name ${last.name}, type ${last.type}`
  if (sets.some((set) => routingOf(set) !== routing))
    return [
      `${where}, SetIdentifier ${last.setIdentifier ?? null}, ${detailOf(last)}cannot be created because a non-${routing} RRSet with the same name and type already exists.`,
    ]
  // Services have limits of their own: Cloud Map has up to 1,000 instances at a name.
  if (sets.length > MOST_ROUTED && !linkedService)
    return [`${where} cannot be created: there can be at most ${MOST_ROUTED} with the same name and type.`]
  const values = sets.map((set) => set.failover ?? set.region)
  const twice = values.find((value, index) => value !== undefined && values.indexOf(value) !== index)
  return twice === undefined
    ? []
    : [
        `${where}, SetIdentifier ${last.setIdentifier ?? null}, ${detailOf(last)}cannot be created because another RRSet with the same name, type and ${routing === 'latency' ? 'region' : 'failover'} already exists.`,
      ]
}

const detailOf = ({ region }: RecordSetRecord) => (region === undefined ? '' : `and Region Name=${region} `)
