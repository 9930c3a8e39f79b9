/** Reads a request's body within bounds of size and time, and takes off its content encoding. */

import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { messageOf } from '../message-of.ts'
import { AwsError } from './errors.ts'

/** A client that has not sent its request in this time has lost its way (or sent a wrong content-length). */
const BODY_TIMEOUT_MS = 30_000

/**
 * The body's bytes. A body over `limit` bytes is read to its end and thrown away, so that the client gets to read the
 * answer and its connection can go on.
 *
 * Throws AwsError for a body that is too large (413), too slow (408), in an unknown encoding (415) or broken (400).
 */
export async function readBody(
  message: IncomingMessage,
  limit: number,
  timeoutMs = BODY_TIMEOUT_MS,
): Promise<Uint8Array> {
  const encoding = message.headers['content-encoding'] ?? 'identity'
  const body = await readBytes(message, limit, timeoutMs)
  if (encoding === 'identity' || encoding === '') return body
  if (encoding !== 'gzip') {
    throw new AwsError('UnsupportedMediaTypeException', `Content-Encoding ${encoding} is not supported`, {
      status: 415,
    })
  }
  return inflate(body, limit)
}

function readBytes(message: IncomingMessage, limit: number, timeoutMs: number): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>()
  const chunks: Buffer[] = []
  let size = 0
  const slow = setTimeout(() => {
    reject(new AwsError('RequestTimeoutException', 'The request was not sent in time', { status: 408 }))
  }, timeoutMs)
  message.on('data', (chunk: Buffer) => {
    size += chunk.byteLength
    if (size <= limit) chunks.push(chunk)
    else chunks.length = 0
  })
  message.on('end', () => (size > limit ? reject(tooLarge(limit)) : resolve(Buffer.concat(chunks))))
  // A client that hangs up is no fault of ours, whichever of the two events tells.
  const cutOff = () => reject(new AwsError('IncompleteBody', 'The request ended before its body did'))
  message.on('error', cutOff).on('close', cutOff)
  return promise.finally(() => clearTimeout(slow))
}

async function inflate(body: Uint8Array, limit: number): Promise<Uint8Array> {
  try {
    return await promisify(gunzip)(body, { maxOutputLength: limit })
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(limit)
    throw new AwsError('SerializationException', `Could not decompress the request: ${messageOf(error)}`, {
      kind: 'malformed',
    })
  }
}

const tooLarge = (limit: number) =>
  new AwsError('RequestEntityTooLargeException', `The request's body is larger than ${limit} bytes`, {
    status: 413,
  })
