/** Listeners: the ports of a load balancer, each with its default rule. */

import type * as client from '@aws-sdk/client-elastic-load-balancing-v2'
import {
  DuplicateListenerException,
  TooManyListenersException,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Handlers } from '../wire/handlers.ts'
import { parseActions } from './actions.ts'
import { associate } from './associations.ts'
import { modified, shown, tableOfListener } from './attributes.ts'
import {
  assertOneOf,
  assertRange,
  listenerNotFound,
  notImplemented,
  unsupportedProtocol,
  validation,
} from './errors.ts'
import { findLoadBalancer } from './load-balancers.ts'
import { assertArn, listenerArn, ruleArn } from './names.ts'
import { page } from './pages.ts'
import type { ElbOperation, ElbState, ListenerRecord, LoadBalancerRecord, Protocol } from './state.ts'
import { newTags } from './tags.ts'
import { showListener } from './views.ts'

/** ELB quotas: listeners of a load balancer. */
const MOST_LISTENERS = 50

export const listenerOperations = {
  CreateListener(input, context) {
    const { state } = context
    const balancer = findLoadBalancer(input.LoadBalancerArn, state)
    const protocol = parseProtocol(input.Protocol, balancer)
    const port = parsePort(input.Port)
    refuseCertificates(input)
    const actions = parseActions(input.DefaultActions ?? [], balancer, state)
    const tags = newTags(input.Tags)
    const others = listenersOf(balancer, state)
    assertPortFree(port, others)
    if (others.length >= MOST_LISTENERS)
      throw new TooManyListenersException({ message: "You've reached the limit on listeners", $metadata: {} })
    const arn = listenerArn(context, balancer, context.newId(16))
    const defaultArn = ruleArn({ arn }, context.newId(16))
    const listener: ListenerRecord = {
      arn,
      loadBalancerArn: balancer.arn,
      port,
      protocol,
      ruleArns: [defaultArn],
      attributes: {},
    }
    state.listeners[arn] = listener
    state.rules[defaultArn] = { arn: defaultArn, listenerArn: arn, conditions: [], actions }
    state.tags[arn] = tags
    associate(context)
    context.ask({ kind: 'listen', loadBalancerArn: balancer.arn })
    return { Listeners: [showListener(listener, state)] }
  },

  DescribeListeners(input, { state }) {
    const { LoadBalancerArn: balancerArn, ListenerArns: arns = [] } = input
    if ((balancerArn !== undefined) === arns.length > 0)
      throw validation('You must specify either listener ARNs or a load balancer ARN')
    const found =
      balancerArn === undefined
        ? arns.map((arn) => findListener(arn, state))
        : listenersOf(findLoadBalancer(balancerArn, state), state)
    const { items, ...more } = page(found, ({ arn }) => arn, input)
    return { Listeners: items.map((listener) => showListener(listener, state)), ...more }
  },

  ModifyListener(input, context) {
    const { state } = context
    const listener = findListener(input.ListenerArn, state)
    const balancer = findLoadBalancer(listener.loadBalancerArn, state)
    const protocol = parseProtocol(input.Protocol ?? listener.protocol, balancer)
    const port = parsePort(input.Port ?? listener.port)
    refuseCertificates(input)
    if (listenersOf(balancer, state).some((each) => each !== listener && each.port === port))
      throw validation(`Listener port '${port}' is already in use`)
    const rule = state.rules[listener.ruleArns.at(-1) ?? '']
    const actions = input.DefaultActions && parseActions(input.DefaultActions, balancer, state)
    if (rule && actions) rule.actions = actions
    Object.assign(listener, { port, protocol })
    associate(context)
    context.ask({ kind: 'listen', loadBalancerArn: balancer.arn })
    return { Listeners: [showListener(listener, state)] }
  },

  DeleteListener({ ListenerArn: arn }, context) {
    const listener = findListener(arn, context.state)
    removeListener(listener, context.state)
    associate(context)
    context.ask({ kind: 'listen', loadBalancerArn: listener.loadBalancerArn })
    return {}
  },

  DescribeListenerAttributes({ ListenerArn }, { state }) {
    const listener = findListener(ListenerArn, state)
    return { Attributes: shown(tableOfListener(listener), listener.attributes) }
  },

  ModifyListenerAttributes({ ListenerArn, Attributes = [] }, { state }) {
    const listener = findListener(ListenerArn, state)
    listener.attributes = modified(tableOfListener(listener), listener.attributes, Attributes)
    return { Attributes: shown(tableOfListener(listener), listener.attributes) }
  },
} satisfies Partial<Handlers<typeof client, ElbOperation>>

/** Throws ListenerNotFound, and ValidationError for what is no ARN. */
export function findListener(arn: string | undefined, state: ElbState): ListenerRecord {
  const listener = state.listeners[arn ?? '']
  if (listener) return listener
  assertArn('listener', arn)
  throw listenerNotFound()
}

/** The listeners of a load balancer, in the order of their making. */
export const listenersOf = ({ arn }: Pick<LoadBalancerRecord, 'arn'>, { listeners }: ElbState) =>
  Object.values(listeners).filter(({ loadBalancerArn }) => loadBalancerArn === arn)

/** Removes a listener with its rules. */
export function removeListener(listener: ListenerRecord, state: ElbState): void {
  for (const arn of [...listener.ruleArns, listener.arn]) {
    delete state.rules[arn]
    delete state.tags[arn]
  }
  delete state.listeners[listener.arn]
}

const PROTOCOLS = ['GENEVE', 'HTTP', 'HTTPS', 'QUIC', 'TCP', 'TCP_QUIC', 'TCP_UDP', 'TLS', 'UDP']
const OF_NETWORK = ['TCP', 'TLS', 'UDP', 'TCP_UDP', 'QUIC', 'TCP_QUIC']

function parseProtocol(protocol: string | undefined, { type }: LoadBalancerRecord): Protocol {
  if (protocol === undefined) throw validation('A listener protocol must be specified')
  assertOneOf('protocol', protocol, PROTOCOLS)
  const allowed = type === 'application' ? ['HTTP', 'HTTPS'] : OF_NETWORK
  if (!allowed.includes(protocol))
    throw unsupportedProtocol(
      `Listener protocol '${protocol}' must be one of '${allowed.join(', ')}' with load balancers of type '${type}'`,
    )
  if (protocol === 'HTTPS' || protocol === 'TLS')
    throw notImplemented(`Listeners of protocol ${protocol}, which need certificates, are`)
  if (protocol !== 'HTTP' && protocol !== 'TCP') throw notImplemented(`Listeners of protocol ${protocol} are`)
  return protocol
}

function parsePort(port: number | undefined): number {
  if (port === undefined) throw validation('A listener port must be specified')
  assertRange('Listener port', port, 1, 65_535)
  return port
}

function refuseCertificates({
  Certificates,
  SslPolicy,
  AlpnPolicy,
  MutualAuthentication,
}: Pick<
  client.CreateListenerInput,
  'Certificates' | 'SslPolicy' | 'AlpnPolicy' | 'MutualAuthentication'
>): void {
  if (Certificates?.length || SslPolicy || AlpnPolicy?.length || MutualAuthentication)
    throw validation('A certificate or SSL policy cannot be specified for a listener without TLS')
}

function assertPortFree(port: number, others: readonly ListenerRecord[]): void {
  const taken = others.find((each) => each.port === port)
  if (!taken) return
  const message = `A listener already exists on this port for this load balancer '${taken.loadBalancerArn}'`
  throw new DuplicateListenerException({ message, $metadata: {} })
}
