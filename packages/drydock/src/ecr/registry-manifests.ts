/** Manifests, tags and referrers of the registry (distribution-spec: Pull, Push, Content Discovery, Content Management). */

import type { IncomingMessage } from 'node:http'
import { type BatchDeleteImageResponse, ImageAlreadyExistsException } from '@aws-sdk/client-ecr'
import { isDigest } from './constraints.ts'
import { type Exchange, type Route, repositoryAt, sendJson, sendNames } from './exchange.ts'
import { referrersOf } from './image-lists.ts'
import { MOST_MANIFEST_BYTES } from './images.ts'
import { digestOf, parseManifest } from './manifest.ts'
import { OciError } from './oci-error.ts'
import { findImage } from './state.ts'

export const manifestRoutes: readonly Route[] = [
  {
    path: /^\/v2\/(.+)\/manifests\/([^/]+)$/,
    methods: { GET: getManifest, HEAD: getManifest, PUT: putManifest, DELETE: deleteManifest },
  },
  { path: /^\/v2\/(.+)\/tags\/list$/, methods: { GET: listTags } },
  { path: /^\/v2\/(.+)\/referrers\/([^/]+)$/, methods: { GET: listReferrers } },
]

/** distribution-spec: Pulling manifests. */
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/

function getManifest(exchange: Exchange, name = '', reference = ''): void {
  const image = findImage(repositoryAt(exchange, name), reference)
  if (!image) throw new OciError('MANIFEST_UNKNOWN', 'Requested image not found')
  exchange.response
    .writeHead(200, {
      'content-type': image.mediaType,
      'content-length': Buffer.byteLength(image.manifest),
      'docker-content-digest': image.digest,
      etag: `"${image.digest}"`,
    })
    .end(image.manifest)
}

async function putManifest(exchange: Exchange, name = '', reference = ''): Promise<void> {
  const { request, response, engine, scope } = exchange
  const by = referenceOf(reference)
  repositoryAt(exchange, name)
  const imageManifest = await readText(request)
  const mediaType = request.headers['content-type']?.split(';')[0]?.trim()
  const typed = mediaType ? { imageManifestMediaType: mediaType } : {}
  await engine
    .call('ecr', scope, 'PutImage', { repositoryName: name, imageManifest, ...typed, ...by })
    .catch(ignoreSame)
  const digest = digestOf(imageManifest)
  const { subject } = parseManifest(imageManifest, mediaType)
  response
    .writeHead(201, {
      location: `/v2/${name}/manifests/${digest}`,
      'docker-content-digest': digest,
      'content-length': 0,
      ...(subject && { 'oci-subject': subject.digest }),
    })
    .end()
}

/** A client that pushes what is there already has done nothing wrong. */
function ignoreSame(error: unknown): void {
  if (!(error instanceof ImageAlreadyExistsException)) throw error
}

function referenceOf(reference: string): { imageTag: string } | { imageDigest: string } {
  if (!reference.includes(':')) {
    if (TAG.test(reference)) return { imageTag: reference }
    throw new OciError('TAG_INVALID', `'${reference}' is not a tag`)
  }
  if (isDigest(reference)) return { imageDigest: reference }
  throw new OciError('DIGEST_INVALID', `'${reference}' is not a SHA-256 digest`)
}

/** The body as text of exactly these bytes. Throws MANIFEST_INVALID for what is too large or not UTF-8. */
async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength
    if (size > MOST_MANIFEST_BYTES) {
      throw new OciError('MANIFEST_INVALID', 'A manifest may have up to 4 MiB', { status: 413 })
    }
    chunks.push(chunk)
  }
  if (!request.complete) throw new OciError('MANIFEST_INVALID', 'The manifest was cut off')
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks))
  } catch {
    throw new OciError('MANIFEST_INVALID', 'The manifest is not UTF-8')
  }
}

/** As with the API, a tag is taken off its image and a digest deletes the image; of an index's images the index goes first. */
async function deleteManifest(exchange: Exchange, name = '', reference = ''): Promise<void> {
  const { response, engine, scope } = exchange
  const input = { repositoryName: name, imageIds: [referenceOf(reference)] }
  const deleted = (await engine.call('ecr', scope, 'BatchDeleteImage', input)) as BatchDeleteImageResponse
  const [failure] = deleted.failures ?? []
  if (failure?.failureCode === 'ImageNotFound')
    throw new OciError('MANIFEST_UNKNOWN', failure.failureReason ?? '')
  if (failure) throw new OciError('UNSUPPORTED', failure.failureReason ?? '')
  response.writeHead(202, { 'content-length': 0 }).end()
}

function listTags(exchange: Exchange, name = ''): void {
  const { images } = repositoryAt(exchange, name)
  const tags = Object.values(images).flatMap((image) => image.tags)
  sendNames(exchange, tags, (shown) => ({ name, tags: shown }))
}

function listReferrers(exchange: Exchange, name = '', subject = ''): void {
  const repository = repositoryAt(exchange, name)
  if (!isDigest(subject)) throw new OciError('DIGEST_INVALID', `'${subject}' is not a SHA-256 digest`)
  const type = exchange.url.searchParams.get('artifactType')
  const manifests = referrersOf(repository, subject).filter(
    ({ artifactType }) => type === null || artifactType === type,
  )
  const mediaType = 'application/vnd.oci.image.index.v1+json'
  sendJson(
    exchange.response,
    200,
    { schemaVersion: 2, mediaType, manifests },
    {
      'content-type': mediaType,
      ...(type !== null && { 'oci-filters-applied': 'artifactType' }),
    },
  )
}
