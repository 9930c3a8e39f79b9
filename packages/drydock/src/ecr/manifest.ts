/**
 * Reads image manifests and indexes of OCI (image-spec v1.1) and Docker (schema 2): what they refer to and what they
 * are. Nothing is changed or added: a manifest is its bytes.
 */

import { createHash } from 'node:crypto'
import { isRecord } from '../json.ts'

export interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly platform?: { readonly architecture?: string; readonly os?: string; readonly variant?: string }
}

export interface Manifest {
  readonly kind: 'image' | 'index'
  readonly mediaType: string
  /** Config and layers that must be in the repository; layers that lie elsewhere by design are left out. */
  readonly blobs: readonly Descriptor[]
  readonly config?: Descriptor
  readonly layers: readonly Descriptor[]
  /** The manifests of an index. */
  readonly children: readonly Descriptor[]
  readonly subject?: Descriptor
  readonly artifactType?: string
  readonly annotations?: Readonly<Record<string, string>>
}

const KINDS: Readonly<Record<string, Manifest['kind']>> = {
  'application/vnd.oci.image.manifest.v1+json': 'image',
  'application/vnd.docker.distribution.manifest.v2+json': 'image',
  'application/vnd.oci.image.index.v1+json': 'index',
  'application/vnd.docker.distribution.manifest.list.v2+json': 'index',
}
const DIGEST = /^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/

/** Something is wrong with a manifest. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError'
}

/** The SHA-256 digest of a manifest's bytes: `sha256:…`. */
export const digestOf = (bytes: string | Uint8Array) =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`

/** Reads a manifest; `mediaType` is what the sender says it is. Throws ManifestError. */
export function parseManifest(text: string, mediaType?: string): Manifest {
  const json = parseObject(text)
  if (json.schemaVersion !== 2) throw new ManifestError('Only manifests with schemaVersion 2 are supported')
  const own = typeof json.mediaType === 'string' ? json.mediaType : undefined
  const type = own ?? mediaType ?? guess(json)
  if (mediaType !== undefined && mediaType !== type) {
    throw new ManifestError(`The manifest says it is ${type}, but was sent as ${mediaType}`)
  }
  const kind = Object.hasOwn(KINDS, type) ? KINDS[type] : undefined
  if (!kind) throw new ManifestError(`The manifest media type '${type}' is not supported`)
  return kind === 'image' ? image(json, type) : index(json, type)
}

function image(json: Record<string, unknown>, mediaType: string): Manifest {
  const config = descriptor(json.config, 'config')
  const layers = descriptors(json.layers, 'layers')
  const blobs = [config, ...layers.filter((_, i) => !isForeign((json.layers as unknown[])[i]))]
  return { kind: 'image', mediaType, config, layers, blobs, children: [], ...common(json) }
}

function index(json: Record<string, unknown>, mediaType: string): Manifest {
  const children = descriptors(json.manifests, 'manifests')
  return { kind: 'index', mediaType, blobs: [], layers: [], children, ...common(json) }
}

function common(json: Record<string, unknown>): Pick<Manifest, 'subject' | 'artifactType' | 'annotations'> {
  return {
    ...(json.subject != null && { subject: descriptor(json.subject, 'subject') }),
    ...(typeof json.artifactType === 'string' && json.artifactType && { artifactType: json.artifactType }),
    ...(isRecord(json.annotations) && { annotations: json.annotations as Record<string, string> }),
  }
}

/** image-spec: an index has `manifests`, an image manifest has `config` and `layers`. */
function guess(json: Record<string, unknown>): string {
  return 'manifests' in json
    ? 'application/vnd.oci.image.index.v1+json'
    : 'application/vnd.oci.image.manifest.v1+json'
}

function descriptors(value: unknown, at: string): Descriptor[] {
  if (!Array.isArray(value)) throw new ManifestError(`'${at}' must be a list`)
  return value.map((item, i) => descriptor(item, `${at}[${i}]`))
}

function descriptor(value: unknown, at: string): Descriptor {
  if (!isRecord(value)) throw new ManifestError(`'${at}' must be a descriptor`)
  const { mediaType, digest, size } = value
  if (typeof mediaType !== 'string') throw new ManifestError(`'${at}.mediaType' must be a string`)
  if (typeof digest !== 'string' || !DIGEST.test(digest))
    throw new ManifestError(`'${at}.digest' must be a digest`)
  if (!Number.isSafeInteger(size) || Number(size) < 0)
    throw new ManifestError(`'${at}.size' must be a size in bytes`)
  const { os, architecture, variant } = isRecord(value.platform) ? value.platform : {}
  const platform = { ...text('os', os), ...text('architecture', architecture), ...text('variant', variant) }
  return { mediaType, digest, size: Number(size), ...(isRecord(value.platform) && { platform }) }
}

const text = (key: string, value: unknown) => (typeof value === 'string' ? { [key]: value } : {})

/** Layers that registries need not have: Docker's foreign ones and OCI's non-distributable ones (image-spec: layer.md). */
function isForeign(value: unknown): boolean {
  const { urls, mediaType } = value as { urls?: unknown; mediaType: string }
  return Array.isArray(urls) && urls.length > 0 && /foreign|nondistributable/.test(mediaType)
}

function parseObject(text: string): Record<string, unknown> {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new ManifestError('The manifest is not JSON', { cause })
  }
  if (!isRecord(json)) throw new ManifestError('The manifest is not a JSON object')
  return json
}
