/** The event that a function gets of a queue (Lambda Developer Guide, Using Lambda with Amazon SQS: example event). */
import { parseArn } from '../arn.ts'

/** A message attribute as functions see it; binary values are base64. */
interface RecordAttribute {
  readonly stringValue?: string
  readonly binaryValue?: string
  readonly stringListValues: readonly never[]
  readonly binaryListValues: readonly never[]
  readonly dataType: string
}

/** One message of the event. */
export interface SqsRecord {
  readonly messageId: string
  readonly receiptHandle: string
  readonly body: string
  readonly attributes: Readonly<Record<string, string>>
  readonly messageAttributes: Readonly<Record<string, RecordAttribute>>
  readonly md5OfMessageAttributes?: string
  readonly md5OfBody: string
  readonly eventSource: 'aws:sqs'
  readonly eventSourceARN: string
  readonly awsRegion: string
}

/** A message as SQS gives it (SQS API Reference, Message), as far as the record is made of it. */
interface ReceivedMessage {
  readonly MessageId?: string | undefined
  readonly ReceiptHandle?: string | undefined
  readonly Body?: string | undefined
  readonly MD5OfBody?: string | undefined
  readonly MD5OfMessageAttributes?: string | undefined
  readonly Attributes?: Readonly<Partial<Record<string, string>>> | undefined
  readonly MessageAttributes?: Readonly<Record<string, ReceivedAttribute>> | undefined
}

interface ReceivedAttribute {
  readonly DataType: string | undefined
  readonly StringValue?: string | undefined
  readonly BinaryValue?: Uint8Array | undefined
}

/** The record of a message that was received from the queue. */
export function recordOfMessage(message: ReceivedMessage, queueArn: string): SqsRecord {
  const attributes = Object.entries(message.MessageAttributes ?? {})
  const digest = message.MD5OfMessageAttributes
  return {
    messageId: message.MessageId ?? '',
    receiptHandle: message.ReceiptHandle ?? '',
    body: message.Body ?? '',
    attributes: definedOf(message.Attributes ?? {}),
    messageAttributes: Object.fromEntries(attributes.map(([name, value]) => [name, attributeOf(value)])),
    ...(digest === undefined ? {} : { md5OfMessageAttributes: digest }),
    md5OfBody: message.MD5OfBody ?? '',
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: parseArn(queueArn)?.region ?? '',
  }
}

function definedOf(attributes: Readonly<Partial<Record<string, string>>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}

function attributeOf({ DataType = 'String', StringValue, BinaryValue }: ReceivedAttribute): RecordAttribute {
  return {
    ...(StringValue === undefined ? {} : { stringValue: StringValue }),
    ...(BinaryValue === undefined ? {} : { binaryValue: Buffer.from(BinaryValue).toString('base64') }),
    stringListValues: [],
    binaryListValues: [],
    dataType: DataType,
  }
}

/** The payload of an invocation with these records: JSON text. */
export const payloadOf = (records: readonly SqsRecord[]): string => JSON.stringify({ Records: records })

/** What a record adds to a payload, in bytes, with its comma. */
export const sizeOfRecord = (record: SqsRecord): number => Buffer.byteLength(JSON.stringify(record)) + 1
