/**
 * Images for tests, built in memory: layers from files, manifests, indexes, and folders in the OCI image layout; and
 * ECR's operations without an engine.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import type * as client from '@aws-sdk/client-ecr'
import { Header } from 'tar'
import { seededIds } from '../host/ids.ts'
import type { EmittedEvent } from '../service.ts'
import type { EcrEffect } from './effects.ts'
import { ecr } from './index.ts'
import type { EcrOperationContext } from './state.ts'

/** One entry of a layer, exactly as it should stand in the tar file; a regular file unless told. */
export interface Entry {
  readonly path: string
  readonly type?: 'File' | 'Directory' | 'SymbolicLink' | 'Link' | 'CharacterDevice' | 'FIFO'
  readonly text?: string
  readonly linkpath?: string
  /** 0o644 unless told, 0o755 for folders. */
  readonly mode?: number
}

export interface BuiltBlob {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly bytes: Uint8Array
}

/** An image or an index with all that it refers to. */
export interface BuiltImage {
  readonly mediaType: string
  readonly digest: string
  readonly manifest: string
  readonly blobs: readonly BuiltBlob[]
  /** The images of an index. */
  readonly children: readonly BuiltImage[]
  readonly platform: { readonly os: string; readonly architecture: string }
}

export interface ImageOptions {
  readonly layers?: readonly (readonly Entry[])[]
  readonly compression?: 'none' | 'gzip' | 'zstd'
  /** What the image config says under `config`: Entrypoint, Cmd, Env, … */
  readonly config?: object
  /** `docker` makes a Docker schema 2 manifest. */
  readonly flavour?: 'oci' | 'docker'
  readonly architecture?: string
  /** More members of the manifest: `subject`, `annotations`, `artifactType`. */
  readonly more?: object
}

const TYPES = {
  oci: {
    manifest: 'application/vnd.oci.image.manifest.v1+json',
    config: 'application/vnd.oci.image.config.v1+json',
    none: 'application/vnd.oci.image.layer.v1.tar',
    gzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
    zstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
  },
  docker: {
    manifest: 'application/vnd.docker.distribution.manifest.v2+json',
    config: 'application/vnd.docker.container.image.v1+json',
    none: 'application/vnd.docker.image.rootfs.diff.tar',
    gzip: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
    zstd: 'application/vnd.docker.image.rootfs.diff.tar.zstd',
  },
} as const

/** This machine's architecture, as images name it. */
export const architecture = process.arch === 'x64' ? 'amd64' : process.arch

