/**
 * The calls to AWS that sst's command line makes by itself: it keeps a stage's passphrase in Parameter Store and its state
 * in a bucket. They are answered from memory, on the loopback interface, and any other call is remembered as unexpected.
 */
import { createServer, type IncomingMessage } from 'node:http'
import { ACCOUNT } from './pulumi-answers.ts'

export interface AwsForSst {
  readonly url: string
  /** Calls that nobody foresaw: `AmazonSSM.DeleteParameter`, `GET /bucket`. */
  readonly unexpected: readonly string[]
  close(): void
}

/** What a call is answered with. */
interface Answer {
  readonly status: number
  readonly type: 'application/x-amz-json-1.1' | 'application/xml'
  readonly body: string | Buffer
}

/** The bootstrap record, as if an account had been used with sst before; its version is beyond what any sst would upgrade. */
const BOOTSTRAP = {
  version: 1000,
  asset: 'sst-asset',
  state: 'sst-state',
  assetEcrRegistryId: ACCOUNT,
  assetEcrUrl: `${ACCOUNT}.dkr.ecr.invalid/sst-asset`,
}

/** Listens on a free port of the loopback interface. */
export async function startAwsForSst(): Promise<AwsForSst> {
  const parameters = new Map([['/sst/bootstrap', JSON.stringify(BOOTSTRAP)]])
  const objects = new Map<string, Buffer>()
  const unexpected: string[] = []
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await Array.fromAsync(request))
    const target = request.headers['x-amz-target']
    const answered =
      typeof target === 'string'
        ? answerParameter(target, body.toString(), parameters)
        : answerObject(request, body, objects)
    if (!answered) unexpected.push(String(target ?? `${request.method} ${request.url}`))
    const { status, type, body: text } = answered ?? json(400, { __type: 'UnknownOperationException' })
    response.writeHead(status, { 'content-type': type, etag: '"0"' }).end(text)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return {
    url: `http://127.0.0.1:${port}`,
    unexpected,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

function answerParameter(target: string, body: string, parameters: Map<string, string>): Answer | undefined {
  const { Name, Value } = JSON.parse(body) as { Name: string; Value: string }
  if (target === 'AmazonSSM.PutParameter') {
    parameters.set(Name, Value)
    return json(200, { Version: 1 })
  }
  if (target !== 'AmazonSSM.GetParameter') return undefined
  const kept = parameters.get(Name)
  return kept === undefined
    ? json(400, { __type: 'ParameterNotFound' })
    : json(200, { Parameter: { Name, Value: kept, Type: 'String' } })
}

function answerObject(
  { method, url = '/' }: IncomingMessage,
  body: Buffer,
  objects: Map<string, Buffer>,
): Answer | undefined {
  const { pathname, searchParams } = new URL(url, 'http://127.0.0.1')
  if (searchParams.get('list-type') === '2')
    return xml(200, '<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>')
  if (!pathname.startsWith(`/${BOOTSTRAP.state}/`)) return undefined
  if (method === 'PUT') objects.set(pathname, body)
  if (method === 'PUT' || (method === 'DELETE' && (objects.delete(pathname) || true))) return xml(200, '')
  if (method !== 'GET') return undefined
  const kept = objects.get(pathname)
  return kept ? xml(200, kept) : xml(404, '<Error><Code>NoSuchKey</Code></Error>')
}

const json = (status: number, value: unknown): Answer => ({
  status,
  type: 'application/x-amz-json-1.1',
  body: JSON.stringify(value),
})
const xml = (status: number, body: string | Buffer): Answer => ({ status, type: 'application/xml', body })
