/** Load balancers: made, found, changed and deleted. */

import type * as client from '@aws-sdk/client-elastic-load-balancing-v2'
import {
  DuplicateLoadBalancerNameException,
  InvalidSubnetException,
  type SubnetMapping,
  SubnetNotFoundException,
  TooManyLoadBalancersException,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Handlers } from '../wire/handlers.ts'
import { associate } from './associations.ts'
import { loadBalancerAttribute, modified, shown, tableOfLoadBalancer } from './attributes.ts'
import { assertOneOf, loadBalancerNotFound, notImplemented, notPermitted, validation } from './errors.ts'
import { removeListener } from './listeners.ts'
import { assertArn, assertName, dnsNameOf, loadBalancerArn } from './names.ts'
import { page } from './pages.ts'
import type { ElbOperation, ElbState, LoadBalancerRecord, LoadBalancerType } from './state.ts'
import { newTags } from './tags.ts'
import { showLoadBalancer, showZones } from './views.ts'

/** ELB quotas: load balancers of each type in a region. */
const MOST_LOAD_BALANCERS = 50

export const loadBalancerOperations = {
  CreateLoadBalancer(input, context) {
    const wanted = parseWanted(input)
    const tags = newTags(input.Tags)
    const known = byName(context.state, wanted.name)
    if (known) return { LoadBalancers: [showLoadBalancer(same(known, wanted), context)] }
    const others = Object.values(context.state.loadBalancers).filter(({ type }) => type === wanted.type)
    if (others.length >= MOST_LOAD_BALANCERS)
      throw new TooManyLoadBalancersException({
        message: "You've reached the limit on load balancers",
        $metadata: {},
      })
    const id = context.newId(16)
    const record: LoadBalancerRecord = {
      ...wanted,
      arn: loadBalancerArn(context, wanted.type, wanted.name, id),
      dnsName: dnsNameOf(context, wanted, id),
      createdAt: context.now,
      attributes: {},
      state: 'provisioning',
      closedPorts: {},
    }
    context.state.loadBalancers[record.arn] = record
    context.state.tags[record.arn] = tags
    context.ask({ kind: 'listen', loadBalancerArn: record.arn })
    return { LoadBalancers: [showLoadBalancer(record, context)] }
  },

  DescribeLoadBalancers(input, context) {
    const { LoadBalancerArns: arns = [], Names: names = [] } = input
    if (arns.length && names.length)
      throw validation('Load balancer names and load balancer ARNs cannot be specified at the same time')
    const { items, ...more } = page(chosen(arns, names, context.state), ({ arn }) => arn, input)
    return { LoadBalancers: items.map((record) => showLoadBalancer(record, context)), ...more }
  },

  DeleteLoadBalancer({ LoadBalancerArn: arn = '' }, context) {
    const record = context.state.loadBalancers[arn]
    // API Reference: deleting what is not there succeeds.
    if (!record) {
      assertArn('load balancer', arn)
      return {}
    }
    if (loadBalancerAttribute(record, 'deletion_protection.enabled') === 'true')
      throw notPermitted(`Load balancer '${arn}' cannot be deleted because deletion protection is enabled`)
    const listeners = Object.values(context.state.listeners).filter((each) => each.loadBalancerArn === arn)
    for (const listener of listeners) removeListener(listener, context.state)
    delete context.state.loadBalancers[arn]
    delete context.state.tags[arn]
    associate(context)
    context.ask({ kind: 'listen', loadBalancerArn: arn })
    return {}
  },

  DescribeLoadBalancerAttributes({ LoadBalancerArn }, { state }) {
    const record = findLoadBalancer(LoadBalancerArn, state)
    return { Attributes: shown(tableOfLoadBalancer(record), record.attributes) }
  },

  ModifyLoadBalancerAttributes({ LoadBalancerArn, Attributes = [] }, { state }) {
    const record = findLoadBalancer(LoadBalancerArn, state)
    record.attributes = modified(tableOfLoadBalancer(record), record.attributes, Attributes)
    return { Attributes: shown(tableOfLoadBalancer(record), record.attributes) }
  },

  SetSecurityGroups({ LoadBalancerArn, SecurityGroups = [] }, { state }) {
    const record = findLoadBalancer(LoadBalancerArn, state)
    record.securityGroups = [...SecurityGroups]
    return { SecurityGroupIds: [...SecurityGroups] }
  },

  SetSubnets({ LoadBalancerArn, Subnets, SubnetMappings }, context) {
    const record = findLoadBalancer(LoadBalancerArn, context.state)
    record.subnets = parseSubnets(Subnets, SubnetMappings, record.type)
    return { AvailabilityZones: showZones(record, context), IpAddressType: 'ipv4' }
  },
} satisfies Partial<Handlers<typeof client, ElbOperation>>

