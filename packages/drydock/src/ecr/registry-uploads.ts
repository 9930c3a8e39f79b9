/** Uploads of the registry: in one request, in chunks, or mounted from another repository (distribution-spec: Push). */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { DigestMismatchError, OutOfOrderError, UploadUnknownError } from '../host/blobs.ts'
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
  await receive(exchange, name, uploadId, firstByteOf(exchange, name, uploadId))
  sendProgress(exchange, name, uploadId, 202)
}

async function finish(exchange: Exchange, name = '', id = ''): Promise<void> {
  const digest = exchange.url.searchParams.get('digest')
  const uploadId = existing(exchange, name, id)
  if (digest === null) throw new OciError('DIGEST_INVALID', 'The parameter digest is missing')
  requireDigest(digest)
  await store(exchange, name, uploadId, digest, firstByteOf(exchange, name, uploadId))
}

async function cancel(exchange: Exchange, name = '', id = ''): Promise<void> {
  await exchange.blobs.cancel(existing(exchange, name, id))
  exchange.response.writeHead(204).end()
}

/** Receives the body, which may be empty, and makes the upload a blob. An upload that is cut off here is over. */
async function store(
  exchange: Exchange,
  name: string,
  uploadId: string,
  digest: string,
  from?: number,
): Promise<void> {
  const { blobs, engine, scope } = exchange
  try {
    await receive(exchange, name, uploadId, from)
  } catch (error) {
    const goesOn = error instanceof OciError && error.status === 416
    if (!goesOn) await blobs.cancel(uploadId)
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

async function receive(exchange: Exchange, name: string, uploadId: string, from?: number): Promise<void> {
  const { request, blobs } = exchange
  try {
    await blobs.append(uploadId, bodyOf(request), from)
  } catch (error) {
    if (error instanceof OutOfOrderError) throw outOfOrder(exchange, name, uploadId, error.message)
    rethrow(error)
  }
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

/** Where a chunk says that it begins; `undefined` if it says nothing. */
function firstByteOf(exchange: Exchange, name: string, uploadId: string): number | undefined {
  const { 'content-range': range, 'content-length': length } = exchange.request.headers
  if (range === undefined) return undefined
  const [, first, last] = /^(?:bytes[ =])?(\d+)-(\d+)(?:\/\S+)?$/.exec(range) ?? []
  const size = Number(last) - Number(first) + 1
  if (first === undefined || !(size > 0))
    throw outOfOrder(exchange, name, uploadId, `'${range}' is not a range of bytes`)
  if (length !== undefined && Number(length) !== size)
    throw new OciError('SIZE_INVALID', `The range '${range}' does not have ${length} bytes`)
  return Number(first)
}

/** Chunks come in order: 416 tells the client to ask where to go on (distribution-spec: Pushing a blob in chunks). */
function outOfOrder(exchange: Exchange, name: string, uploadId: string, message: string): OciError {
  const headers = progressOf(exchange, name, uploadId)
  return new OciError('BLOB_UPLOAD_INVALID', message, { status: 416, headers })
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