/** The SHA-256 digest of `bytes`: `sha256:…`. */
export const sha256 = (bytes: string | Uint8Array) =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`

/** A tar file of these entries, in this order. */
export function buildTar(entries: readonly Entry[]): Buffer {
  return Buffer.concat([...entries.flatMap(tarEntry), Buffer.alloc(1024)])
}

function tarEntry({ path, type = 'File', text = '', linkpath, mode }: Entry): Buffer[] {
  const body = Buffer.from(text)
  const header = new Header({
    path,
    type,
    mode: mode ?? (type === 'Directory' ? 0o755 : 0o644),
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
    size: body.byteLength,
    mtime: new Date(0),
    ...(linkpath !== undefined && { linkpath }),
  })
  const block = Buffer.alloc(512)
  header.encode(block)
  return [block, body, Buffer.alloc((512 - (body.byteLength % 512)) % 512)]
}

/** An image of these layers; one layer with a file `hello.txt` unless told. */
export function buildImage(options: ImageOptions = {}): BuiltImage {
  const { layers = [[{ path: 'hello.txt', text: 'hello' }]], compression = 'gzip', flavour = 'oci' } = options
  const types = TYPES[flavour]
  const tars = layers.map(buildTar)
  const platform = { os: 'linux', architecture: options.architecture ?? architecture }
  const config = blob(
    types.config,
    JSON.stringify({
      ...platform,
      config: options.config ?? {},
      rootfs: { type: 'layers', diff_ids: tars.map(sha256) },
    }),
  )
  const blobs = tars.map((tar) => blob(types[compression], compress[compression](tar)))
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: types.manifest,
    config: descriptor(config),
    layers: blobs.map(descriptor),
    ...options.more,
  })
  const mediaType = types.manifest
  return { mediaType, digest: sha256(manifest), manifest, blobs: [config, ...blobs], children: [], platform }
}

/** An OCI index of these images. */
export function buildIndex(children: readonly BuiltImage[]): BuiltImage {
  const mediaType = 'application/vnd.oci.image.index.v1+json'
  const manifests = children.map((child) => ({ ...descriptorOf(child), platform: child.platform }))
  const manifest = JSON.stringify({ schemaVersion: 2, mediaType, manifests })
  const platform = { os: 'linux', architecture }
  return { mediaType, digest: sha256(manifest), manifest, blobs: [], children, platform }
}

/** Writes an image or index as an OCI image layout, which skopeo reads as `oci:DIR:TAG` (image-spec: image-layout.md). */
export function writeLayout(dir: string, image: BuiltImage, tag: string): void {
  mkdirSync(join(dir, 'blobs', 'sha256'), { recursive: true })
  const annotations = { 'org.opencontainers.image.ref.name': tag }
  const index = { schemaVersion: 2, manifests: [{ ...descriptorOf(image), annotations }] }
  writeFileSync(join(dir, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }))
  writeFileSync(join(dir, 'index.json'), JSON.stringify(index))
  for (const { digest, bytes } of contentsOf(image)) {
    writeFileSync(join(dir, 'blobs', 'sha256', digest.replace('sha256:', '')), bytes)
  }
}

/** A blob of these bytes. */
export function blob(mediaType: string, content: string | Uint8Array): BuiltBlob {
  const bytes = Buffer.from(content)
  return { mediaType, digest: sha256(bytes), size: bytes.byteLength, bytes }
}

const compress = {
  none: (bytes: Buffer) => bytes,
  gzip: (bytes: Buffer) => gzipSync(bytes),
  zstd: (bytes: Buffer) => zstdCompressSync(bytes),
}

const descriptor = ({ mediaType, digest, size }: BuiltBlob) => ({ mediaType, digest, size })

/** How a manifest refers to this image. */
export const descriptorOf = ({ mediaType, digest, manifest }: BuiltImage) => ({
  mediaType,
  digest,
  size: Buffer.byteLength(manifest),
})

function contentsOf(image: BuiltImage): BuiltBlob[] {
  return [blob(image.mediaType, image.manifest), ...image.blobs, ...image.children.flatMap(contentsOf)]
}

/** ECR's operations on a state of their own, with what they emitted and asked. */
export interface TestEcr {
  readonly context: EcrOperationContext & { now: number }
  readonly emitted: EmittedEvent[]
  readonly asked: EcrEffect[]
  /** Runs an operation. Throws what it throws. */
  call<O extends keyof EcrOutputs>(operation: O, input: object): EcrOutputs[O]
  /** Makes the blobs of an image known to a repository, as pushing them would. */
  store(repositoryName: string, image: BuiltImage): void
}

/** The outputs that tests look into. */
export interface EcrOutputs {
  BatchDeleteImage: client.BatchDeleteImageResponse
  BatchGetImage: client.BatchGetImageResponse
  BatchCheckLayerAvailability: client.BatchCheckLayerAvailabilityResponse
  CreateRepository: client.CreateRepositoryResponse
  DeleteRepository: client.DeleteRepositoryResponse
  DescribeImages: client.DescribeImagesResponse
  DescribeRepositories: client.DescribeRepositoriesResponse
  GetAuthorizationToken: client.GetAuthorizationTokenResponse
  ListImages: client.ListImagesResponse
  ListTagsForResource: client.ListTagsForResourceResponse
  PutImage: client.PutImageResponse
  PutLifecyclePolicy: client.PutLifecyclePolicyResponse
  TagResource: client.TagResourceResponse
  UntagResource: client.UntagResourceResponse
}

/** ECR without an engine around it; `now` may be moved. */
export function testEcr(): TestEcr {
  const emitted: EmittedEvent[] = []
  const asked: EcrEffect[] = []
  const ids = seededIds(1)
  const context = {
    accountId: '123456789012',
    region: 'us-east-1',
    state: ecr.emptyState(),
    now: Date.UTC(2026, 0, 1),
    endpoint: 'http://127.0.0.1:4566',
    newId: (length = 32) => ids.hex(length),
    newUuid: () => ids.uuid(),
    emit: (event: EmittedEvent) => void emitted.push(event),
    ask: (effect: EcrEffect) => void asked.push(effect),
    defer: <T>() => Promise.withResolvers<T>().promise,
    settle: () => {},
    accessKeyId: 'test',
    requestId: 'test',
  }
  return {
    context,
    emitted,
    asked,
    call: <O extends keyof EcrOutputs>(operation: O, input: object) =>
      ecr.model.operations.get(operation)?.handler?.(input, context) as EcrOutputs[O],
    store(repositoryName, image) {
      for (const { digest, size: sizeBytes } of image.blobs) {
        ecr.receive({ kind: 'layer-stored', repositoryName, digest, sizeBytes }, context)
      }
    },
  }
}
