/** The zone of load balancers' names, and whether what an alias leads to is healthy. */
import { packetForm } from '../../dns/names.ts'
import type { FindZone, Node, RecordSet, Zone } from '../../dns/zone.ts'
import { DNS_SUFFIX } from '../../elb/dns-suffix.ts'
import { countHealth, loadBalancerByDnsName } from '../../elb/readers.ts'
import type { ElbState, LoadBalancerRecord } from '../../elb/state.ts'
import type { Engine } from '../../engine.ts'

const NAME = `${DNS_SUFFIX.slice(1)}.`
/** ALB User Guide: the time to live of a load balancer's name. */
const TTL = 60

const simple = { routing: 'simple', weight: 0, isPrimary: false, region: '' } as const

const SOA: RecordSet = {
  ...simple,
  type: 'SOA',
  ttl: TTL,
  bodies: [
    {
      type: 'SOA',
      data: {
        mname: packetForm(NAME),
        rname: `hostmaster.${packetForm(NAME)}`,
        serial: 1,
        refresh: 7200,
        retry: 900,
        expire: 1_209_600,
        minimum: TTL,
      },
    },
  ],
}

/** `NAME.REGION.elb.localhost`: a load balancer's own address, or this machine's where it has none. */
export function balancerZone(engine: Engine): Zone {
  return {
    name: NAME,
    find(name): Node | undefined {
      if (name === NAME) return new Map([['SOA', [SOA]]])
      const balancer = balancerOf(name, engine)?.balancer
      if (!balancer) return undefined
      const bodies = [{ type: 'A' as const, data: balancer.address ?? '127.0.0.1' }]
      return new Map([['A', [{ ...simple, type: 'A', ttl: TTL, bodies }]]])
    },
  }
}

function balancerOf(
  name: string,
  engine: Engine,
): { balancer: LoadBalancerRecord; state: ElbState } | undefined {
  const dnsName = packetForm(name).replace(/^dualstack\./, '')
  for (const home of engine.snapshot()) {
    if (home.name !== 'elb') continue
    const state = home.state as ElbState
    const balancer = loadBalancerByDnsName(state, dnsName)
    if (balancer) return { balancer, state }
  }
  return undefined
}

/**
 * Developer Guide, EvaluateTargetHealth: a load balancer is healthy where each of its target groups that has targets
 * has a healthy one, and one has targets; a record set, where one of its name and type is.
 */
export function isTargetHealthy(target: string, type: string, engine: Engine, find: FindZone): boolean {
  const zone = find(target)
  if (zone?.name !== NAME)
    return (
      zone
        ?.find(target)
        ?.get(type)
        ?.some((set) => set.isHealthy?.() ?? true) ?? false
    )
  const found = balancerOf(target, engine)
  if (!found) return false
  const groups = Object.values(found.state.targetGroups).filter(
    (group) => group.loadBalancerArns.includes(found.balancer.arn) && Object.keys(group.targets).length > 0,
  )
  return groups.length > 0 && groups.every((group) => countHealth(group).healthy > 0)
}
