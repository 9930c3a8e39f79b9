/**
 * Finds and unpacks the images that tasks run, out of the engine's own registry; there is no other that it pulls from.
 * An image is unpacked once, whatever number of tasks runs it.
 */

import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Descriptor, type Manifest, parseManifest } from '../ecr/manifest.ts'
import { findImage, findRepository, type StoredImage, type StoredRepository } from '../ecr/state.ts'
import type { Engine } from '../engine.ts'
import { messageOf } from '../message-of.ts'
import type { Scope } from '../service.ts'
import type { Blobs } from './blobs.ts'
import type { PulledImage } from './driver.ts'
import { cannotPull, parseReference } from './image-reference.ts'
import { noneIfMissing } from './system-error.ts'
import type { Images, ResolvedImage } from './tasks.ts'
import { unpackLayer } from './unpack.ts'

/** What an image is built for, in the words of the image index (image-spec: image-index.md). */
export interface Platform {
  readonly os: string
  readonly architecture: string
}

export interface ImageStore extends Images {
  /** As `Images.pull`; `platform` is this machine's unless told. */
  pull(
    engine: Engine,
    scope: Scope,
    reference: string,
    digest?: string,
    platform?: Platform,
  ): Promise<PulledImage>
  /** Removes every unpacked image. No task may be running. */
  clear(): Promise<void>
}

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' }

/** Images of `blobs`, unpacked under `dataDir`/images. */
export function createImages(blobs: Blobs, dataDir: string): ImageStore {
  const home = join(dataDir, 'images')
  mkdirSync(home, { recursive: true })
  for (const name of readdirSync(home))
    if (name.startsWith('.')) rmSync(join(home, name), { recursive: true })
  const unpacking = new Map<string, Promise<string>>()

  /** The folder of an image's files. Concurrent calls for one image share the work. */
  function rootOf(image: StoredImage, layers: readonly Descriptor[]): Promise<string> {
    const under = unpacking.get(image.digest)
    if (under !== undefined) return under
    const work = unpack(blobs, home, image, layers).finally(() => unpacking.delete(image.digest))
    unpacking.set(image.digest, work)
    return work
  }

  return {
    async resolve(engine, scope, reference) {
      const found = await find(engine, scope, reference)
      return 'error' in found ? found : found.resolved
    },
    async pull(engine, scope, reference, digest, platform = thisMachine()) {
      const found = await find(engine, scope, reference, digest)
      if ('error' in found) throw new Error(found.error)
      const { image, manifest } = runnable(found, platform, reference)
      const root = await rootOf(image, manifest.layers)
      const config = JSON.parse(await readFile(blobs.path(manifest.config?.digest ?? ''), 'utf8'))
      return { digest: found.resolved.digest, root, config: config.config ?? {} }
    },
    async clear() {
      for (const name of await readdir(home)) await rm(join(home, name), { recursive: true, force: true })
    },
  }
}

interface FoundImage {
  readonly resolved: ResolvedImage
  readonly repository: StoredRepository
  readonly image: StoredImage
}

async function find(
  engine: Engine,
  scope: Scope,
  reference: string,
  pinned?: string,
): Promise<FoundImage | { readonly error: string }> {
  const at = parseReference(reference, engine.endpoint, scope)
  if ('error' in at) return at
  const digest = pinned ?? at.digest
  await engine.load('ecr')
  const repository = findRepository(engine.state('ecr', at), at.repository)
  const image = repository && findImage(repository, digest ?? at.tag)
  if (repository && image)
    return { repository, image, resolved: { repository: at.repository, digest: image.digest } }
  const asked = pinned === undefined || reference.includes('@') ? reference : `${reference}@${pinned}`
  return { error: cannotPull(`failed to resolve ref ${asked}: not found`) }
}

const thisMachine = (): Platform => ({
  os: 'linux',
  architecture: ARCHITECTURES[process.arch] ?? process.arch,
})

/** The image to run: the found one, or the one of an index that is for the platform. */
function runnable(
  { repository, image }: FoundImage,
  platform: Platform,
  reference: string,
): { image: StoredImage; manifest: Manifest } {
  const manifest = parseManifest(image.manifest, image.mediaType)
  if (manifest.kind === 'image') return { image, manifest }
  const child = manifest.children.find(
    ({ platform: its }) => its?.os === platform.os && its.architecture === platform.architecture,
  )
  const chosen = child && repository.images[child.digest]
  if (chosen) return { image: chosen, manifest: parseManifest(chosen.manifest, chosen.mediaType) }
  const wanted = `${platform.os}/${platform.architecture}`
  throw new Error(
    cannotPull(`image Manifest does not contain descriptor matching platform '${wanted}': ${reference}`),
  )
}

/** Unpacks into a folder beside, and gives it its name when all is there. */
async function unpack(
  blobs: Blobs,
  home: string,
  image: StoredImage,
  layers: readonly Descriptor[],
): Promise<string> {
  const root = join(home, image.digest.replace(':', '-'))
  if (await stat(root).catch(noneIfMissing)) return root
  const beside = join(home, `.${randomUUID()}`)
  try {
    await mkdir(beside, { mode: 0o755 })
    for (const { digest } of layers) await unpackLayer(blobs.path(digest), beside)
    await rename(beside, root)
  } catch (cause) {
    await rm(beside, { recursive: true, force: true })
    throw new Error(`CannotPullContainerError: failed to unpack image ${image.digest}: ${messageOf(cause)}`, {
      cause,
    })
  }
  return root
}
