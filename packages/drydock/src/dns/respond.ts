/** From the bytes of a query to those of its answer: header, EDNS, truncation, and what is wrong with a query. */
import {
  AUTHORITATIVE_ANSWER,
  type DecodedPacket,
  decode,
  type OptAnswer,
  type Question,
  RECURSION_DESIRED,
  TRUNCATED_RESPONSE,
} from 'dns-packet'
import { encodeResponse, HEADER_BYTES, type Response } from './encode.ts'
import { resolve, type World } from './resolve.ts'

const RCODES = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const
type Rcode = keyof typeof RCODES

/** RFC 1035 section 2.3.4: what every UDP client takes. */
const PLAIN_UDP_BYTES = 512
/** The most that is sent in a datagram, whatever the client takes. */
const MOST_UDP_BYTES = 4096
/** What is told to clients: fits in any packet without fragments. */
const ADVERTISED_BYTES = 1232
const MOST_TCP_BYTES = 65_535

export type Transport = 'udp' | 'tcp'

/** The answer to a message; undefined for what is no query, and must not be answered (or two servers would talk for ever). */
export function respond(message: Buffer, transport: Transport, world: World): Buffer | undefined {
  if (message.length < HEADER_BYTES || isResponse(message)) return undefined
  if (opcodeOf(message) !== 0) return bare(message, 'NOTIMP')
  const query = read(message)
  if (!query) return bare(message, 'FORMERR')
  const [question, ...more] = query.questions ?? []
  if (!question || more.length) return bare(message, 'FORMERR')
  const opts = (query.additionals ?? []).filter((each) => each.type === 'OPT')
  if (opts.length > 1) return bare(message, 'FORMERR')
  try {
    return answer(query, question, opts[0], transport, world)
  } catch {
    // A name or value that cannot be put into a packet: the question is in it too.
    return bare(message, 'SERVFAIL')
  }
}

const isResponse = (message: Buffer) => (message.readUInt8(2) & 0x80) !== 0

const opcodeOf = (message: Buffer) => (message.readUInt8(2) >> 3) & 0x0f

function read(message: Buffer): DecodedPacket | undefined {
  try {
    return decode(message)
  } catch {
    return undefined
  }
}

/** An answer of nothing but a header: the id, the opcode and the RD bit of the query (RFC 1035 section 4.1.1). */
function bare(message: Buffer, rcode: Rcode): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  message.copy(header, 0, 0, 2)
  header.writeUInt8((message.readUInt8(2) & 0x79) | 0x80, 2)
  header.writeUInt8(RCODES[rcode], 3)
  return header
}

function answer(
  query: DecodedPacket,
  question: Question,
  opt: OptAnswer | undefined,
  transport: Transport,
  world: World,
): Buffer {
  const isOtherEdns = opt !== undefined && opt.ednsVersion !== 0
  const found = isOtherEdns ? undefined : resolutionOf(question, world)
  const response: Response = {
    id: query.id ?? 0,
    flags:
      ((query.flags ?? 0) & RECURSION_DESIRED) |
      (found?.isAuthoritative ? AUTHORITATIVE_ANSWER : 0) |
      RCODES[found?.rcode ?? 'NOERROR'],
    question,
    answers: found?.answers ?? [],
    authorities: found?.authorities ?? [],
    // RFC 6891 section 6.1.3: BADVERS is 16, of which the header holds the lower four bits.
    ...(opt && { opt: optOf(isOtherEdns ? 1 : 0, opt) }),
  }
  const bytes = encodeResponse(response)
  return bytes.length <= limitOf(opt, transport) ? bytes : truncated(response)
}

/** Types and classes that no zone has are refused, transfers among them. */
function resolutionOf({ name, type, class: of }: Question, world: World) {
  const isRefused = (of ?? 'IN') !== 'IN' || type === 'AXFR' || type === 'IXFR'
  return isRefused
    ? { rcode: 'REFUSED' as const, isAuthoritative: false, answers: [], authorities: [] }
    : resolve(name, type, world)
}

/** RFC 6891 section 6.1.2: the root's name, type 41, the size that we take, extended code, version 0, DO, no options. */
const optOf = (extendedRcode: number, { flag_do }: OptAnswer): Buffer =>
  Buffer.from([
    0,
    0,
    41,
    ADVERTISED_BYTES >> 8,
    ADVERTISED_BYTES & 0xff,
    extendedRcode,
    0,
    flag_do ? 0x80 : 0,
    0,
    0,
    0,
  ])

function limitOf(opt: OptAnswer | undefined, transport: Transport): number {
  if (transport === 'tcp') return MOST_TCP_BYTES
  return Math.min(Math.max(opt?.udpPayloadSize ?? 0, PLAIN_UDP_BYTES), MOST_UDP_BYTES)
}

/** RFC 2181 section 9: a truncated answer is asked for again over TCP, so nothing of it is sent. */
const truncated = (response: Response): Buffer =>
  encodeResponse({
    ...response,
    flags: response.flags | TRUNCATED_RESPONSE,
    answers: [],
    authorities: [],
  })
