/** What is put into bytes is read back the same, whatever the names and however often. */
import { decode } from 'dns-packet'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeResponse } from './encode.ts'
import type { RecordBody } from './zone.ts'

const bodies: RecordBody[] = [
  { type: 'A', data: '192.0.2.1' },
  { type: 'AAAA', data: '2001:db8::1' },
  { type: 'CNAME', data: 'other.example.com' },
  { type: 'SRV', data: { priority: 1, weight: 2, port: 80, target: 'www.example.com' } },
  { type: 'MX', data: { preference: 10, exchange: 'mail.example.com' } },
]
const record = fc.record({
  name: fc.constantFrom('www.example.com', 'wWw.example.com', 'example.com', '.'),
  ttl: fc.constantFrom(0, 60, 2 ** 31 - 1),
  body: fc.constantFrom(...bodies),
})

test('records of any name, type and time are read back as they were given', () => {
  const lists = fc.array(record, { maxLength: 12 })
  fc.assert(
    fc.property(fc.nat(0xffff), lists, lists, fc.boolean(), (id, answers, authorities, isEdns) => {
      const bytes = encodeResponse({
        id,
        flags: 0x0400,
        question: { name: 'www.example.com', type: 'A', class: 'IN' },
        answers,
        authorities,
        ...(isEdns && { opt: Buffer.from([0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0]) }),
      })
      const read = decode(bytes)
      const flat = (each: (typeof answers)[number]) => ({ name: each.name, ttl: each.ttl, ...each.body })
      expect(read).toMatchObject({
        id,
        flag_qr: true,
        flag_aa: true,
        questions: [{ name: 'www.example.com' }],
      })
      expect(read.answers).toMatchObject(answers.map(flat))
      expect(read.authorities).toMatchObject(authorities.map(flat))
      expect(read.additionals).toMatchObject(isEdns ? [{ type: 'OPT', udpPayloadSize: 1232 }] : [])
    }),
  )
})
