/** Uploads of the registry: in one request, in chunks, or mounted from another repository (distribution-spec: Push). */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { DigestMismatchError, UploadUnknownError } from '../host/blobs.ts'
import { isDigest } from './constraints.ts'
import { type Exchange, type Route, repositoryAt } from './exchange.ts'
import { OciError } from './oci-error.ts'
import { findRepository } from './state.ts'

export const uploadRoutes: readonly Route[] = [
  { path: /^\/v2\/(.+)\/blobs\/uploads\/?$/, methods: { POST: begin } },
  {
    path: /^\/v2\/(.+)\/blobs\/uploads\/([^/]+)$/,
    methods: { GET: status, PATCH: append, PUT: finish, DELETE: cancel },
  },
]

async function begin(exchange: Exchange, name = ''): Promise<void> {
  const { url, blobs } = exchange
  repositoryAt(exchange, name)
  const [mount, digest] = [url.searchParams.get('mount'), url.searchParams.get('digest')]
  if (mount !== null && mountBlob(exchange, name, mount)) return
  if (digest !== null) requireDigest(digest)
  const uploadId = blobs.begin(uploadIdIn(exchange, name))
  if (digest === null) sendProgress(exchange, name, uploadId, 202)
  else await store(exchange, name, uploadId, digest)
}

/** Upload ids name their scope and repository: one cannot be continued from another. */
const uploadIdIn = ({ scope }: Exchange, name: string, id: string = randomUUID()) =>
  `${scope.accountId}/${scope.region}/${name}/${id}`

/** Takes over a blob of another repository of the same registry. Returns whether there is one. */
function mountBlob(exchange: Exchange, name: string, digest: string): boolean {
  const { engine, scope, url } = exchange
  const from = findRepository(engine.state('ecr', scope), url.searchParams.get('from') ?? '')
  const sizeBytes = from && Object.hasOwn(from.layers, digest) ? from.layers[digest] : undefined
  if (sizeBytes === undefined) return false
  engine.report('ecr', scope, { kind: 'layer-stored', repositoryName: name, digest, sizeBytes })
  sendCreated(exchange, name, digest)
  return true
}

function status(exchange: Exchange, name = '', id = ''): void {
  sendProgress(exchange, name, existing(exchange, name, id), 204)
}

async function append(exchange: Exchange, name = '', id = ''): Promise<void> {
  const uploadId = existing(exchange, name, id)
  requireRange(exchange, name, uploadId)
  await receive(exchange, uploadId)
  sendProgress(exchange, name, uploadId, 202)
}

async function finish(exchange: Exchange, name = '', id = ''): Promise<void> {
  const digest = exchange.url.searchParams.get('digest')
  const uploadId = existing(exchange, name, id)
  if (digest === null) throw new OciError('DIGEST_INVALID', 'The parameter digest is missing')
  requireDigest(digest)
  requireRange(exchange, name, uploadId)
  await store(exchange, name, uploadId, digest)
}

async function cancel(exchange: Exchange, name = '', id = ''): Promise<void> {
  await exchange.blobs.cancel(existing(exchange, name, id))
  exchange.response.writeHead(204).end()
}

/** Receives the body, which may be empty, and makes the upload a blob. An upload that is cut off here is over. */
async function store(exchange: Exchange, name: string, uploadId: string, digest: string): Promise<void> {
  const { blobs, engine, scope } = exchange
  try {
    await receive(exchange, uploadId)
  } catch (error) {
    await blobs.cancel(uploadId)
    throw error
  }
  await blobs
    .finish(uploadId, digest, (sizeBytes) => {
      engine.report('ecr', scope, { kind: 'layer-stored', repositoryName: name, digest, sizeBytes })
    })
    .catch(rethrow)
  repositoryAt(exchange, name) // it may have been deleted meanwhile
  sendCreated(exchange, name, digest)
}

async function receive({ request, blobs }: Exchange, uploadId: string): Promise<void> {
  await blobs.append(uploadId, bodyOf(request)).catch(rethrow)
}

/** Ends with an error where the connection ends before the body does. */
async function* bodyOf(request: IncomingMessage): AsyncGenerator<Uint8Array> {
  yield* request
  if (!request.complete) throw new OciError('BLOB_UPLOAD_INVALID', 'The upload was cut off')
}

function rethrow(error: unknown): never {
  if (error instanceof UploadUnknownError) throw new OciError('BLOB_UPLOAD_UNKNOWN', error.message)
  if (error instanceof DigestMismatchError) throw new OciError('DIGEST_INVALID', error.message)
  throw error
}

function existing(exchange: Exchange, name: string, id: string): string {
  repositoryAt(exchange, name)
  const uploadId = uploadIdIn(exchange, name, id)
  if (exchange.blobs.received(uploadId) !== undefined) return uploadId
  throw new OciError('BLOB_UPLOAD_UNKNOWN', `There is no upload '${id}'`)
}

function requireDigest(digest: string): void {
  if (!isDigest(digest)) throw new OciError('DIGEST_INVALID', `'${digest}' is not a SHA-256 digest`)
}

/** Chunks come in order: 416 tells the client to ask where to go on (distribution-spec: Pushing a blob in chunks). */
function requireRange(exchange: Exchange, name: string, uploadId: string): void {
  const { headers } = exchange.request
  const header = headers['content-range']
  if (header === undefined) return
  const [, first, last] = /^(?:bytes[ =])?(\d+)-(\d+)(?:\/\S+)?$/.exec(header) ?? []
  const received = exchange.blobs.received(uploadId) ?? 0
  if (
    first === undefined ||
    last === undefined ||
    Number(first) !== received ||
    Number(last) < Number(first)
  ) {
    const message = `The range '${header}' does not follow the ${received} bytes received`
    throw new OciError('BLOB_UPLOAD_INVALID', message, {
      status: 416,
      headers: progressOf(exchange, name, uploadId),
    })
  }
  const length = headers['content-length']
  if (length === undefined || Number(length) === Number(last) - Number(first) + 1) return
  throw new OciError('SIZE_INVALID', `The range '${header}' does not have ${length} bytes`)
}

function progressOf({ blobs }: Exchange, name: string, uploadId: string): Record<string, string> {
  const received = blobs.received(uploadId) ?? 0
  const id = uploadId.slice(uploadId.lastIndexOf('/') + 1)
  return {
    location: `/v2/${name}/blobs/uploads/${id}`,
    range: `0-${Math.max(received - 1, 0)}`,
    'docker-upload-uuid': id,
  }
}

function sendProgress(exchange: Exchange, name: string, uploadId: string, code: 202 | 204): void {
  const headers = progressOf(exchange, name, uploadId)
  exchange.response.writeHead(code, { ...headers, ...(code === 202 && { 'content-length': 0 }) }).end()
}

function sendCreated({ response }: Exchange, name: string, digest: string): void {
  const location = `/v2/${name}/blobs/${digest}`
  response.writeHead(201, { location, 'docker-content-digest': digest, 'content-length': 0 }).end()
}
