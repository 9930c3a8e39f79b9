/** What is done with a request: the rule that it meets, and where its action leads. */
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2'
import { groupAttribute } from '../../elb/attributes.ts'
import { keyOf, pickGroup, pickTarget } from '../../elb/balance.ts'
import { addressOf } from '../../elb/perform.ts'
import { locationOf } from '../../elb/redirect.ts'
import { type RoutedRequest, route } from '../../elb/route.ts'
import { rulesOf } from '../../elb/rules.ts'
import type { ElbState, ListenerRecord, TargetGroupRecord } from '../../elb/state.ts'
import { errorAnswer, fixedAnswer, type OwnAnswer, redirectAnswer } from './answers.ts'
import { cookieOf, setCookies, stuckTo } from './cookies.ts'
import { MOST_FORWARDED, MOST_OF_ONE } from './headers.ts'
import type { Traffic } from './traffic.ts'

export interface Forwarding {
  readonly kind: 'forward'
  readonly group: TargetGroupRecord
  /** `id:port` */
  readonly target: string
  readonly address: string
  readonly port: number
  /** Set-Cookie headers for the response. */
  readonly cookies: readonly string[]
  /** Sent only with a response that sets the application's own cookie of this name. */
  readonly appCookie?: { readonly name: string; readonly cookies: readonly string[] }
}

export type Decision =
  | Forwarding
  | { readonly kind: 'answer'; readonly answer: OwnAnswer; readonly isError: boolean }

/** What a decision needs besides the state. */
export interface Arrival {
  readonly request: RoutedRequest
  readonly traffic: Traffic
  /** Engine time in milliseconds. */
  readonly now: number
  /** From 0 to below 1. */
  readonly chance: () => number
}

/** The decision for a request to a listener. */
export function decide(state: ElbState, listener: ListenerRecord, arrival: Arrival): Decision {
  const { request } = arrival
  const refused = refusalOf(request)
  if (refused) return error(refused)
  const action = route(rulesOf(listener, state), request)?.actions.at(-1)
  if (!action) return error(500)
  if (action.Type === 'forward') return forwarding(state, action, arrival)
  return { kind: 'answer', answer: ownAnswer(action, listener, request), isError: false }
}

/** ALB User Guide, troubleshooting: what is refused whatever the rules say. */
function refusalOf({ method, url, headers }: RoutedRequest): number | undefined {
  if (method === 'TRACE') return 405
  if (url.length > MOST_OF_ONE) return 414
  for (const name in headers) if ((headers[name]?.length ?? 0) > MOST_OF_ONE) return 400
  const forwarded = headers['x-forwarded-for']
  const count = typeof forwarded === 'string' ? forwarded.split(',').length : 0
  return count > MOST_FORWARDED ? 463 : undefined
}

const error = (status: number, why = ''): Decision => ({
  kind: 'answer',
  answer: errorAnswer(status, why),
  isError: true,
})

function ownAnswer(action: Action, listener: ListenerRecord, { host, url }: RoutedRequest): OwnAnswer {
  const { RedirectConfig: redirect, FixedResponseConfig: fixed } = action
  if (redirect) {
    const location = locationOf(redirect, { protocol: 'http', host, port: listener.port, url })
    return redirectAnswer(redirect.StatusCode === 'HTTP_301' ? 301 : 302, location)
  }
  const { StatusCode = '500', ContentType = 'text/plain', MessageBody = '' } = fixed ?? {}
  return fixedAnswer(Number(StatusCode), ContentType, MessageBody)
}

function forwarding(state: ElbState, { ForwardConfig: config = {} }: Action, arrival: Arrival): Decision {
  const { request, traffic, now, chance } = arrival
  const cookie = textOf(request.headers.cookie)
  const { Enabled: isSticky, DurationSeconds: seconds = 0 } = config.TargetGroupStickinessConfig ?? {}
  const before = isSticky ? stuckTo(cookieOf(cookie, 'AWSALBTG'), now) : undefined
  const group = state.targetGroups[pickGroup(config, chance(), before) ?? '']
  if (!group) return error(503)
  const stickiness = stickinessOf(group)
  const target = pickTarget(group, {
    now,
    turn: traffic.turnOf(group.arn),
    chance: chance(),
    openRequests: (key) => traffic.openTo(group.arn, key),
    stuck: stickiness && ownTarget(group, stuckTo(cookieOf(cookie, stickiness.cookie), now)),
  })
  if (!target) return error(503)
  const until = now + (stickiness?.seconds ?? 0) * 1000
  const own = stickiness ? setCookies(stickiness.cookie, { to: `${group.arn}|${keyOf(target)}`, until }) : []
  const ofGroup = isSticky ? setCookies('AWSALBTG', { to: group.arn, until: now + seconds * 1000 }) : []
  const app = stickiness?.appCookie
  return {
    kind: 'forward',
    group,
    target: keyOf(target),
    address: addressOf(group, target),
    port: target.port,
    cookies: app === undefined ? [...own, ...ofGroup] : ofGroup,
    ...(app !== undefined && { appCookie: { name: app, cookies: own } }),
  }
}

interface Stickiness {
  readonly cookie: string
  readonly seconds: number
  readonly appCookie?: string
}

/** ALB User Guide, sticky sessions: by a cookie of the load balancer, or by one that follows the application's. */
function stickinessOf(group: TargetGroupRecord): Stickiness | undefined {
  if (group.attributes['stickiness.enabled'] !== 'true') return undefined
  if (groupAttribute(group, 'stickiness.type') === 'lb_cookie')
    return {
      cookie: 'AWSALB',
      seconds: Number(groupAttribute(group, 'stickiness.lb_cookie.duration_seconds')),
    }
  return {
    cookie: 'AWSALBAPP-0',
    seconds: Number(groupAttribute(group, 'stickiness.app_cookie.duration_seconds')),
    appCookie: groupAttribute(group, 'stickiness.app_cookie.cookie_name'),
  }
}

/** A cookie that another target group gave says nothing about this one. */
function ownTarget({ arn }: TargetGroupRecord, stuck: string | undefined): string | undefined {
  return stuck?.startsWith(`${arn}|`) ? stuck.slice(arn.length + 1) : undefined
}

const textOf = (value: string | readonly string[] | undefined) =>
  typeof value === 'string' ? value : value?.join('; ')
