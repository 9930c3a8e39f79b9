/** Blobs of the registry: whether they are there, and their bytes, or a part of them. */
import { pipeline } from 'node:stream/promises'
import type { ByteRange } from '../host/blobs.ts'
import { isDigest } from './constraints.ts'
import { type Exchange, type Route, repositoryAt } from './exchange.ts'
import { OciError } from './oci-error.ts'

export const blobRoutes: readonly Route[] = [
  { path: /^\/v2\/(.+)\/blobs\/([^/]+)$/, methods: { GET: getBlob, HEAD: getBlob } },
]

async function getBlob(exchange: Exchange, name = '', digest = ''): Promise<void> {
  const { request, response, blobs } = exchange
  const size = sizeIn(exchange, name, digest)
  const range = rangeOf(request.headers.range, size)
  const length = range ? range.last - range.first + 1 : size
  response.writeHead(range ? 206 : 200, {
    'content-type': 'application/octet-stream',
    'content-length': length,
    'accept-ranges': 'bytes',
    'docker-content-digest': digest,
    etag: `"${digest}"`,
    ...(range && { 'content-range': `bytes ${range.first}-${range.last}/${size}` }),
  })
  if (request.method === 'HEAD') response.end()
  else await pipeline(blobs.read(digest, range), response)
}

/** A layer's size in its repository. Throws NAME_UNKNOWN, DIGEST_INVALID or BLOB_UNKNOWN. */
function sizeIn(exchange: Exchange, name: string, digest: string): number {
  const { layers } = repositoryAt(exchange, name)
  if (!isDigest(digest)) throw new OciError('DIGEST_INVALID', `'${digest}' is not a SHA-256 digest`)
  const size = Object.hasOwn(layers, digest) ? layers[digest] : undefined
  if (size === undefined) throw new OciError('BLOB_UNKNOWN', `The repository '${name}' has no blob ${digest}`)
  return size
}

/** The part that a Range header asks for (RFC 9110 section 14.2); several parts at once get the whole. */
function rangeOf(header: string | undefined, size: number): ByteRange | undefined {
  const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? []
  if (from === undefined || to === undefined || (!from && !to)) return undefined
  const first = from ? Number(from) : Math.max(size - Number(to), 0)
  const last = from && to ? Math.min(Number(to), size - 1) : size - 1
  if (first < size && first <= last) return { first, last }
  throw new OciError('SIZE_INVALID', `The blob has ${size} bytes`, {
    status: 416,
    headers: { 'content-range': `bytes */${size}` },
  })
}
