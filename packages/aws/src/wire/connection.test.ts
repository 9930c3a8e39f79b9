import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, expect, test } from 'vitest'
import { connectTo } from './connection.ts'
import { ServiceError } from './service-error.ts'
import { CLOUD_MAP, DYNAMODB, ECS, ELB, ROUTE53, type Service } from './services.ts'

type Answer = (response: ServerResponse, request: IncomingMessage) => void

const servers: AsyncDisposable[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server[Symbol.asyncDispose]()
})

/** A service that gives `answers`, one after the other, and keeps what it was asked. */
async function serviceThat(...answers: Answer[]) {
  const asked: { request: IncomingMessage; body: string }[] = []
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      asked.push({ request, body })
      answers[Math.min(asked.length, answers.length) - 1]?.(response, request)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  servers.push(server)
  const { port } = server.address() as AddressInfo
  const connect = (service: Service, maxAttempts = 3) =>
    connectTo(
      service,
      {
        region: async () => 'eu-west-1',
        endpoint: `http://127.0.0.1:${port}/base/`,
        credentials: async () => ({ accessKeyId: 'AKID', secretAccessKey: 'secret', sessionToken: 'token' }),
      },
      { maxAttempts },
    )
  return { asked, connect }
}

const json =
  (status: number, body: object, headers: Record<string, string> = {}): Answer =>
  (response) =>
    response.writeHead(status, headers).end(JSON.stringify(body))
const xml =
  (status: number, body: string): Answer =>
  (response) =>
    response.writeHead(status).end(body)
const hangUp: Answer = (response) => void response.destroy()

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

test('a call is signed for its service and region, with the token of the session', async () => {
  const { asked, connect } = await serviceThat(json(200, { clusterArns: [] }))
  await connect(ECS)('ListClusters', {})
  const { headers = {}, url } = asked[0]?.request ?? {}
  expect(url).toBe('/base/')
  expect(headers.authorization).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKID\/\d{8}\/eu-west-1\/ecs\/aws4_request, SignedHeaders=[^,]*host[^,]*, Signature=[0-9a-f]{64}$/,
  )
  expect(headers['x-amz-security-token']).toBe('token')
  expect(headers['user-agent']).toBe('capstan')
})

test.each<[string, Answer]>([
  ['says that it is throttled', json(400, { __type: 'ThrottlingException', message: 'Rate exceeded' })],
  ['has an error of its own', json(500, { __type: 'ServerException' })],
  ['is behind a proxy that has lost it', xml(502, '<html>Bad gateway</html>')],
  ['hangs up', hangUp],
  ['is cut short', (response) => response.writeHead(200).end('{"clusterArns":[')],
])('a call is made again where the service %s', async (_, answer) => {
  const { asked, connect } = await serviceThat(answer, json(200, { clusterArns: ['a'] }))
  expect(await connect(ECS)('ListClusters', {})).toEqual({ clusterArns: ['a'] })
  expect(asked).toHaveLength(2)
})

test('a call is made three times, and then its last error is told', async () => {
  const { asked, connect } = await serviceThat(json(503, { __type: 'com.amazonaws.ecs#ServerException:' }))
  const error = await failure(connect(ECS)('ListClusters', {}))
  expect(error).toBeInstanceOf(ServiceError)
  expect(error).toMatchObject({ name: 'ServerException', $metadata: { httpStatusCode: 503 } })
  expect(asked).toHaveLength(3)
})

test('a call that is somebody else’s to make again is made once', async () => {
  const { asked, connect } = await serviceThat(json(400, { __type: 'ThrottlingException' }))
  expect(await failure(connect(CLOUD_MAP, 1)('ListNamespaces', {}))).toMatchObject({
    name: 'ThrottlingException',
  })
  expect(asked).toHaveLength(1)
})

test('what is wrong with a call is told at once, by the name that the API reference has for it', async () => {
  const { asked, connect } = await serviceThat(
    json(
      400,
      { message: 'Service not found.' },
      {
        'x-amzn-errortype': 'ServiceNotFoundException:http://internal.amazon.com/',
        'x-amzn-requestid': 'r-1',
      },
    ),
  )
  expect(await failure(connect(ECS)('DescribeServices', {}))).toMatchObject({
    name: 'ServiceNotFoundException',
    message: 'Service not found.',
    $metadata: { httpStatusCode: 400, requestId: 'r-1' },
  })
  expect(asked).toHaveLength(1)
})

test('an error has what else the service says of it', async () => {
  const Item = { pk: { S: 'a' } }
  const { connect } = await serviceThat(
    json(400, { __type: 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException', Item }),
  )
  expect(await failure(connect(DYNAMODB)('UpdateItem', {}))).toMatchObject({
    name: 'ConditionalCheckFailedException',
    details: { Item },
  })
})

test('all attempts of a call that must not be made twice have one token, and the next call another', async () => {
  const { asked, connect } = await serviceThat(hangUp, json(200, {}))
  const call = connect(DYNAMODB)
  await call('TransactWriteItems', { TransactItems: [] })
  await call('TransactWriteItems', { TransactItems: [] })
  const [first, second, third] = asked.map(({ body }) => JSON.parse(body).ClientRequestToken)
  expect(first).toMatch(/^[0-9a-f-]{36}$/)
  expect(second).toBe(first)
  expect(third).not.toBe(first)
})

test.each<[string, Service, string, string, object]>([
  [
    'AWS Query',
    ELB,
    '<ErrorResponse xmlns="x"><Error><Type>Sender</Type><Code>TargetGroupNotFound</Code><Message>gone &amp; lost</Message></Error></ErrorResponse>',
    'DescribeTargetHealth',
    { name: 'TargetGroupNotFound', message: 'gone & lost' },
  ],
  [
    'Route 53',
    ROUTE53,
    '<ErrorResponse><Error><Code>NoSuchHostedZone</Code><Message>none</Message></Error></ErrorResponse>',
    'ListHostedZones',
    { name: 'NoSuchHostedZone', message: 'none' },
  ],
  [
    'Route 53, of a batch',
    ROUTE53,
    '<InvalidChangeBatch><Messages><Message>one</Message><Message>two</Message></Messages></InvalidChangeBatch>',
    'ListHostedZones',
    { name: 'InvalidChangeBatch', message: 'one two', details: { messages: ['one', 'two'] } },
  ],
  ['a stranger', ELB, 'no XML at all', 'DescribeTargetHealth', { name: 'UnreadableResponse' }],
])('an error is read in the words of %s', async (_, service, body, operation, expected) => {
  const { connect } = await serviceThat(xml(400, body))
  expect(await failure(connect(service, 1)(operation, {}))).toMatchObject(expected)
})
