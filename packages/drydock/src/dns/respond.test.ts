/** From bytes to bytes: what is wrong with a query gets the answer that the protocol has for it, and never an end. */
import { decode, encode, type Packet } from 'dns-packet'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { respond } from './respond.ts'
import type { Node, RecordSet, Zone } from './zone.ts'

const simple = { routing: 'simple', weight: 0, isPrimary: false, region: '' } as const
const a: RecordSet = { ...simple, type: 'A', ttl: 60, bodies: [{ type: 'A', data: '192.0.2.1' }] }
const ring: RecordSet = {
  ...simple,
  type: 'CNAME',
  ttl: 60,
  bodies: [{ type: 'CNAME', data: 'ring.example.com' }],
}
const selfAlias: RecordSet = { ...simple, type: 'A', ttl: 60, bodies: [], alias: 'self.example.com.' }

const nodes = new Map<string, Node>([
  ['example.com.', new Map()],
  ['www.example.com.', new Map([['A', [a]]])],
  ['ring.example.com.', new Map([['CNAME', [ring]]])],
  ['self.example.com.', new Map([['A', [selfAlias]]])],
])
const zone: Zone = { name: 'example.com.', find: (name) => nodes.get(name) }
const world = {
  findZone: (name: string) => (name.endsWith('example.com.') ? zone : undefined),
  region: 'us-east-1',
  random: () => 0,
}

const ask = (packet: Packet) => respond(encode({ type: 'query', id: 7, ...packet }), 'udp', world)
const question = (name: string) => ({ name, type: 'A' as const, class: 'IN' as const })
const rcodeOf = (answer: Buffer | undefined) => answer && answer.readUInt8(3) & 0x0f

test('the case of the question is kept in question and answer', () => {
  const answer = decode(ask({ questions: [question('wWw.ExAmPle.com')] }) ?? Buffer.alloc(0))
  expect(answer).toMatchObject({
    id: 7,
    flag_qr: true,
    flag_aa: true,
    questions: [{ name: 'wWw.ExAmPle.com' }],
    answers: [{ name: 'wWw.ExAmPle.com', data: '192.0.2.1' }],
  })
})

test('chains that end nowhere end', () => {
  expect(rcodeOf(ask({ questions: [question('ring.example.com')] }))).toBe(0)
  expect(rcodeOf(ask({ questions: [question('self.example.com')] }))).toBe(2)
})

test('two questions are malformed, another opcode is not implemented, an answer gets none', () => {
  const one = question('www.example.com')
  expect(rcodeOf(ask({ questions: [one, one] }))).toBe(1)
  expect(rcodeOf(ask({ questions: [] }))).toBe(1)
  const query = encode({ type: 'query', id: 7, questions: [one] })
  const notify = Buffer.from(query)
  notify.writeUInt8(4 << 3, 2)
  expect(rcodeOf(respond(notify, 'udp', world))).toBe(4)
  const response = Buffer.from(query)
  response.writeUInt8(0x80, 2)
  expect(respond(response, 'udp', world)).toBeUndefined()
  expect(respond(query.subarray(0, 11), 'udp', world)).toBeUndefined()
})

test('ten thousand malformed packets are answered with what is no answer, or with nothing', () => {
  const good = encode({
    type: 'query',
    id: 7,
    questions: [question('www.example.com')],
    additionals: [
      {
        type: 'OPT',
        name: '.',
        udpPayloadSize: 1232,
        extendedRcode: 0,
        ednsVersion: 0,
        flags: 0,
        flag_do: false,
        options: [],
      },
    ],
  })
  const broken = fc
    .array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 12 })
    .map((edits) => {
      const bytes = Buffer.from(good)
      for (const [at, value] of edits) bytes.writeUInt8(value, at)
      return bytes
    })
  const cut = fc.nat(good.length).map((length) => Buffer.from(good.subarray(0, length)))
  const noise = fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes))
  const numRuns = 10_000
  fc.assert(
    fc.property(fc.oneof(broken, cut, noise), fc.constantFrom('udp', 'tcp'), (bytes, transport) => {
      const answer = respond(bytes, transport, world)
      if (!answer) return
      expect(answer.subarray(0, 2)).toEqual(bytes.subarray(0, 2))
      expect(answer.readUInt8(2) & 0x80).toBe(0x80)
      expect(answer.length).toBeLessThanOrEqual(4096)
    }),
    { numRuns },
  )
})
