/**
 * An engine of its own beside the typed services: it gets awsJson requests as parsed JSON and answers in JSON.
 * DynamoDB is one, because its storage wants attribute values as they are on the wire.
 */

import { crc32 } from 'node:zlib'
import { parseJson } from '../json.ts'
import type { Caller } from '../service.ts'
import type { Request, Response } from './protocol.ts'

/** Answers one operation; rejects only on a bug. */
export type JsonMount = (
  operation: string,
  input: unknown,
  caller: Caller,
) => Promise<{ status: number; body: unknown }>

/** The answer of the mount that the request's target names, or undefined if it names none. */
export async function jsonAnswer(
  mounts: Readonly<Record<string, JsonMount>>,
  request: Request,
  caller: Caller,
): Promise<Response | undefined> {
  const [, prefix, operation] = /^([^.]+)\.(.+)$/.exec(String(request.headers['x-amz-target'])) ?? []
  const mount = prefix !== undefined && Object.hasOwn(mounts, prefix) ? mounts[prefix] : undefined
  if (!mount || operation === undefined) return undefined
  const { status, body } = await mount(operation, parseBody(request.body), caller)
  const text = JSON.stringify(body ?? {})
  // DynamoDB sends this checksum with every answer, and several SDKs check it where it is there.
  const headers = {
    'content-type': 'application/x-amz-json-1.0',
    'x-amzn-requestid': caller.requestId,
    'x-amz-crc32': String(crc32(text)),
  }
  return { status, headers, body: text }
}

/** What is no JSON is undefined, for the mount to refuse in its own words. */
const parseBody = (body: Uint8Array): unknown => parseJson(Buffer.from(body).toString() || '{}')
