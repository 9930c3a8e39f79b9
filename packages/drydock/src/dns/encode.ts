/**
 * A response in bytes. Each record is put into bytes once, with a pointer for its name (RFC 1035 section 4.1.4): most
 * answers are of the name that was asked for, which stands in every packet at the same place.
 */
import { encode, type Question } from 'dns-packet'
import type { RecordBody, ResourceRecord } from './zone.ts'

/** RFC 1035 section 4.1.1. */
export const HEADER_BYTES = 12

/** A response with one question, which it repeats. */
export interface Response {
  readonly id: number
  /** AA, TC, RD and the code, as in the header. */
  readonly flags: number
  readonly question: Question
  readonly answers: readonly ResourceRecord[]
  readonly authorities: readonly ResourceRecord[]
  /** The OPT record, in bytes. */
  readonly opt?: Buffer
}

/** Throws an Error where a name or value cannot be put into a packet. */
export function encodeResponse({ id, flags, question, answers, authorities, opt }: Response): Buffer {
  const parts = [encode({ type: 'response', id, flags, questions: [question] })]
  for (const record of answers) parts.push(recordBytes(record, question.name))
  for (const record of authorities) parts.push(recordBytes(record, question.name))
  if (opt) parts.push(opt)
  const bytes = Buffer.concat(parts)
  bytes.writeUInt16BE(answers.length, 6)
  bytes.writeUInt16BE(authorities.length, 8)
  bytes.writeUInt16BE(opt ? 1 : 0, 10)
  return bytes
}

const recordBytes = (record: ResourceRecord, asked: string): Buffer =>
  record.name === asked ? ofAsked(record) : plain(record)

/** Two bits that say that the rest is an offset: here that of the question, behind the header. */
const POINTER = Buffer.from([0xc0, HEADER_BYTES])
const ROOT_BYTES = 1

const known = new WeakMap<RecordBody, { readonly ttl: number; readonly bytes: Buffer }>()

function ofAsked({ ttl, body }: ResourceRecord): Buffer {
  const found = known.get(body)
  if (found?.ttl === ttl) return found.bytes
  const bytes = Buffer.concat([POINTER, plain({ name: '.', ttl, body }).subarray(ROOT_BYTES)])
  known.set(body, { ttl, bytes })
  return bytes
}

const plain = ({ name, ttl, body }: ResourceRecord): Buffer =>
  encode({ type: 'response', answers: [{ name, ttl, class: 'IN', ...body }] }).subarray(HEADER_BYTES)
