/** Whether a rule may put an event on another bus: by the role that its target names, and by the policy of a bus of another account. */
import { parseArn, rootArn } from '../arn.ts'
import type { Engine } from '../engine.ts'
import type { EventsEffect } from '../events/effects.ts'
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
  const [home, bus] = [parseArn(ruleArn), parseArn(targetArn)]
  if (!home || !bus) throw new TypeError(`${ruleArn} or ${targetArn} is no ARN`)
  const iam = engine.state('iam', home)
  const session = roleArn === undefined ? undefined : takeOn(roleArn, ruleArn, home, engine)
  const request: AccessRequest = {
    action: 'events:PutEvents',
    resource: targetArn,
    context: new Map([
      ...(session ? globalKeys(home, session, iam, engine.clock.now()) : []),
      ...sourceKeys(ruleArn, home),
      ...eventKeys(effect.input),
    ]),
  }
  if (session && evaluate(policiesOf(session, iam), request) !== 'allowed')
    throw refusal('NO_PERMISSIONS', `no policy of ${roleArn} allows events:PutEvents on ${targetArn}`)
  const { policy } = engine.state('events', bus).buses[bus.resource.slice('event-bus/'.length)] ?? {}
  const verdict = policy
    ? evaluateResource(parsePolicy(policy, 'resource'), askerOf(home, session), request)
    : 'not-allowed'
  const isOwn = home.accountId === bus.accountId
  if (verdict === 'explicitly-denied' || (verdict === 'not-allowed' && !isOwn))
    throw refusal('NO_PERMISSIONS', `the policy of ${targetArn} does not allow it`)
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

function eventKeys(input: string): [string, string[]][] {
  const event: Partial<Envelope> = JSON.parse(input)
  return [
    ['events:source', [event.source ?? '']],
    ['events:detail-type', [event['detail-type'] ?? '']],
  ]
}

function askerOf(scope: Scope, session: AssumedRole | undefined): Asker {
  const names = [scope.accountId, rootArn(scope)]
  return { kind: 'AWS', names: session ? [...names, session.roleArn] : names }
}
