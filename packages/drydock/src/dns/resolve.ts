/**
 * The records that answer a question (RFC 1034 section 4.3.2, wildcards by RFC 4592, no data by RFC 2308). Pure but for
 * `random`: what the zones hold is handed in.
 */
import { choose, type Random } from './choose.ts'
import { packetForm, parentOf, zoneForm } from './names.ts'
import type { FindZone, Node, RecordSet, ResourceRecord, Zone } from './zone.ts'

/** Chains of CNAMEs and aliases are followed this far, so that a circle ends. */
const MOST_STEPS = 16

export interface World {
  readonly findZone: FindZone
  /** Where the engine stands, for routing by latency. */
  readonly region: string
  readonly random: Random
}

/** What a question comes to. */
export interface Resolution {
  readonly rcode: 'NOERROR' | 'NXDOMAIN' | 'REFUSED' | 'SERVFAIL'
  readonly isAuthoritative: boolean
  readonly answers: ResourceRecord[]
  readonly authorities: ResourceRecord[]
}

const refused: Resolution = { rcode: 'REFUSED', isAuthoritative: false, answers: [], authorities: [] }
const failed: Resolution = { rcode: 'SERVFAIL', isAuthoritative: false, answers: [], authorities: [] }

/** Resolves a name as the packet spells it, whose case the answer keeps. */
export function resolve(name: string, type: string, world: World): Resolution {
  const zone = world.findZone(zoneForm(name))
  return zone ? within(zone, name, type, world) : refused
}

function within(first: Zone, asked: string, type: string, world: World): Resolution {
  const answers: ResourceRecord[] = []
  let zone: Zone | undefined = first
  let owner = asked
  for (let step = 0; zone && step < MOST_STEPS; step++) {
    const name = zoneForm(owner)
    const cut = delegationOf(zone, name)
    if (cut) return referral(cut, answers)
    const node = zone.find(name) ?? wildcardFor(zone, name)
    if (!node) return negative(zone, 'NXDOMAIN', answers)
    const isFollowed = type !== 'CNAME' && type !== 'ANY' && node.has('CNAME')
    const found = recordsOf(node, owner, isFollowed ? 'CNAME' : type, world)
    if (!found) return failed
    answers.push(...found)
    const [first] = found
    if (!first) return negative(zone, 'NOERROR', answers)
    if (!isFollowed || first.body.type !== 'CNAME')
      return { rcode: 'NOERROR', isAuthoritative: true, answers, authorities: [] }
    owner = first.body.data
    zone = world.findZone(zoneForm(owner))
  }
  // A chain that leaves the zones that are here, or never ends, is answered as far as it goes.
  return { rcode: 'NOERROR', isAuthoritative: true, answers, authorities: [] }
}

const healthOf = (set: RecordSet): boolean => set.isHealthy?.() ?? true

/** The records of a type at a node, aliases resolved; undefined where these go in circles. */
function recordsOf(
  node: Node,
  owner: string,
  type: string,
  world: World,
  depth = 0,
): ResourceRecord[] | undefined {
  if (depth > MOST_STEPS) return undefined
  // RFC 8482 section 4.1: one of the record sets is answer enough.
  const sets = type === 'ANY' ? node.values().next().value : node.get(type)
  if (!sets) return []
  const answers: ResourceRecord[] = []
  for (const set of choose(sets, healthOf, world.region, world.random)) {
    if (set.alias === undefined) {
      for (const body of set.bodies) answers.push({ name: owner, ttl: set.ttl, body })
      continue
    }
    const found = recordsOfAlias(set.alias, owner, set.type, world, depth)
    if (!found) return undefined
    answers.push(...found)
  }
  return answers
}

function recordsOfAlias(
  target: string,
  owner: string,
  type: string,
  world: World,
  depth: number,
): ResourceRecord[] | undefined {
  const zone = world.findZone(target)
  const node = zone && (zone.find(target) ?? wildcardFor(zone, target))
  return node ? recordsOf(node, owner, type, world, depth + 1) : []
}

/** The NS records above or at a name that hand it on to other servers, below the zone's own. */
function delegationOf(zone: Zone, name: string): { owner: string; sets: readonly RecordSet[] } | undefined {
  let at: string | undefined = name
  let found: { owner: string; sets: readonly RecordSet[] } | undefined
  while (at !== undefined && at !== zone.name) {
    const sets = zone.find(at)?.get('NS')
    if (sets) found = { owner: at, sets }
    at = parentOf(at)
  }
  return found
}

function referral(
  { owner, sets }: { owner: string; sets: readonly RecordSet[] },
  answers: ResourceRecord[],
): Resolution {
  const name = packetForm(owner)
  const authorities = sets.flatMap(({ ttl, bodies }) => bodies.map((body) => ({ name, ttl, body })))
  return { rcode: 'NOERROR', isAuthoritative: answers.length > 0, answers, authorities }
}

/** RFC 4592 section 3.3.1: the asterisk below the closest name that exists, and no other. */
function wildcardFor(zone: Zone, name: string): Node | undefined {
  let at = name === zone.name ? undefined : parentOf(name)
  while (at !== undefined) {
    if (at === zone.name || zone.find(at)) return zone.find(`\\052.${at}`)
    at = parentOf(at)
  }
  return undefined
}

/** RFC 2308 sections 3 and 5: the SOA, alive no longer than its minimum. */
function negative(zone: Zone, rcode: 'NXDOMAIN' | 'NOERROR', answers: ResourceRecord[]): Resolution {
  const soa = zone.find(zone.name)?.get('SOA')?.[0]
  const [body] = soa?.bodies ?? []
  if (!soa || body?.type !== 'SOA') return { rcode, isAuthoritative: true, answers, authorities: [] }
  const ttl = Math.min(soa.ttl, body.data.minimum ?? soa.ttl)
  return {
    rcode,
    isAuthoritative: true,
    answers,
    authorities: [{ name: packetForm(zone.name), ttl, body }],
  }
}
