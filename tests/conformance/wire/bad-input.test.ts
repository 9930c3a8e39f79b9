/** Whatever is sent, the answer is an error of the caller's protocol, and the engine goes on. */

import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { type TestEngine, testEngine } from '@capstan/drydock/testing.ts'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { authorization, ecsHeaders, type RawRequest, send } from './raw.ts'

let drydock: TestEngine
beforeAll(async () => {
  drydock = await testEngine()
})
afterAll(() => drydock.close())

/** The engine is well: it answers, and has met no bug. */
async function expectWell(): Promise<void> {
  const { status } = await send(drydock.endpoint, { headers: ecsHeaders('ListClusters'), body: '{}' })
  expect(status).toBe(200)
  expect(drydock.faults).toEqual([])
}

const form = { 'content-type': 'application/x-www-form-urlencoded' }
const cbor = { 'smithy-protocol': 'rpc-v2-cbor', 'content-type': 'application/cbor' }
const megabytes = (count: number) => Buffer.alloc(count * 2 ** 20, 0x20)

const cases: [what: string, request: RawRequest, status: number, answer: string | RegExp][] = [
  ['an unknown operation', { headers: ecsHeaders('Nope'), body: '{}' }, 400, 'UnknownOperationException'],
  ['an operation without a name', { headers: ecsHeaders(''), body: '{}' }, 400, 'UnknownOperationException'],
  [
    'a service that is not here',
    { headers: { 'x-amz-target': 'Kinesis_20131202.ListStreams' }, body: '{}' },
    501,
    'NotImplementedException',
  ],
  [
    'a target of nonsense',
    { headers: { 'x-amz-target': '....' }, body: '{}' },
    501,
    'NotImplementedException',
  ],
  [
    'an operation that is not implemented',
    { headers: ecsHeaders('CreateCapacityProvider'), body: '{}' },
    501,
    'NotImplementedException',
  ],
  [
    'an unknown action',
    { headers: { ...form, authorization: authorization('sts') }, body: 'Action=Nope&Version=2011-06-15' },
    400,
    /^<\?xml.*<ErrorResponse xmlns="[^"]*">.*<Type>Sender<\/Type><Code>InvalidAction<\/Code>.*<RequestId>/s,
  ],
  [
    'an action of no service',
    { headers: form, body: 'Action=Nope&Version=1999-01-01' },
    501,
    /<Code>NotImplementedException</,
  ],
  [
    'a query of another service',
    {
      headers: { ...form, authorization: authorization('rds') },
      body: 'Action=CreateDBInstance&Version=2014-10-31',
    },
    501,
    /<Code>NotImplementedException</,
  ],
  [
    'an unknown function path',
    { method: 'GET', path: '/2099-01-01/nothing', headers: { authorization: authorization('lambda') } },
    404,
    'UnknownOperationException',
  ],
  ['a path of nobody', { method: 'GET', path: '/nothing/here' }, 404, 'UnknownOperationException'],
  [
    'a broken percent sign',
    { method: 'GET', path: '/2015-03-31/functions/%zz', headers: { authorization: authorization('lambda') } },
    400,
    'SerializationException',
  ],
  ['a path with two slashes', { method: 'GET', path: '//evil.example/x' }, 404, 'UnknownOperationException'],
  ['a URL that is none', { method: 'GET', path: 'http://[' }, 400, 'BadRequest'],
  [
    'a nonsense credential',
    {
      headers: { ...ecsHeaders('ListClusters'), authorization: 'AWS4-HMAC-SHA256 Credential=///../' },
      body: '{}',
    },
    200,
    'clusterArns',
  ],
  ['no credential', { headers: ecsHeaders('ListClusters'), body: '{}' }, 200, 'clusterArns'],
  ['no body', { headers: ecsHeaders('ListClusters') }, 200, 'clusterArns'],
  ['broken JSON', { headers: ecsHeaders('ListClusters'), body: '{"a' }, 400, 'SerializationException'],
  ['text', { headers: ecsHeaders('ListClusters'), body: 'hello' }, 400, 'SerializationException'],
  [
    'bytes that are no text',
    { headers: ecsHeaders('ListClusters'), body: new Uint8Array([0xff, 0xfe, 0]) },
    400,
    'SerializationException',
  ],
  [
    'a text where a number is due',
    { headers: ecsHeaders('ListClusters'), body: '{"maxResults":"x"}' },
    400,
    'SerializationException',
  ],
  [
    'a number where a text is due',
    { headers: ecsHeaders('CreateCluster'), body: '{"clusterName":5}' },
    400,
    'SerializationException',
  ],
  [
    'a structure where a list is due',
    { headers: ecsHeaders('DescribeClusters'), body: '{"clusters":{}}' },
    400,
    'SerializationException',
  ],
  [
    'a list where a structure is due',
    { headers: ecsHeaders('CreateCluster'), body: ' [{"clusterName":"x"}]' },
    400,
    'SerializationException',
  ],
  [
    'a list where a structure is due, in CBOR',
    {
      path: '/service/AmazonEC2ContainerServiceV20141113/operation/CreateCluster',
      headers: cbor,
      body: new Uint8Array([0x80]),
    },
    400,
    'SerializationException',
  ],
  [
    'a list where a structure is due, in REST',
    {
      path: '/2015-03-31/functions',
      headers: { 'content-type': 'application/json', authorization: authorization('lambda') },
      body: '[]',
    },
    400,
    'SerializationException',
  ],
  [
    'a missing member',
    { headers: ecsHeaders('RegisterTaskDefinition'), body: '{"family":"x"}' },
    400,
    /Value null at 'containerDefinitions' failed to satisfy constraint/,
  ],
  [
    'deep nesting',
    { headers: ecsHeaders('CreateCluster'), body: '{"a":'.repeat(200_000) },
    400,
    'SerializationException',
  ],
  [
    'deep nesting, closed',
    { headers: ecsHeaders('CreateCluster'), body: `{"tags":${'['.repeat(200_000)}${']'.repeat(200_000)}}` },
    400,
    'Exception',
  ],
  [
    'names of the prototype',
    { headers: ecsHeaders('DescribeClusters'), body: '{"clusters":["__proto__","constructor"]}' },
    200,
    'MISSING',
  ],
  [
    'broken CBOR',
    {
      path: '/service/AmazonSQS/operation/ListQueues',
      headers: cbor,
      body: new Uint8Array([0xbf, 0xff, 0x01, 0x5f]),
    },
    200,
    '',
  ],
  [
    'gzip that is none',
    { headers: { ...ecsHeaders('ListClusters'), 'content-encoding': 'gzip' }, body: 'hello' },
    400,
    'SerializationException',
  ],
  [
    'half of a gzip',
    {
      headers: { ...ecsHeaders('ListClusters'), 'content-encoding': 'gzip' },
      body: gzipSync('{"maxResults":10}').subarray(0, 20),
    },
    400,
    'SerializationException',
  ],
  [
    'a gzip that grows beyond measure',
    {
      headers: { ...ecsHeaders('ListClusters'), 'content-encoding': 'gzip' },
      body: gzipSync(megabytes(100)),
    },
    413,
    'RequestEntityTooLargeException',
  ],
  [
    'an unknown encoding',
    { headers: { ...ecsHeaders('ListClusters'), 'content-encoding': 'br' }, body: '{}' },
    415,
    'UnsupportedMediaTypeException',
  ],
  [
    'a body of 50 MB',
    { headers: ecsHeaders('ListClusters'), body: megabytes(50) },
    413,
    'RequestEntityTooLargeException',
  ],
  [
    'a form of 50 MB',
    { headers: { ...form, authorization: authorization('sts') }, body: megabytes(50) },
    413,
    /<Code>RequestEntityTooLargeException</,
  ],
  [
    'a table of broken JSON',
    { headers: { 'x-amz-target': 'DynamoDB_20120810.ListTables' }, body: '[' },
    400,
    'SerializationException',
  ],
]

