/** Images as lists: what is in a repository, and what refers to an image. */
import * as client from '@aws-sdk/client-ecr'
import type { Handlers } from '../wire/handlers.ts'
import { isDigest, repositoryOf, requireEnum, requireLength } from './constraints.ts'
import { imageNotFound, invalidParameter } from './errors.ts'
import { findById } from './images.ts'
import { parseManifest } from './manifest.ts'
import { requestedPage } from './page.ts'
import type { EcrOperationContext, StoredImage, StoredRepository } from './state.ts'

export const imageListOperations = {
  DescribeImages(input, context) {
    const repository = repositoryOf(input, context)
    requireFilter(input.filter)
    if (!input.imageIds) {
      const all = Object.values(repository.images).filter((image) =>
        isWanted(image.tags.length > 0, input.filter),
      )
      const { items, nextToken } = requestedPage(all, orderOf, input)
      return {
        imageDetails: items.map((image) => describe(repository, image, context)),
        nextToken,
      }
    }
    requireLength('imageIds', input.imageIds.length, 1, 100)
    if (input.nextToken !== undefined || input.maxResults !== undefined) {
      throw invalidParameter('imageIds', 'must not be given together with nextToken or maxResults')
    }
    const found = new Set(input.imageIds.map((id) => named(repository, id, context)))
    return { imageDetails: [...found].map((image) => describe(repository, image, context)) }
  },

  ListImages(input, context) {
    const repository = repositoryOf(input, context)
    requireFilter(input.filter)
    const ids = Object.values(repository.images).flatMap((image) => identifiers(image))
    const wanted = ids.filter(({ tag }) => isWanted(tag !== undefined, input.filter))
    const { items, nextToken } = requestedPage(wanted, ({ order, tag }) => `${order}/${tag ?? ''}`, input)
    const imageIds = items.map(({ digest, tag }) => ({
      imageDigest: digest,
      ...(tag !== undefined && { imageTag: tag }),
    }))
    return { imageIds, nextToken }
  },

  ListImageReferrers(input, context) {
    const repository = repositoryOf(input, context)
    const subject = input.subjectId?.imageDigest ?? ''
    if (!isDigest(subject)) throw invalidParameter('imageDigest', 'must be a SHA-256 digest')
    const types = input.filter?.artifactTypes
    const all = referrersOf(repository, subject).filter(
      ({ artifactType }) => !types?.length || types.includes(artifactType ?? ''),
    )
    const { items, nextToken } = requestedPage(all, ({ digest }) => digest, input)
    return {
      referrers: items.map((item) => ({ ...item, artifactStatus: 'ACTIVE' as const })),
      nextToken,
    }
  },
} satisfies Partial<Handlers<typeof client, EcrOperationContext>>

/** An image or index that names another one as its subject, as the referrers API shows it. */
export interface Referrer {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly artifactType?: string
  readonly annotations?: Record<string, string>
}

/** What refers to `subject`; a subject need not exist (distribution-spec: Listing Referrers). */
export function referrersOf(repository: StoredRepository, subject: string): Referrer[] {
  return Object.values(repository.images)
    .filter((image) => image.subject === subject)
    .map(({ manifest, mediaType, digest, artifactMediaType }) => {
      const { annotations } = parseManifest(manifest, mediaType)
      return {
        mediaType,
        digest,
        size: Buffer.byteLength(manifest),
        ...(artifactMediaType && { artifactType: artifactMediaType }),
        ...(annotations && { annotations }),
      }
    })
}

interface Filter {
  readonly tagStatus?: client.TagStatus | undefined
  readonly imageStatus?: client.ImageStatusFilter | undefined
}

function requireFilter(filter: Filter | undefined): void {
  requireEnum('filter.tagStatus', filter?.tagStatus, client.TagStatus)
  requireEnum('filter.imageStatus', filter?.imageStatus, client.ImageStatusFilter)
}

/** Every image here is ACTIVE: nothing is archived. */
function isWanted(isTagged: boolean, { tagStatus = 'ANY', imageStatus = 'ACTIVE' }: Filter = {}): boolean {
  if (imageStatus !== 'ACTIVE' && imageStatus !== 'ANY') return false
  return tagStatus === 'ANY' || (tagStatus === 'TAGGED') === isTagged
}

const orderOf = (image: StoredImage) => `${String(image.pushedAt).padStart(15, '0')}/${image.digest}`

function identifiers(image: StoredImage): { order: string; digest: string; tag: string | undefined }[] {
  const tags = image.tags.length ? image.tags : [undefined]
  return tags.map((tag) => ({ order: orderOf(image), digest: image.digest, tag }))
}

function named(
  repository: StoredRepository,
  id: client.ImageIdentifier,
  context: EcrOperationContext,
): StoredImage {
  const { image, failure } = findById(repository, id)
  if (image) return image
  const { failureCode, failureReason = '' } = failure
  if (failureCode === 'ImageNotFound' || failureCode === 'ImageTagDoesNotMatchDigest') {
    throw imageNotFound(id, repository.name, context)
  }
  throw invalidParameter('imageIds', failureReason)
}

function describe(
  repository: StoredRepository,
  image: StoredImage,
  { accountId }: EcrOperationContext,
): client.ImageDetail {
  return {
    registryId: accountId,
    repositoryName: repository.name,
    imageDigest: image.digest,
    ...(image.tags.length && { imageTags: [...image.tags] }),
    imageSizeInBytes: image.sizeBytes,
    imagePushedAt: new Date(image.pushedAt),
    imageManifestMediaType: image.mediaType,
    ...(image.artifactMediaType && { artifactMediaType: image.artifactMediaType }),
    ...(image.subject && { subjectManifestDigest: image.subject }),
    imageStatus: 'ACTIVE',
  }
}
