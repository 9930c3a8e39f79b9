/** Whether a rule or a client may put an event on a bus: by a rule's role, and by the policy of a bus of another account. */
import { assumedRoleArn, parseArn, rootArn } from '../arn.ts'
import type { Engine } from '../engine.ts'
import type { EventsEffect, PutElsewhere } from '../events/effects.ts'
import type { Envelope } from '../events/state.ts'
import { globalKeys, isTrusted, policiesOf, roleOfArn } from '../iam/authorize.ts'
import { parsePolicy } from '../policy/document.ts'
import { type AccessRequest, type Asker, evaluate, evaluateResource } from '../policy/evaluate.ts'
import type { AssumedRole, Scope } from '../service.ts'
import { AwsError } from '../wire/errors.ts'
import { assumedOf } from './roles.ts'

type Forwarding = Pick<
  Extract<EventsEffect, { kind: 'deliver-event' }>,
  'input' | 'roleArn' | 'ruleArn' | 'targetArn'
>

/** The codes of the EventBridge User Guide, dead-letter queues, with what they say; no retry helps. */
export const REFUSALS = {
  FAILED_TO_ASSUME_ROLE: 'The role cannot be taken on by events.amazonaws.com for this rule',
  NO_PERMISSIONS: 'The event may not be put on the event bus',
} as const

const refusal = (code: keyof typeof REFUSALS, what: string) =>
  new AwsError(code, `${REFUSALS[code]}: ${what}.`, { kind: 'denied' })

/** Throws FAILED_TO_ASSUME_ROLE or NO_PERMISSIONS. */
export async function requireForwarding(effect: Forwarding, engine: Engine): Promise<void> {
  await Promise.all([engine.load('iam'), engine.load('events')])
  const { ruleArn, targetArn, roleArn } = effect
  const home = parseArn(ruleArn)
  if (!home) throw new TypeError(`${ruleArn} is no ARN`)
  const iam = engine.state('iam', home)
  const session = roleArn === undefined ? undefined : takeOn(roleArn, ruleArn, home, engine)
  const request: AccessRequest = {
    action: 'events:PutEvents',
    resource: targetArn,
    context: new Map([
      ...principalKeys(home, session, engine),
      ...sourceKeys(ruleArn, home),
      ...eventKeys(JSON.parse(effect.input)),
    ]),
  }
  if (session && evaluate(policiesOf(session, iam), request) !== 'allowed')
    throw refusal('NO_PERMISSIONS', `no policy of ${roleArn} allows events:PutEvents on ${targetArn}`)
  requireBus(request, home, session, engine)
}

/** What a client of another account puts: its own policies have been asked. Throws NO_PERMISSIONS. */
export async function requirePutting(
  { busArn, event }: PutElsewhere,
  home: Scope,
  session: AssumedRole | undefined,
  engine: Engine,
): Promise<void> {
  await Promise.all([engine.load('iam'), engine.load('events')])
  const context = new Map([...principalKeys(home, session, engine), ...eventKeys(event)])
  requireBus({ action: 'events:PutEvents', resource: busArn, context }, home, session, engine)
}

/** In its own account, a bus has a say only where it denies (IAM User Guide, cross-account policy evaluation logic). */
function requireBus(
  request: AccessRequest,
  home: Scope,
  session: AssumedRole | undefined,
  engine: Engine,
): void {
  const bus = parseArn(request.resource)
  if (!bus) throw new TypeError(`${request.resource} is no ARN`)
  const { policy } = engine.state('events', bus).buses[bus.resource.slice('event-bus/'.length)] ?? {}
  const verdict = policy
    ? evaluateResource(parsePolicy(policy, 'resource'), askerOf(home, session), request)
    : 'not-allowed'
  const isOwn = home.accountId === bus.accountId
  if (verdict === 'explicitly-denied' || (verdict === 'not-allowed' && !isOwn))
    throw refusal('NO_PERMISSIONS', `the policy of ${request.resource} does not allow it`)
}

function takeOn(roleArn: string, ruleArn: string, home: Scope, engine: Engine): AssumedRole {
  const role = roleOfArn(roleArn, engine.state('iam', home))
  const asker: Asker = { kind: 'Service', names: ['events.amazonaws.com'] }
  if (!role || !isTrusted(role, asker, new Map(sourceKeys(ruleArn, home))))
    throw refusal('FAILED_TO_ASSUME_ROLE', roleArn)
  return assumedOf(role, ruleArn.slice(ruleArn.lastIndexOf('/') + 1))
}

/** EventBridge User Guide, using IAM policy conditions: the rule that sends the event. */
const sourceKeys = (ruleArn: string, { accountId }: Scope): [string, string[]][] => [
  ['aws:sourcearn', [ruleArn]],
  ['aws:sourceaccount', [accountId]],
]

function principalKeys(
  home: Scope,
  session: AssumedRole | undefined,
  engine: Engine,
): Iterable<[string, readonly string[]]> {
  if (session) return globalKeys(home, session, engine.state('iam', home), engine.clock.now())
  return [
    ['aws:principalarn', [rootArn(home)]],
    ['aws:principalaccount', [home.accountId]],
  ]
}

const eventKeys = (event: Partial<Envelope>): [string, string[]][] => [
  ['events:source', [event.source ?? '']],
  ['events:detail-type', [event['detail-type'] ?? '']],
]

function askerOf(scope: Scope, session: AssumedRole | undefined): Asker {
  const own = session ? [session.roleArn, assumedRoleArn(scope, session)] : []
  return { kind: 'AWS', names: [scope.accountId, rootArn(scope), ...own] }
}