test.each(cases)('%s', async (_what, raw, status, answer) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const response = await send(drydock.endpoint, raw, agent)
  expect(response).toMatchObject({
    status,
    body: typeof answer === 'string' ? expect.stringContaining(answer) : expect.stringMatching(answer),
  })
  expect(response.headers['x-amzn-requestid']).toMatch(/^[0-9a-f-]{36}$/)
  // The same connection goes on.
  const next = await send(drydock.endpoint, { headers: ecsHeaders('ListClusters'), body: '{}' }, agent)
  expect(next.status).toBe(200)
  agent.destroy()
  await expectWell()
})

test('functions may be larger than other bodies, but not without end', async () => {
  const headers = { authorization: authorization('lambda'), 'content-type': 'application/json' }
  const path = '/2015-03-31/functions'
  const large = await send(drydock.endpoint, { path, headers, body: megabytes(60) })
  expect(large).toMatchObject({ status: 400, body: expect.stringContaining('SerializationException') })
  const tooLarge = await send(drydock.endpoint, { path, headers, body: megabytes(71) })
  expect(tooLarge).toMatchObject({
    status: 413,
    body: expect.stringContaining('RequestEntityTooLargeException'),
  })
  await expectWell()
})

test('a client that hangs up in the middle of its body harms nobody', async () => {
  const { hostname, port } = new URL(drydock.endpoint)
  const headers = { ...ecsHeaders('ListClusters'), 'content-length': '1000' }
  const call = request({ hostname, port, method: 'POST', headers })
  call.on('error', () => {})
  call.write('{"a":')
  await once(call, 'socket')
  await new Promise((resolve) => call.destroy().once('close', resolve))
  await expectWell()
})

