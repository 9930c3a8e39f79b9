/** Queue attributes: which there are, what they may be, and what they are where they were not set. */

import { InvalidAttributeName } from '@aws-sdk/client-sqs'
import { parseRecord } from '../json.ts'
import { invalidAttribute, invalidParameter } from './errors.ts'
import { LONGEST_DELAY_SECONDS, LONGEST_INVISIBLE_SECONDS, LONGEST_POLL_SECONDS } from './limits.ts'
import type { Queue } from './state.ts'

type Check = (value: string) => boolean

const range =
  (least: number, most: number): Check =>
  (value) =>
    /^\d+$/.test(value) && Number(value) >= least && Number(value) <= most
const oneOf =
  (...values: string[]): Check =>
  (value) =>
    values.includes(value)
const json: Check = (value) => value === '' || parseRecord(value) !== undefined

interface Attribute {
  readonly check: Check
  readonly initial?: string
  readonly fifoOnly?: true
}

/** SQS API Reference: CreateQueue, SetQueueAttributes. */
const SETTABLE: Readonly<Record<string, Attribute>> = {
  DelaySeconds: { check: range(0, LONGEST_DELAY_SECONDS), initial: '0' },
  MaximumMessageSize: { check: range(1024, 1_048_576), initial: '1048576' },
  MessageRetentionPeriod: { check: range(60, 1_209_600), initial: '345600' },
  ReceiveMessageWaitTimeSeconds: { check: range(0, LONGEST_POLL_SECONDS), initial: '0' },
  VisibilityTimeout: { check: range(0, LONGEST_INVISIBLE_SECONDS), initial: '30' },
  SqsManagedSseEnabled: { check: oneOf('true', 'false'), initial: 'true' },
  Policy: { check: json },
  RedrivePolicy: { check: json },
  RedriveAllowPolicy: { check: json },
  KmsMasterKeyId: { check: () => true },
  KmsDataKeyReusePeriodSeconds: { check: range(60, 86_400) },
  FifoQueue: { check: oneOf('true'), fifoOnly: true, initial: 'true' },
  ContentBasedDeduplication: { check: oneOf('true', 'false'), fifoOnly: true, initial: 'false' },
  DeduplicationScope: { check: oneOf('messageGroup', 'queue'), fifoOnly: true, initial: 'queue' },
  FifoThroughputLimit: { check: oneOf('perQueue', 'perMessageGroupId'), fifoOnly: true, initial: 'perQueue' },
}

export interface RedrivePolicy {
  readonly deadLetterTargetArn: string
  readonly maxReceiveCount: number
}

/** Throws InvalidAttributeName or InvalidAttributeValue for what cannot be set on such a queue. */
export function requireAttributes(attributes: Readonly<Record<string, string>>, fifo: boolean): void {
  for (const [name, value] of Object.entries(attributes)) {
    const known = Object.hasOwn(SETTABLE, name) ? SETTABLE[name] : undefined
    if (!known || (known.fifoOnly && !fifo)) {
      throw new InvalidAttributeName({ message: `Unknown Attribute ${name}.`, $metadata: {} })
    }
    if (!known.check(value)) throw invalidAttribute(name)
  }
  if (attributes.RedrivePolicy) requireRedrivePolicy(attributes.RedrivePolicy)
}

/** SQS Developer Guide: maxReceiveCount is 1 to 1000. It may be written as a number or as text. */
function requireRedrivePolicy(text: string): void {
  const { deadLetterTargetArn, maxReceiveCount } = parseRecord(text) ?? {}
  const wrong = (reason: string) =>
    invalidParameter(`Value ${text} for parameter RedrivePolicy is invalid. Reason: ${reason}`)
  if (typeof deadLetterTargetArn !== 'string' || !deadLetterTargetArn.startsWith('arn:')) {
    throw wrong('Redrive policy does not contain mandatory attribute: deadLetterTargetArn.')
  }
  if (maxReceiveCount === undefined) {
    throw wrong('Redrive policy does not contain mandatory attribute: maxReceiveCount.')
  }
  if (!range(1, 1000)(String(maxReceiveCount))) {
    throw wrong('Invalid value for maxReceiveCount: must be between 1 and 1000.')
  }
}

/** All settable attributes that have a value, given or by default. */
export function effectiveAttributes(queue: Pick<Queue, 'attributes' | 'fifo'>): Record<string, string> {
  const found: Record<string, string> = {}
  for (const [name, { initial, fifoOnly }] of Object.entries(SETTABLE)) {
    const value = queue.attributes[name] ?? (fifoOnly && !queue.fifo ? undefined : initial)
    if (value) found[name] = value
  }
  return found
}

/** A numeric attribute's value, in the attribute's own unit (seconds or bytes). */
export function numberOf(queue: Queue, name: string): number {
  return Number(queue.attributes[name] ?? SETTABLE[name]?.initial)
}

/** Where messages go that were received too often; absent if nowhere. */
export function redrivePolicy(queue: Pick<Queue, 'attributes'>): RedrivePolicy | undefined {
  const { deadLetterTargetArn, maxReceiveCount } = parseRecord(queue.attributes.RedrivePolicy ?? '') ?? {}
  if (typeof deadLetterTargetArn !== 'string') return undefined
  return { deadLetterTargetArn, maxReceiveCount: Number(maxReceiveCount) }
}
