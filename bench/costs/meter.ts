/**
 * A proxy between functions and the engine that counts what AWS would bill: it has DynamoDB tell the capacity that each request
 * consumed, and weighs the rows of transactions itself, since the engine does not tell theirs.
 */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { type AttributeValue, DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
import type { SdkConfig } from '../../packages/cli/src/sdk.ts'

/** What went by, each growing. */
export interface Metered {
  calls: number
  reads: number
  writes: number
  metricsRead: number
  metricCalls: number
  events: number
  sent: number
}

export interface Meter extends AsyncDisposable {
  readonly endpoint: string
  readonly counts: Metered
  /** By operation: how often it was called. */
  readonly operations: ReadonlyMap<string, number>
}

/** Listens before the engine that `sdk` leads to, until it is disposed of. */
export async function startMeter(sdk: SdkConfig & { readonly endpoint: string }): Promise<Meter> {
  const counts: Metered = {
    calls: 0,
    reads: 0,
    writes: 0,
    metricsRead: 0,
    metricCalls: 0,
    events: 0,
    sent: 0,
  }
  const operations = new Map<string, number>()
  const dynamodb = new DynamoDBClient(sdk)
  const server = createServer((incoming, outgoing) => {
    void pass(incoming, outgoing, sdk.endpoint, async (call, answer) => {
      counts.calls += 1
      const name = `${call.service} ${call.operation}`
      operations.set(name, (operations.get(name) ?? 0) + 1)
      await count(call, answer, counts, dynamodb)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    endpoint: `http://127.0.0.1:${port}`,
    counts,
    operations,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

interface Call {
  /** As the signature names it. */
  readonly service: string
  readonly operation: string
  readonly body: Buffer
}

type Count = (call: Call, answer: Buffer) => Promise<void>

async function pass(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  endpoint: string,
  count: Count,
): Promise<void> {
  const { headers, method = 'GET', url = '/' } = incoming
  const call = callOf(incoming, await buffer(incoming))
  const body = call.service === 'dynamodb' ? asking(call.body) : call.body
  const sent = { ...headers, 'content-length': String(body.length) }
  const onward = request(new URL(url, endpoint), { method, headers: sent }, async (response) => {
    const answer = await buffer(response)
    // Counted before it is answered: what comes next must not change what is weighed.
    await count(call, answer)
    outgoing.writeHead(response.statusCode ?? 500, response.headers)
    outgoing.end(answer)
  })
  onward.end(body)
}

function callOf({ headers, url = '' }: IncomingMessage, body: Buffer): Call {
  const service = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? '')?.[1] ?? ''
  const target = String(headers['x-amz-target'] ?? url)
  const inPath = /(?:\.|\/operation\/)(\w+)$/.exec(target)?.[1]
  const operation = inPath ?? /Action=(\w+)/.exec(body.toString())?.[1] ?? target
  return { service, operation, body }
}

/** Has it tell the capacity. Transactions do not take that word for what they write. */
function asking(body: Buffer): Buffer {
  return Buffer.from(JSON.stringify({ ...JSON.parse(body.toString()), ReturnConsumedCapacity: 'TOTAL' }))
}

async function count(call: Call, answer: Buffer, counts: Metered, dynamodb: DynamoDBClient): Promise<void> {
  const { body, operation, service } = call
  if (service === 'dynamodb') return countCapacity(call, JSON.parse(answer.toString()), counts, dynamodb)
  if (operation === 'PutEvents') counts.events += JSON.parse(body.toString()).Entries.length
  else if (operation === 'GetMetricData') counts.metricsRead += body.toString().split('MetricStat').length - 1
  else if (service === 'monitoring') counts.metricCalls += 1
  else if (operation.startsWith('SendMessage')) counts.sent += 1
}

interface Capacity {
  readonly ConsumedCapacity?: { readonly CapacityUnits?: number } | readonly { CapacityUnits?: number }[]
}

async function countCapacity(
  { body, operation }: Call,
  { ConsumedCapacity }: Capacity,
  counts: Metered,
  dynamodb: DynamoDBClient,
): Promise<void> {
  if (operation === 'TransactWriteItems') {
    counts.writes += await transactionUnits(JSON.parse(body.toString()).TransactItems, dynamodb)
    return
  }
  const units = [ConsumedCapacity].flat().reduce((sum, one) => sum + (one?.CapacityUnits ?? 0), 0)
  if (/^(Get|BatchGet|Query|Scan)/.test(operation)) counts.reads += units
  // A refused condition consumes a unit as well (developer guide, "Conditional put"), of which the answer tells nothing.
  else counts.writes += Math.max(units, 1)
}

type Row = Record<string, AttributeValue>
type Write = Readonly<Record<string, { readonly TableName: string; readonly Key?: Row; readonly Item?: Row }>>

/** Twice what the same writes would take alone: a unit for each KB begun (developer guide, "Read/write capacity"). */
async function transactionUnits(writes: readonly Write[], dynamodb: DynamoDBClient): Promise<number> {
  const units = await Promise.all(
    writes
      .flatMap((write) => Object.values(write))
      .map(async ({ Item, Key, TableName }) => {
        const row = Item ?? (await dynamodb.send(new GetItemCommand({ TableName, Key }))).Item ?? {}
        return 2 * Math.max(Math.ceil(weightOf({ M: row }) / 1024), 1)
      }),
  )
  return units.reduce((sum, one) => sum + one, 0)
}

/** About what DynamoDB counts of a value, in bytes: names and texts as they are, numbers and the rest as their text. */
export function weightOf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value)
  if (value instanceof Uint8Array) return value.length
  if (typeof value !== 'object' || value === null) return 1
  if (Array.isArray(value)) return value.reduce<number>((sum, one) => sum + 1 + weightOf(one), 0)
  const entries = Object.entries(value)
  const [first] = entries
  if (first && entries.length === 1 && /^(?:S|N|B|BOOL|NULL|M|L|SS|NS|BS)$/.test(first[0])) {
    return first[0] === 'M' ? 3 + weightOfMap(first[1]) : weightOf(first[1])
  }
  return weightOfMap(value)
}

const weightOfMap = (map: object): number =>
  Object.entries(map).reduce((sum, [name, one]) => sum + Buffer.byteLength(name) + 1 + weightOf(one), 0)