/** Throws LoadBalancerNotFound, and ValidationError for what is no ARN. */
export function findLoadBalancer(arn: string | undefined, state: ElbState): LoadBalancerRecord {
  const record = state.loadBalancers[arn ?? '']
  if (record) return record
  assertArn('load balancer', arn)
  throw loadBalancerNotFound(arn)
}

const byName = ({ loadBalancers }: ElbState, name: string) =>
  Object.values(loadBalancers).find((each) => each.name === name)

function chosen(arns: readonly string[], names: readonly string[], state: ElbState): LoadBalancerRecord[] {
  if (arns.length) return arns.map((arn) => findLoadBalancer(arn, state))
  if (!names.length) return Object.values(state.loadBalancers)
  return names.map((name) => {
    const found = byName(state, name)
    if (!found) throw loadBalancerNotFound()
    return found
  })
}

type Wanted = Pick<
  LoadBalancerRecord,
  'name' | 'type' | 'scheme' | 'subnets' | 'securityGroups' | 'ipAddressType'
>

function parseWanted(input: client.CreateLoadBalancerInput): Wanted {
  const { Name: name = '', Type: type = 'application', Scheme: scheme = 'internet-facing' } = input
  assertName('load balancer', name)
  assertOneOf('type', type, ['application', 'network', 'gateway'])
  assertOneOf('scheme', scheme, ['internet-facing', 'internal'])
  assertOneOf('ipAddressType', input.IpAddressType, ['ipv4', 'dualstack', 'dualstack-without-public-ipv4'])
  if (type === 'gateway') throw notImplemented('Load balancers of type gateway are')
  if ((input.IpAddressType ?? 'ipv4') !== 'ipv4')
    throw notImplemented(`The IP address type ${input.IpAddressType} is`)
  if (input.CustomerOwnedIpv4Pool || input.IpamPools) throw notImplemented('Address pools are')
  return {
    name,
    type,
    scheme,
    subnets: parseSubnets(input.Subnets, input.SubnetMappings, type),
    securityGroups: [...(input.SecurityGroups ?? [])],
    ipAddressType: 'ipv4',
  }
}

function parseSubnets(
  subnets: readonly string[] = [],
  mappings: readonly SubnetMapping[] = [],
  type: LoadBalancerType,
): string[] {
  if (subnets.length && mappings.length)
    throw validation('You can specify either subnets or subnet mappings, but not both')
  const ids = subnets.length ? [...subnets] : mappings.map(({ SubnetId }) => SubnetId ?? '')
  const unknown = ids.find((id) => !/^subnet-[0-9A-Za-z-]+$/.test(id))
  if (unknown !== undefined)
    throw new SubnetNotFoundException({ message: `The subnet ID '${unknown}' does not exist`, $metadata: {} })
  if (new Set(ids).size < ids.length)
    throw new InvalidSubnetException({
      message: 'A subnet cannot be specified more than once',
      $metadata: {},
    })
  if (ids.length < (type === 'application' ? 2 : 1))
    throw validation(
      type === 'application'
        ? 'At least two subnets in two different Availability Zones must be specified'
        : 'At least one subnet must be specified',
    )
  return ids
}

/** Creating one that exists answers with it if it has the same settings. */
function same(known: LoadBalancerRecord, wanted: Wanted): LoadBalancerRecord {
  const differs = Object.entries(wanted).some(
    ([key, value]) => JSON.stringify(known[key as keyof Wanted]) !== JSON.stringify(value),
  )
  if (!differs) return known
  const message = `A load balancer with the same name '${wanted.name}' exists, but with different settings`
  throw new DuplicateLoadBalancerNameException({ message, $metadata: {} })
}
