/** The sockets: framing over TCP, and a server that stays up whatever comes. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { decode, encode, type Packet, streamDecode, streamEncode } from 'dns-packet'
import { expect, test } from 'vitest'
import { testEngine } from '../../testing.ts'
import { startDns } from './server.ts'

const query = (id: number): Packet => ({
  type: 'query',
  id,
  questions: [{ type: 'A', class: 'IN', name: 'www.example.com' }],
})

const scope = { accountId: '123456789012', region: 'eu-west-1' }

/** An engine whose zone `example.com` was made from inside, as Cloud Map makes its zones. */
async function setUp() {
  const drydock = await testEngine({ dns: { port: 0 } })
  const { engine } = drydock
  const made = await engine.call('route53', scope, 'CreateHostedZone', {
    Name: 'example.com',
    CallerReference: 'x',
    VPC: { VPCId: 'vpc-1', VPCRegion: 'eu-west-1' },
  })
  const { HostedZone } = made as { HostedZone: { Id: string } }
  const ResourceRecordSet = {
    Name: 'www.example.com',
    Type: 'A',
    TTL: 60,
    ResourceRecords: [{ Value: '192.0.2.1' }],
  }
  const change = (Action: string) =>
    engine.call('route53', scope, 'ChangeResourceRecordSets', {
      HostedZoneId: HostedZone.Id,
      ChangeBatch: { Changes: [{ Action, ResourceRecordSet }] },
    })
  await change('CREATE')
  const port = Number(drydock.dns?.split(':')[1])
  return { drydock, port, change }
}

/** Takes `count` framed messages from a connection. */
async function messagesOf(socket: Socket, count: number) {
  let bytes = Buffer.alloc(0)
  const found = []
  while (found.length < count) {
    const [chunk] = await once(socket, 'data')
    bytes = Buffer.concat([bytes, chunk])
    while (bytes.length >= 2 && bytes.length >= 2 + bytes.readUInt16BE(0)) {
      const end = 2 + bytes.readUInt16BE(0)
      found.push(streamDecode(bytes.subarray(0, end)))
      bytes = bytes.subarray(end)
    }
  }
  return found
}

/** Sends a datagram and takes the answer. */
async function askByUdp(port: number, message: Buffer) {
  const socket = createSocket('udp4')
  try {
    socket.send(message, port, '127.0.0.1')
    const [answer] = await once(socket, 'message')
    return decode(answer)
  } finally {
    socket.close()
  }
}

test('several queries over one connection are answered in order, however they are cut', async () => {
  const { drydock, port } = await setUp()
  await using _ = drydock
  const socket = connect(port, '127.0.0.1').setNoDelay()
  const bytes = Buffer.concat([1, 2, 3].map((id) => streamEncode(query(id))))
  for (const [from, to] of [[0, 1], [1, 5], [5, 40], [40]]) socket.write(bytes.subarray(from, to))
  const answers = await messagesOf(socket, 3)
  expect(answers).toMatchObject(
    [1, 2, 3].map((id) => ({ id, answers: [{ name: 'www.example.com', data: '192.0.2.1' }] })),
  )
  socket.destroy()
})

test('a connection that sends no query is closed, and the next one served', async () => {
  const { drydock, port } = await setUp()
  await using _ = drydock
  const bad = connect(port, '127.0.0.1')
  bad.write(Buffer.from([0, 3, 1, 2, 3]))
  await once(bad, 'close')
  const good = connect(port, '127.0.0.1')
  good.write(streamEncode(query(9)))
  expect(await messagesOf(good, 1)).toMatchObject([{ id: 9, flag_aa: true }])
  good.destroy()
})

test('a connection that nothing comes over any more is closed', async () => {
  const { drydock } = await setUp()
  await using _ = drydock
  const dns = await startDns({
    engine: drydock.engine,
    port: 0,
    onFault: (error) => expect.fail(`${error}`),
    idleMs: 300,
  })
  const port = Number(dns.address.split(':')[1])
  const silent = connect(port, '127.0.0.1').resume()
  const asking = connect(port, '127.0.0.1')
  asking.write(streamEncode(query(5)))
  expect(await messagesOf(asking, 1)).toMatchObject([{ id: 5, flag_aa: true }])
  await Promise.all([once(silent, 'close'), once(asking.resume(), 'close')])
  await dns.close()
})

test('queries that come together are all answered, each to its sender', async () => {
  const { drydock, port } = await setUp()
  await using _ = drydock
  const ids = Array.from({ length: 50 }, (_, i) => i)
  const answers = await Promise.all(ids.map((id) => askByUdp(port, encode(query(id)))))
  expect(answers).toMatchObject(ids.map((id) => ({ id, answers: [{ data: '192.0.2.1' }] })))
})

test('an engine that closes while queries come leaves without a fault', async () => {
  const { drydock, port } = await setUp()
  const socket = createSocket('udp4')
  expect(await askByUdp(port, encode(query(0)))).toMatchObject({ id: 0 })
  for (let id = 1; id < 200; id++) socket.send(encode(query(id)), port, '127.0.0.1')
  await once(socket, 'message')
  await drydock.close()
  socket.close()
  expect(drydock.faults).toEqual([])
})

test('ten thousand malformed datagrams keep no query from its answer', async () => {
  const { drydock, port } = await setUp()
  await using _ = drydock
  const good = encode(query(7))
  const socket = createSocket('udp4')
  for (let i = 0; i < 10_000; i++) {
    const bytes = Buffer.from(good)
    // A step that meets every byte with every value in turn.
    bytes.writeUInt8((i * 37) & 0xff, i % bytes.length)
    socket.send(bytes.subarray(0, i % 3 ? bytes.length : (i * 7) % bytes.length), port, '127.0.0.1')
    // No more are under way than a socket keeps.
    if (i % 100 === 99)
      expect(await askByUdp(port, good)).toMatchObject({ id: 7, answers: [{ data: '192.0.2.1' }] })
  }
  socket.close()
  expect(drydock.faults).toEqual([])
})

test('what is changed is answered at once, and nothing is left after a reset', async () => {
  const { drydock, port, change } = await setUp()
  await using _ = drydock
  const ask = () => askByUdp(port, encode(query(1)))
  expect(await ask()).toMatchObject({ answers: [{ data: '192.0.2.1' }] })
  await change('DELETE')
  expect(await ask()).toMatchObject({ rcode: 'NXDOMAIN', answers: [] })
  await drydock.reset()
  expect(await ask()).toMatchObject({ rcode: 'REFUSED' })
})

test('a port that is taken is said', async () => {
  await using first = await testEngine({ dns: { port: 0 } })
  const port = Number(first.dns?.split(':')[1])
  await expect(testEngine({ dns: { port } })).rejects.toThrow(`Cannot listen for DNS on 127.0.0.1:${port}`)
})