test('bytes that are no HTTP harm nobody', async () => {
  const { hostname, port } = new URL(drydock.endpoint)
  const socket = connect(Number(port), hostname)
  socket.end('\x16\x03\x01\x02 garbage\r\n\r\n').resume()
  await once(socket, 'close')
  await expectWell()
})

const operations = [
  'ListClusters',
  'CreateCluster',
  'RegisterTaskDefinition',
  'RunTask',
  'CreateService',
  'TagResource',
]
const target = fc.constantFrom(...operations).map((name) => ecsHeaders(name)['x-amz-target'])
const action = fc.constantFrom(
  'Action=ListQueues',
  'Action=CreateQueue',
  'Action=SendMessage',
  'Action=GetCallerIdentity',
)
const bytes = fc.uint8Array({ maxLength: 200 })

/** Requests of every protocol whose bodies may be anything. */
const anyRequest: fc.Arbitrary<RawRequest> = fc.oneof(
  fc.record({
    headers: fc.record({ 'x-amz-target': target, 'content-type': fc.constant('application/x-amz-json-1.1') }),
    body: fc.oneof(fc.json(), bytes),
  }),
  fc.record({
    path: target.map((name) => `/service/${name.replace('.', '/operation/')}`),
    headers: fc.constant(cbor),
    body: bytes,
  }),
  fc.record({
    headers: fc.constant(form),
    body: fc.tuple(action, fc.webQueryParameters()).map((parts) => parts.join('&')),
  }),
  fc.record({
    method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH'),
    path: fc.webPath().map((path) => `/2015-03-31/functions${path}`),
    headers: fc.constant({ authorization: authorization('lambda') }),
    body: fc.oneof(fc.json(), bytes),
  }),
)

test('no body of any protocol makes the engine fail', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 })
  const answersAll = fc.asyncProperty(anyRequest, async (raw) => {
    const { status } = await send(drydock.endpoint, raw, agent)
    expect(status === 501 || status < 500).toBe(true)
    expect(drydock.faults).toEqual([])
  })
  await fc.assert(answersAll, { numRuns: 500 })
  agent.destroy()
})
