/**
 * The zones that there are now: hosted zones of every account, and the names of load balancers. Nothing is compiled
 * before it is asked for, and what was compiled holds until the records at that name change.
 */
import { packetForm, parentOf } from '../../dns/names.ts'
import type { FindZone, Node, RecordBody, RecordSet, Zone } from '../../dns/zone.ts'
import type { Engine } from '../../engine.ts'
import { isHealthy } from '../../route53/health.ts'
import { routingOf } from '../../route53/record-conflicts.ts'
import { type RecordData, readValue } from '../../route53/record-values.ts'
import type { RecordSetRecord, Route53State, ZoneRecord } from '../../route53/state.ts'
import { balancerZone, isTargetHealthy } from './balancer-zone.ts'

/** Finds zones in an engine as it is at the moment of each question. */
export function zonesOf(engine: Engine): FindZone {
  const balancers = balancerZone(engine)
  let states: readonly Route53State[] = []
  let version = -1
  let zones = new Map<string, Zone>()
  const find: FindZone = (name) => {
    const now = statesOf(engine)
    const nowVersion = now.reduce((sum, { zonesVersion }) => sum + zonesVersion, 0)
    if (nowVersion !== version || now.length !== states.length || now.some((each, i) => each !== states[i])) {
      states = now
      version = nowVersion
      zones = new Map([[balancers.name, balancers], ...hostedZones(now, engine, find)])
    }
    for (let at: string | undefined = name; at !== undefined; at = parentOf(at)) {
      const zone = zones.get(at)
      if (zone) return zone
    }
    return undefined
  }
  return find
}

function statesOf(engine: Engine): Route53State[] {
  const states: Route53State[] = []
  for (const { name, state } of engine.snapshot()) if (name === 'route53') states.push(state as Route53State)
  return states
}

/** Of several zones with one name a private one is meant, as in a VPC; of these the oldest. */
function hostedZones(states: readonly Route53State[], engine: Engine, find: FindZone): [string, Zone][] {
  const all = states.flatMap((state) => Object.values(state.zones).map((record) => ({ state, record })))
  const lastWins = all.toReversed().sort((a, b) => Number(a.record.isPrivate) - Number(b.record.isPrivate))
  return lastWins.map(({ state, record }) => [record.name, hostedZone(state, record, engine, find)])
}

const NOTHING: Node = new Map()

function hostedZone(state: Route53State, record: ZoneRecord, engine: Engine, find: FindZone): Zone {
  const compiled = new WeakMap<readonly RecordSetRecord[], Node>()
  return {
    name: record.name,
    find(name) {
      const sets = record.names[name]
      if (!sets) return record.below[name] ? NOTHING : undefined
      const known = compiled.get(sets)
      if (known) return known
      const node = Map.groupBy(
        sets.map((set) => compile(set, state, engine, find)),
        ({ type }) => type,
      )
      compiled.set(sets, node)
      return node
    },
  }
}

function compile(set: RecordSetRecord, state: Route53State, engine: Engine, find: FindZone): RecordSet {
  const { alias, healthCheckId } = set
  const target = alias?.evaluateTargetHealth ? alias.dnsName : undefined
  const own = healthCheckId === undefined ? undefined : () => isHealthy(state, healthCheckId)
  const others =
    target === undefined ? undefined : onceDeep(() => isTargetHealthy(target, set.type, engine, find))
  return {
    type: set.type,
    ttl: set.ttl ?? 0,
    bodies: (set.values ?? []).map((value) => bodyOf(readValue(set.type, value))),
    routing: routingOf(set),
    weight: set.weight ?? 0,
    isPrimary: set.failover === 'PRIMARY',
    region: set.region ?? '',
    ...(alias && { alias: alias.dnsName }),
    ...((own || others) && { isHealthy: () => (own?.() ?? true) && (others?.() ?? true) }),
  }
}

/** Aliases that evaluate each other in a circle say nothing of each other's health: within itself it is true. */
function onceDeep(look: () => boolean): () => boolean {
  let isLooking = false
  return () => {
    if (isLooking) return true
    isLooking = true
    try {
      return look()
    } finally {
      isLooking = false
    }
  }
}

function bodyOf(data: RecordData): RecordBody {
  switch (data.type) {
    case 'A':
    case 'AAAA':
      return { type: data.type, data: data.address }
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return { type: data.type, data: packetForm(data.target) }
    case 'TXT':
      return { type: 'TXT', data: [...data.strings] }
    case 'SPF':
      // The codec has no name for type 99, whose form is that of TXT.
      return { type: 'UNKNOWN_99' as 'NULL', data: stringsOf(data.strings) }
    case 'MX':
      return { type: 'MX', data: { preference: data.preference, exchange: packetForm(data.target) } }
    case 'SRV': {
      const { priority, weight, port } = data
      return { type: 'SRV', data: { priority, weight, port, target: packetForm(data.target) } }
    }
    case 'CAA':
      // Tags are open (RFC 8659 section 4.1); the codec's types know three.
      return { type: 'CAA', data: { flags: data.flags, tag: data.tag as 'issue', value: data.value } }
    case 'SOA': {
      const { type, mname, rname, ...times } = data
      return { type, data: { mname: packetForm(mname), rname: packetForm(rname), ...times } }
    }
  }
}

const stringsOf = (strings: readonly Buffer[]) =>
  Buffer.concat(strings.flatMap((each) => [Buffer.from([each.length]), each]))
