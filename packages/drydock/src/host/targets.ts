/** Hands events to the targets of rules, and undeliverable ones to dead-letter queues, by calling their services. */
import type { PutEventsResultEntry } from '@aws-sdk/client-eventbridge'
import { parseArn } from '../arn.ts'
import type { Engine } from '../engine.ts'
import type { EventsEffect, EventsReport, PutElsewhere } from '../events/effects.ts'
import type { Scope } from '../service.ts'
import { AwsError } from '../wire/errors.ts'
import { REFUSALS, requireForwarding, requirePutting } from './bus-access.ts'
import type { Performers } from './effects.ts'
import { answerOf, sendToQueue } from './queues.ts'

type Delivery = Extract<EventsEffect, { kind: 'deliver-event' }>
type DeadLetter = Extract<EventsEffect, { kind: 'dead-letter-event' }>

/**
 * The performers of EventBridge's effects. Each answers with the report that `EventsEffect` names. Where policies are enforced, an event
 * goes to another bus only if they allow it.
 */
export const targetPerformers = (isIamEnforced: boolean): Performers<EventsEffect> => ({
  async 'deliver-event'(effect, scope, engine) {
    engine.report('events', scope, await attempt(effect, engine, isIamEnforced))
  },

  async 'dead-letter-event'({ delivery, queueArn, body, attributes }, scope, engine) {
    engine.report('events', scope, { kind: await deadLetter(queueArn, body, attributes, engine), delivery })
  },

  async 'put-elsewhere'(effect, scope, engine) {
    const results: PutEventsResultEntry[] = []
    for (const entry of effect.entries) {
      const isHere = !('busArn' in entry)
      results.push(isHere ? entry : await putElsewhere(entry, effect, scope, engine, isIamEnforced))
    }
    engine.report('events', scope, { kind: 'put-answered', request: effect.request, results })
  },
})

/** Where policies are not enforced, every bus of another account takes what comes. */
async function putElsewhere(
  elsewhere: PutElsewhere,
  { role }: Extract<EventsEffect, { kind: 'put-elsewhere' }>,
  scope: Scope,
  engine: Engine,
  isIamEnforced: boolean,
): Promise<PutEventsResultEntry> {
  const { busArn, event } = elsewhere
  try {
    if (isIamEnforced) await requirePutting(elsewhere, scope, role, engine)
  } catch (error) {
    const known = answerOf(error)
    if (!known) throw error
    return { ErrorCode: 'AccessDeniedException', ErrorMessage: known.message }
  }
  const bus = parseArn(busArn)
  if (!bus) throw new TypeError(`${busArn} is no ARN`)
  const busName = bus.resource.slice('event-bus/'.length)
  engine.report('events', bus, { kind: 'put', busName, event })
  return { EventId: event.id }
}

async function deadLetter(
  queueArn: string,
  MessageBody: string,
  MessageAttributes: DeadLetter['attributes'],
  engine: Engine,
): Promise<'dead-lettered' | 'dead-letter-failed'> {
  try {
    await sendToQueue(queueArn, { MessageBody, MessageAttributes }, engine)
    return 'dead-lettered'
  } catch (error) {
    if (!answerOf(error)) throw error
    return 'dead-letter-failed'
  }
}

/** An error of the target's service is an outcome; only one that is no AWS error is a bug and escapes. */
async function attempt(effect: Delivery, engine: Engine, isIamEnforced: boolean): Promise<EventsReport> {
  const { delivery } = effect
  try {
    if (isIamEnforced && parseArn(effect.targetArn)?.service === 'events')
      await requireForwarding(effect, engine)
    await deliver(effect, engine)
    return { kind: 'delivered', delivery }
  } catch (error) {
    return { kind: 'delivery-failed', delivery, ...explain(error) }
  }
}

async function deliver(
  { targetArn, input, isForwarded, messageGroupId }: Delivery,
  engine: Engine,
): Promise<void> {
  const arn = parseArn(targetArn)
  if (!arn) throw new TypeError(`${targetArn} is no ARN`)
  if (arn.service === 'lambda') {
    const Payload = Buffer.from(input)
    await engine.call('lambda', arn, 'Invoke', {
      FunctionName: targetArn,
      InvocationType: 'Event',
      Payload,
    })
  } else if (arn.service === 'sqs') {
    const group = messageGroupId && { MessageGroupId: messageGroupId }
    await sendToQueue(targetArn, { MessageBody: input, ...group }, engine)
  } else if (isForwarded) throw hopDetected(input)
  else await forward(arn.resource.slice('event-bus/'.length), arn, input, engine)
}

const HOP_DETECTED = 'THIRD_ACCOUNT_HOP_DETECTED'

/** EventBridge User Guide, buses in the same account: what came from another bus goes to no third one, nor back. */
function hopDetected(input: string): AwsError {
  const { id }: { id?: string } = JSON.parse(input)
  return new AwsError(
    HOP_DETECTED,
    `Event ingestion rejected for event ${id} because an event can be sent to an event bus target only once. This event was previously delivered to an event bus target.`,
  )
}

async function forward(busName: string, scope: Scope, input: string, engine: Engine): Promise<void> {
  await engine.load('events')
  const isThere = busName === 'default' || engine.state('events', scope).buses[busName]
  if (!isThere) throw new AwsError('ResourceNotFoundException', `Event bus ${busName} does not exist.`)
  engine.report('events', scope, { kind: 'forwarded', busName, event: JSON.parse(input) })
}

interface Explanation {
  readonly code: string
  readonly message: string
  readonly retry: boolean
}

/**
 * Only faults of the server, throttling and conflicts pass by themselves. The codes are those of the EventBridge User
 * Guide, dead-letter queues.
 */
function explain(error: unknown): Explanation {
  const known = answerOf(error)
  if (!known) throw error
  const { name, message } = known
  if (name === HOP_DETECTED || name in REFUSALS) return { code: name, message, retry: false }
  if (/NotFound|DoesNotExist/.test(name)) return { code: 'NO_RESOURCE', message, retry: false }
  if (/TooManyRequests|Throttl|OverLimit/.test(name)) return { code: 'THROTTLING', message, retry: true }
  if (/Conflict/.test(name)) return { code: 'RESOURCE_MODIFICATION_COLLISION', message, retry: true }
  if (known.isServerFault) return { code: 'INTERNAL_ERROR', message, retry: true }
  return { code: 'SDK_CLIENT_ERROR', message: `${name}: ${message}`, retry: false }
}
