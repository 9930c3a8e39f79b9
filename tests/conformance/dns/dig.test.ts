/** What dig gets from the DNS server, over UDP and TCP, for zones that the SDK has made. */
import type { ResourceRecordSet } from '@aws-sdk/client-route-53'
import { describe, expect, test } from 'vitest'
import { records, testZone } from '../route53/harness.ts'
import { digAt, hasDig } from './dig.ts'

/** A zone that dig can ask. */
async function setUp() {
  const stage = await testZone({ dns: { port: 0 } })
  return { ...stage, ...digAt(stage.drydock.dns), [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose]() }
}

const SIMPLE: ResourceRecordSet[] = [
  records('www.example.com', 'A', ['192.0.2.1', '192.0.2.2']),
  records('www.example.com', 'AAAA', ['2001:db8::1']),
  records('alias.example.com', 'CNAME', ['www.example.com']),
  records('out.example.com', 'CNAME', ['www.example.net']),
  records('text.example.com', 'TXT', ['"one two" "three"', '"qu\\"ote"']),
  records('example.com', 'MX', ['10 mail.example.com', '20 mail2.example.com.']),
  records('_http._tcp.example.com', 'SRV', ['1 10 8080 www.example.com']),
  records('example.com', 'CAA', ['0 issue "ca.example.net"']),
  records('4.3.2.1.example.com', 'PTR', ['www.example.com']),
  records('*.wild.example.com', 'A', ['192.0.2.7']),
  records('here.wild.example.com', 'TXT', ['"here"']),
  records('deep.below.example.com', 'A', ['192.0.2.8']),
  records('sub.example.com', 'NS', ['ns1.example.net', 'ns2.example.net']),
]

