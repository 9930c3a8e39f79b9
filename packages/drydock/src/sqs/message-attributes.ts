/** Message attributes between the wire and the state: checked as SQS checks them, chosen as a receiver asks. */
import type { MessageAttributeValue } from '@aws-sdk/client-sqs'
import { invalidParameter } from './errors.ts'
import type { KeptAttribute } from './state.ts'

/** SQS Developer Guide, message metadata: names, their reserved beginnings, and the three types. */
const NAME = /^(?!aws\.|amazon\.)(?!\.)(?!.*\.\.)[\w.-]{1,256}(?<!\.)$/i
const TYPE = /^(String|Number|Binary)(\..{1,248})?$/
const MOST_ATTRIBUTES = 10

/** Throws InvalidParameterValue for what SQS refuses. */
export function keepAttributes(
  attributes: Readonly<Record<string, MessageAttributeValue>> = {},
): Record<string, KeptAttribute> {
  const entries = Object.entries(attributes)
  if (entries.length > MOST_ATTRIBUTES) {
    throw invalidParameter(
      `Number of message attributes [${entries.length}] exceeds the allowed maximum [${MOST_ATTRIBUTES}].`,
    )
  }
  return Object.fromEntries(entries.map(([name, value]) => [name, keep(name, value)]))
}

function keep(
  name: string,
  { DataType: dataType = '', StringValue, BinaryValue }: MessageAttributeValue,
): KeptAttribute {
  const wrong = (what: string) => invalidParameter(`The message attribute '${name}' ${what}`)
  if (!NAME.test(name)) {
    throw invalidParameter(
      `Message (user) attribute name '${name}' is invalid: it can contain alphanumeric characters, underscores, hyphens and periods, and must not start with a reserved prefix.`,
    )
  }
  if (!TYPE.test(dataType)) {
    throw wrong(
      'has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.',
    )
  }
  if (dataType.startsWith('Binary')) {
    if (!BinaryValue?.length) throw wrong('must contain a non-empty message attribute value of type Binary.')
    return { dataType, base64: Buffer.from(BinaryValue).toString('base64') }
  }
  if (!StringValue) throw wrong(`must contain a non-empty message attribute value of type ${dataType}.`)
  if (dataType.startsWith('Number') && !Number.isFinite(Number(StringValue))) {
    throw wrong(`must contain a number, not '${StringValue}'.`)
  }
  return { dataType, text: StringValue }
}

/** The attributes that `wanted` names: `All` or `.*`, `prefix.*`, or a name. */
export function chooseAttributes(
  attributes: Readonly<Record<string, KeptAttribute>>,
  wanted: readonly string[],
): Record<string, KeptAttribute> {
  const isWanted = (name: string) =>
    wanted.some(
      (want) =>
        want === 'All' || want === name || (want.endsWith('.*') && name.startsWith(want.slice(0, -2))),
    )
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => isWanted(name)))
}

/** An attribute as the wire has it. */
export function attributeValue({ dataType, text, base64 }: KeptAttribute): MessageAttributeValue {
  return base64 === undefined
    ? { DataType: dataType, StringValue: text }
    : { DataType: dataType, BinaryValue: Buffer.from(base64, 'base64') }
}

/** What an attribute counts towards a message's size: name, type and value, in bytes. */
export function sizeOf(attributes: Readonly<Record<string, KeptAttribute>>): number {
  let size = 0
  for (const [name, { dataType, text = '', base64 = '' }] of Object.entries(attributes)) {
    size += Buffer.byteLength(name + dataType + text) + Buffer.byteLength(base64, 'base64')
  }
  return size
}
