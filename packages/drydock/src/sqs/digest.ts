/** The digests that SQS returns with a message and that clients verify. */
import { createHash } from 'node:crypto'
import type { KeptAttribute } from './state.ts'

/** MD5 of a message's body, in hexadecimal digits. */
export function digestBody(body: string): string {
  return createHash('md5').update(body).digest('hex')
}

/**
 * MD5 of a message's attributes, in hexadecimal digits: by name, each as length and name, length and type, a byte for
 * the kind of value, length and value; lengths are four bytes, big-endian. `undefined` if there are none.
 * Source: SQS Developer Guide, "Calculating the MD5 message digest for message attributes".
 */
export function digestAttributes(attributes: Readonly<Record<string, KeptAttribute>>): string | undefined {
  const names = Object.keys(attributes).sort()
  if (!names.length) return undefined
  const hash = createHash('md5')
  for (const name of names) for (const part of encode(name, attributes[name])) hash.update(part)
  return hash.digest('hex')
}

function encode(name: string, attribute: KeptAttribute | undefined): Buffer[] {
  if (!attribute) return []
  const { dataType, text, base64 } = attribute
  const value = base64 === undefined ? Buffer.from(text ?? '') : Buffer.from(base64, 'base64')
  const kind = Buffer.from([base64 === undefined ? 1 : 2])
  return [...sized(Buffer.from(name)), ...sized(Buffer.from(dataType)), kind, ...sized(value)]
}

function sized(bytes: Buffer): [Buffer, Buffer] {
  const size = Buffer.alloc(4)
  size.writeUInt32BE(bytes.length)
  return [size, bytes]
}
