/** Images: put, got and listed. The registry's own protocol puts its manifests through PutImage too. */
import type * as client from '@aws-sdk/client-ecr'
import type { Handlers } from '../wire/handlers.ts'
import { repositoryOf, requireLength, requireTag } from './constraints.ts'
import * as errors from './errors.ts'
import { emitImageAction } from './events.ts'
import { digestOf, type Manifest, ManifestError, parseManifest } from './manifest.ts'
import { isImmutable } from './repositories.ts'
import { type EcrOperationContext, findTagged, type StoredImage, type StoredRepository } from './state.ts'

/** ECR takes manifests of up to 4 MiB. */
export const MOST_MANIFEST_BYTES = 4_194_304

export const imageOperations = {
  PutImage(input, context) {
    const repository = repositoryOf(input, context)
    const { imageManifest: text = '', imageManifestMediaType, imageTag: tag } = input
    requireLength('imageManifest', Buffer.byteLength(text), 1, MOST_MANIFEST_BYTES)
    if (tag !== undefined) requireTag(tag)
    const manifest = readManifest(text, imageManifestMediaType)
    const digest = digestOf(text)
    if (input.imageDigest !== undefined && input.imageDigest !== digest) {
      throw errors.digestDoesNotMatch(input.imageDigest, digest)
    }
    requireReferences(manifest, repository, context)
    requireChange(repository, digest, tag, context)
    const image = putImage(repository, newImage(text, digest, manifest, repository, context), tag)
    emitImageAction('PUSH', repository, image, tag, context)
    return { image: describeImage(repository, image, tag, context) }
  },

  BatchGetImage(input, context) {
    const repository = repositoryOf(input, context)
    const ids = input.imageIds ?? []
    requireLength('imageIds', ids.length, 1, 100)
    const images: client.Image[] = []
    const failures: client.ImageFailure[] = []
    for (const id of ids) {
      const { failure, image } = accepted(findById(repository, id), id, input.acceptedMediaTypes)
      if (image) images.push(describeImage(repository, image, id.imageTag, context))
      else failures.push(failure)
    }
    return { images, failures }
  },
} satisfies Partial<Handlers<typeof client, EcrOperationContext>>

const DIGEST_AS_TOLD = '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'
const DIGEST = new RegExp(`^${DIGEST_AS_TOLD}$`)

/** An image in a media type that the caller does not take is none to the caller. */
function accepted(found: Found, id: client.ImageIdentifier, types: readonly string[] | undefined): Found {
  if (found.failure || !types?.length || types.includes(found.image.mediaType)) return found
  return notFound(id)
}

function readManifest(text: string, mediaType: string | undefined): Manifest {
  try {
    return parseManifest(text, mediaType)
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error
    throw errors.invalidParameter('ImageManifest', error.message)
  }
}

/** What a manifest refers to must be in the repository first; a subject need not (distribution-spec: Pushing Manifests). */
function requireReferences(
  manifest: Manifest,
  repository: StoredRepository,
  context: EcrOperationContext,
): void {
  const missing = (digests: string[], known: object) =>
    [...new Set(digests)].filter((d) => !Object.hasOwn(known, d))
  const layers = missing(
    manifest.blobs.map(({ digest }) => digest),
    repository.layers,
  )
  if (layers.length) throw errors.layersNotFound(layers, repository.name, context)
  const children = missing(
    manifest.children.map(({ digest }) => digest),
    repository.images,
  )
  if (children.length) throw errors.referencedImagesNotFound(children, repository.name, context)
}

/** Throws where putting the image under the tag would change nothing, or an immutable tag. */
function requireChange(
  repository: StoredRepository,
  digest: string,
  tag: string | undefined,
  context: EcrOperationContext,
): void {
  const same = repository.images[digest]
  if (same && (tag === undefined || same.tags.includes(tag))) {
    throw errors.imageAlreadyExists(digest, tag, repository.name, context)
  }
  if (tag !== undefined && findTagged(repository, tag) && isImmutable(repository, tag)) {
    throw errors.tagAlreadyExists(tag, repository.name)
  }
}

function newImage(
  text: string,
  digest: string,
  manifest: Manifest,
  repository: StoredRepository,
  { now }: EcrOperationContext,
): StoredImage {
  const artifactMediaType = manifest.artifactType ?? manifest.config?.mediaType
  return {
    digest,
    manifest: text,
    mediaType: manifest.mediaType,
    ...(artifactMediaType !== undefined && { artifactMediaType }),
    pushedAt: now,
    sizeBytes: sizeOf(manifest, repository),
    blobs: manifest.blobs.map((blob) => blob.digest),
    children: manifest.children.map((child) => child.digest),
    ...(manifest.subject && { subject: manifest.subject.digest }),
    tags: [],
  }
}

/** Config and layers together; of an index the largest of its images (ECR API reference: ImageDetail). */
function sizeOf(manifest: Manifest, repository: StoredRepository): number {
  const children = manifest.children.map(({ digest }) => repository.images[digest]?.sizeBytes ?? 0)
  const blobs = manifest.blobs.reduce((sum, { digest }) => sum + (repository.layers[digest] ?? 0), 0)
  return Math.max(blobs, ...children)
}

/** Puts an image, or the one that is there already, under a tag. When the tag was on another image, it moves. */
function putImage(repository: StoredRepository, image: StoredImage, tag: string | undefined): StoredImage {
  const kept = repository.images[image.digest] ?? image
  repository.images[image.digest] = kept
  if (tag === undefined) return kept
  const before = findTagged(repository, tag)
  if (before) before.tags = before.tags.filter((other) => other !== tag)
  kept.tags.push(tag)
  return kept
}

function describeImage(
  repository: StoredRepository,
  image: StoredImage,
  tag: string | undefined,
  { accountId }: EcrOperationContext,
): client.Image {
  return {
    registryId: accountId,
    repositoryName: repository.name,
    imageId: { imageDigest: image.digest, ...(tag !== undefined && { imageTag: tag }) },
    imageManifest: image.manifest,
    imageManifestMediaType: image.mediaType,
  }
}

/** The image that an identifier names, or why there is none. */
export type Found =
  | { readonly image: StoredImage; readonly failure?: never }
  | { readonly failure: client.ImageFailure; readonly image?: never }

/** Finds the image that an identifier names (ECR API reference: ImageFailure). */
export function findById(repository: StoredRepository, id: client.ImageIdentifier): Found {
  const { imageDigest: digest, imageTag: tag } = id
  if (digest === undefined && tag === undefined) {
    return fail(id, 'MissingDigestAndTag', 'Invalid request parameters: both tag and digest cannot be null')
  }
  if (digest !== undefined && !DIGEST.test(digest)) {
    return fail(
      id,
      'InvalidImageDigest',
      `Invalid request parameters: image digest should satisfy the regex '${DIGEST_AS_TOLD}'`,
    )
  }
  const tagged = tag === undefined ? undefined : findTagged(repository, tag)
  const image = digest === undefined ? tagged : repository.images[digest]
  if (!image || (tag !== undefined && !tagged)) return notFound(id)
  if (tag !== undefined && tagged !== image) {
    return fail(
      id,
      'ImageTagDoesNotMatchDigest',
      'Requested image tag does not match the requested image digest',
    )
  }
  return { image }
}

const fail = (
  imageId: client.ImageIdentifier,
  failureCode: client.ImageFailureCode,
  failureReason: string,
) => ({
  failure: { imageId, failureCode, failureReason },
})

const notFound = (id: client.ImageIdentifier) => fail(id, 'ImageNotFound', 'Requested image not found')
