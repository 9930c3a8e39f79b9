/** The actions of listeners and rules: checked, and put into the form that they are shown in. */
import {
  type Action,
  type FixedResponseActionConfig,
  type ForwardActionConfig,
  type RedirectActionConfig,
  TargetGroupAssociationLimitException,
  TooManyActionsException,
  TooManyTargetGroupsException,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import {
  assertOneOf,
  assertRange,
  incompatible,
  invalidAction,
  notImplemented,
  validation,
} from './errors.ts'
import type { ElbState, LoadBalancerRecord } from './state.ts'
import { findTargetGroup } from './target-groups.ts'

/** ALB quotas: target groups per action. */
const MOST_GROUPS = 5
const AUTHENTICATION = ['authenticate-oidc', 'authenticate-cognito', 'jwt-validation']

/** The actions in the form that they are kept in. Throws what CreateListener and CreateRule throw for bad ones. */
export function parseActions(
  actions: readonly Action[],
  balancer: LoadBalancerRecord,
  state: ElbState,
): Action[] {
  for (const { Type } of actions)
    assertOneOf('actions.type', Type, [...AUTHENTICATION, 'forward', 'redirect', 'fixed-response'])
  if (actions.some(({ Type }) => AUTHENTICATION.includes(Type ?? '')))
    throw notImplemented('Authentication by a listener is')
  const [action, more] = actions
  if (more)
    throw new TooManyActionsException({
      message: 'A rule can have only one forward, redirect or fixed-response action',
      $metadata: {},
    })
  if (!action) throw validation('A listener or rule must have an action')
  assertRange('Order', action.Order, 1, 50_000)
  return [{ ...parseAction(action, balancer, state), ...(action.Order && { Order: action.Order }) }]
}

function parseAction(action: Action, balancer: LoadBalancerRecord, state: ElbState): Action {
  if (action.Type === 'forward') return parseForward(action, balancer, state)
  if (balancer.type === 'network')
    throw invalidAction(`The action type '${action.Type}' is not valid with network load balancers`)
  if (action.Type === 'redirect')
    return { Type: 'redirect', RedirectConfig: parseRedirect(action.RedirectConfig) }
  return { Type: 'fixed-response', FixedResponseConfig: parseFixedResponse(action.FixedResponseConfig) }
}

function parseForward(action: Action, balancer: LoadBalancerRecord, state: ElbState): Action {
  const { TargetGroupArn: single, ForwardConfig: config } = action
  const tuples = config?.TargetGroups ?? (single ? [{ TargetGroupArn: single }] : [])
  const arns = tuples.map(({ TargetGroupArn }) => TargetGroupArn ?? '')
  if (!arns.length) throw validation('A target group ARN must be specified')
  if (single && (arns.length > 1 || arns[0] !== single))
    throw validation(
      'You cannot specify both a target group ARN and a forward config with different target groups',
    )
  if (arns.length > MOST_GROUPS)
    throw new TooManyTargetGroupsException({
      message: `An action can forward to at most ${MOST_GROUPS} target groups`,
      $metadata: {},
    })
  if (new Set(arns).size < arns.length) throw validation('Target groups of an action must be unique')
  for (const arn of arns) assertUsable(arn, balancer, state)
  const groups = tuples.map(({ TargetGroupArn: arn = '', Weight: weight = 1 }) => {
    assertRange('Weight', weight, 0, 999)
    return { TargetGroupArn: arn, Weight: weight }
  })
  const [only] = groups
  const stickiness = parseStickiness(config?.TargetGroupStickinessConfig)
  return {
    Type: 'forward',
    ...(groups.length === 1 && only && { TargetGroupArn: only.TargetGroupArn }),
    ForwardConfig: { TargetGroups: groups, TargetGroupStickinessConfig: stickiness },
  }
}

type Stickiness = NonNullable<ForwardActionConfig['TargetGroupStickinessConfig']>

function parseStickiness({
  Enabled: enabled = false,
  DurationSeconds: seconds,
}: Stickiness = {}): Stickiness {
  assertRange('DurationSeconds', seconds, 1, 604_800)
  if (enabled && seconds === undefined)
    throw validation('A duration must be specified when target group stickiness is enabled')
  return { Enabled: enabled, ...(seconds !== undefined && { DurationSeconds: seconds }) }
}

/** The group is there, speaks the load balancer's protocols, and is no other load balancer's. */
function assertUsable(arn: string, balancer: LoadBalancerRecord, state: ElbState): void {
  const group = findTargetGroup(arn, state)
  const isTcp = group.protocol === 'TCP'
  if (isTcp !== (balancer.type === 'network'))
    throw incompatible(
      `The target group '${arn}' with protocol '${group.protocol}' cannot be used with a load balancer of type '${balancer.type}'`,
    )
  if (group.loadBalancerArns.every((each) => each === balancer.arn)) return
  const message = `The following target groups cannot be associated with more than one load balancer: ${arn}`
  throw new TargetGroupAssociationLimitException({ message, $metadata: {} })
}

const KEYWORDS = '#\\{(?:protocol|host|port|path|query)\\}'

/** API Reference, RedirectActionConfig. */
function parseRedirect(config: RedirectActionConfig | undefined): RedirectActionConfig {
  if (!config) throw validation('A redirect action must have a RedirectConfig')
  const {
    Protocol = '#{protocol}',
    Port = '#{port}',
    Host = '#{host}',
    Path = '/#{path}',
    Query = '#{query}',
    StatusCode,
  } = config
  assertOneOf('redirectConfig.statusCode', StatusCode, ['HTTP_301', 'HTTP_302'])
  if (!/^(HTTPS?|#\{protocol\})$/.test(Protocol)) throw validation(`The protocol '${Protocol}' is not valid`)
  const isPort = /^\d{1,5}$/.test(Port) && Number(Port) >= 1 && Number(Port) <= 65_535
  if (!isPort && Port !== '#{port}') throw validation(`The port '${Port}' is not valid`)
  if (!isText(Host, 128) || !Host) throw validation(`The host '${Host}' is not valid`)
  if (!isText(Path, 128) || !Path.startsWith('/'))
    throw validation(`The path '${Path}' must start with a '/'`)
  if (!isText(Query, 128)) throw validation(`The query '${Query}' is not valid`)
  const isLoop = Protocol === '#{protocol}' && Port === '#{port}' && Host === '#{host}' && Path === '/#{path}'
  if (isLoop) throw invalidAction('The redirect configuration is not valid because it creates a loop.')
  return { Protocol, Port, Host, Path, Query, StatusCode }
}

/** Printable, of at most so many characters, and with no keyword but the known ones. */
function isText(text: string, longest: number): boolean {
  return (
    text.length <= longest &&
    /^[\x21-\x7e]*$/.test(text) &&
    !text.replaceAll(new RegExp(KEYWORDS, 'g'), '').includes('#{')
  )
}

const CONTENT_TYPES = ['text/plain', 'text/css', 'text/html', 'application/javascript', 'application/json']

/** API Reference, FixedResponseActionConfig. */
function parseFixedResponse(config: FixedResponseActionConfig | undefined): FixedResponseActionConfig {
  if (!config) throw validation('A fixed-response action must have a FixedResponseConfig')
  const { StatusCode = '', ContentType, MessageBody } = config
  if (!/^[245]\d\d$/.test(StatusCode))
    throw validation(`The status code '${StatusCode}' must be a 2XX, 4XX or 5XX code`)
  if (MessageBody !== undefined && MessageBody.length > 1024)
    throw validation('The message body cannot be longer than 1024 characters')
  if (ContentType !== undefined && !CONTENT_TYPES.includes(ContentType))
    throw validation(`The content type '${ContentType}' is not valid`)
  return {
    StatusCode,
    ...(ContentType !== undefined && { ContentType }),
    ...(MessageBody !== undefined && { MessageBody }),
  }
}
