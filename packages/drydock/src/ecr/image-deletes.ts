/** Deleting images: a tag is taken off its image, the last tag and a digest delete the image. */
import type * as client from '@aws-sdk/client-ecr'
import type { Handlers } from '../wire/handlers.ts'
import { repositoryOf, requireLength } from './constraints.ts'
import { emitImageAction } from './events.ts'
import { findById } from './images.ts'
import type { EcrOperationContext, StoredImage, StoredRepository } from './state.ts'

export const imageDeleteOperations = {
  BatchDeleteImage(input, context) {
    const repository = repositoryOf(input, context)
    const ids = input.imageIds ?? []
    requireLength('imageIds', ids.length, 1, 100)
    const imageIds: client.ImageIdentifier[] = []
    const failures: client.ImageFailure[] = []
    for (const id of ids) {
      const { image, failure } = findById(repository, id)
      const refusal = image ? reasonToKeep(repository, image, id) : failure
      if (refusal) failures.push(refusal)
      else if (image) imageIds.push(...remove(repository, image, id.imageTag, context))
    }
    if (imageIds.length) context.ask({ kind: 'sweep-layers' })
    return { imageIds, failures }
  },
} satisfies Partial<Handlers<typeof client, EcrOperationContext>>

/** An image of an index cannot be deleted before the index. */
function reasonToKeep(
  repository: StoredRepository,
  image: StoredImage,
  imageId: client.ImageIdentifier,
): client.ImageFailure | undefined {
  const onlyUntags = imageId.imageTag !== undefined && image.tags.length > 1
  const parents = Object.values(repository.images).filter(({ children }) => children.includes(image.digest))
  if (onlyUntags || !parents.length) return undefined
  const failureReason = `Requested image referenced by manifest list: [${parents.map(({ digest }) => digest).join(', ')}]`
  return { imageId, failureCode: 'ImageReferencedByManifestList', failureReason }
}

/** Takes off `tag`, or deletes the image where that is the last one or none is given. Returns what was removed. */
function remove(
  repository: StoredRepository,
  image: StoredImage,
  tag: string | undefined,
  context: EcrOperationContext,
): client.ImageIdentifier[] {
  const removed = tag === undefined ? image.tags : [tag]
  image.tags = image.tags.filter((other) => !removed.includes(other))
  if (!image.tags.length) {
    delete repository.images[image.digest]
    forgetLayers(repository, image)
  }
  for (const name of removed) emitImageAction('DELETE', repository, image, name, context)
  if (removed.length) return removed.map((imageTag) => ({ imageDigest: image.digest, imageTag }))
  emitImageAction('DELETE', repository, image, undefined, context)
  return [{ imageDigest: image.digest }]
}

/** Forgets the layers that only `image` had. Those of no image at all stay: they may be of a push under way. */
function forgetLayers(repository: StoredRepository, image: StoredImage): void {
  const used = new Set(Object.values(repository.images).flatMap(({ blobs }) => blobs))
  for (const digest of image.blobs) if (!used.has(digest)) delete repository.layers[digest]
}