describe.skipIf(!hasDig)('dig', () => {
  test.each(['+notcp', '+tcp'])('gets records of every common type, %s', async (transport) => {
    await using stage = await setUp()
    await stage.create(...SIMPLE)
    const ask = async (...args: string[]) => (await stage.short(transport, ...args)).sort()
    expect(await ask('www.example.com')).toEqual(['192.0.2.1', '192.0.2.2'])
    expect(await ask('www.example.com', 'AAAA')).toEqual(['2001:db8::1'])
    expect(await ask('alias.example.com')).toEqual(['192.0.2.1', '192.0.2.2', 'www.example.com.'])
    expect(await ask('out.example.com')).toEqual(['www.example.net.'])
    expect(await ask('text.example.com', 'TXT')).toEqual(['"one two" "three"', '"qu\\"ote"'])
    expect(await ask('example.com', 'MX')).toEqual(['10 mail.example.com.', '20 mail2.example.com.'])
    expect(await ask('_http._tcp.example.com', 'SRV')).toEqual(['1 10 8080 www.example.com.'])
    expect(await ask('example.com', 'CAA')).toEqual(['0 issue "ca.example.net"'])
    expect(await ask('4.3.2.1.example.com', 'PTR')).toEqual(['www.example.com.'])
    expect(await ask('example.com', 'NS')).toHaveLength(4)
    expect(await ask('example.com', 'SOA')).toEqual([
      expect.stringMatching(/awsdns-hostmaster\.amazon\.com\. 1 7200 900 1209600 86400$/),
    ])
  })

  test('tells a name that does not exist from one without such records, with the SOA and its time', async () => {
    await using stage = await setUp()
    await stage.create(...SIMPLE)
    const soa = /example\.com\.\s+900\s+IN\s+SOA/
    const missing = await stage.dig('nothing.example.com')
    expect(missing).toMatch(/status: NXDOMAIN/)
    expect(missing).toMatch(soa)
    for (const name of ['text.example.com', 'below.example.com', 'here.wild.example.com']) {
      const empty = await stage.dig(name)
      expect(empty).toMatch(/status: NOERROR.*\n.*ANSWER: 0/)
      expect(empty).toMatch(soa)
    }
  })

  test('gets a wildcard for what does not exist below it, and for nothing else', async () => {
    await using stage = await setUp()
    await stage.create(...SIMPLE)
    expect(await stage.dig('Any.Wild.example.com')).toMatch(
      /Any\.Wild\.example\.com\.\s+60\s+IN\s+A\s+192\.0\.2\.7/,
    )
    expect(await stage.short('a.b.wild.example.com')).toEqual(['192.0.2.7'])
    // What exists takes the place of the wildcard for itself and all below it.
    expect(await stage.dig('x.here.wild.example.com')).toMatch(/status: NXDOMAIN/)
  })

  test('is sent on where a name is delegated, and refused where no zone is', async () => {
    await using stage = await setUp()
    await stage.create(...SIMPLE)
    const referral = await stage.dig('a.sub.example.com')
    expect(referral).toMatch(/status: NOERROR/)
    expect(referral).not.toMatch(/flags:[^;]* aa/)
    expect(referral).toMatch(/sub\.example\.com\.\s+60\s+IN\s+NS\s+ns1\.example\.net/)
    expect(await stage.dig('example.net')).toMatch(/status: REFUSED/)
    expect(await stage.dig('example.com', 'CH', 'TXT')).toMatch(/status: REFUSED/)
  })

  test('is asked to come over TCP where the answer is too large for its datagrams', async () => {
    await using stage = await setUp()
    const addresses = Array.from({ length: 100 }, (_, i) => `192.0.2.${i}`)
    await stage.create(records('many.example.com', 'A', addresses))
    for (const size of ['+noedns', '+bufsize=1232']) {
      const cut = await stage.dig('+ignore', size, 'many.example.com')
      expect(cut).toMatch(/flags:[^;]* tc/)
      expect(await stage.short(size, 'many.example.com')).toHaveLength(100)
    }
    const whole = await stage.dig('+ignore', '+bufsize=4096', 'many.example.com')
    expect(whole).not.toMatch(/flags:[^;]* tc/)
    expect(whole).toMatch(/ANSWER: 100/)
    expect(whole).toMatch(/EDNS: version: 0.*udp: 1232/)
    expect(await stage.dig('+edns=1', '+noednsneg', 'many.example.com')).toMatch(/status: BADVERS/)
  })

  test('gets at most eight of many multivalue records, others each time', async () => {
    await using stage = await setUp()
    const set = (i: number) =>
      records('multi.example.com', 'A', [`192.0.2.${i}`], { SetIdentifier: `${i}`, MultiValueAnswer: true })
    await stage.create(...Array.from({ length: 40 }, (_, i) => set(i)))
    const seen = new Set<string>()
    for (let i = 0; i < 12; i++) {
      const answers = await stage.short('multi.example.com')
      expect(new Set(answers).size).toBe(8)
      for (const each of answers) seen.add(each)
    }
    expect(seen.size).toBeGreaterThan(20)
  })

  test('gets no answer from aliases that lead to each other, and the next query is answered', async () => {
    await using stage = await setUp()
    const alias = (name: string, to: string, side: string): ResourceRecordSet => ({
      Name: `${name}.example.com`,
      Type: 'A',
      SetIdentifier: side,
      Weight: 1,
      AliasTarget: { HostedZoneId: stage.zoneId, DNSName: `${to}.example.com`, EvaluateTargetHealth: true },
    })
    await stage.create(alias('x', 'y', '1'), alias('y', 'x', '1'))
    expect(await stage.dig('x.example.com')).toMatch(/status: SERVFAIL/)
    expect(await stage.short('example.com', 'NS')).toHaveLength(4)
  })

  test('follows the one of several weighted CNAMEs that it is told', async () => {
    await using stage = await setUp()
    const sides = ['1', '2'].flatMap((side) => [
      records(`side${side}.example.com`, 'A', [`192.0.2.${side}`]),
      records('either.example.com', 'CNAME', [`side${side}.example.com`], { SetIdentifier: side, Weight: 1 }),
    ])
    await stage.create(...sides)
    for (let i = 0; i < 8; i++) {
      const [name, address] = await stage.short('either.example.com')
      expect(address).toBe(name === 'side1.example.com.' ? '192.0.2.1' : '192.0.2.2')
    }
  })

  test('follows an alias to records of the zone, whose name and time it has', async () => {
    await using stage = await setUp()
    await stage.create(...SIMPLE)
    await stage.create({
      Name: 'example.com',
      Type: 'A',
      AliasTarget: { HostedZoneId: stage.zoneId, DNSName: 'www.example.com', EvaluateTargetHealth: false },
    })
    expect(await stage.dig('example.com')).toMatch(/example\.com\.\s+60\s+IN\s+A\s+192\.0\.2\.1/)
  })
})
