/**
 * What Amazon ECR keeps in one account and region, as plain JSON. Manifests are kept here byte for byte, because a
 * digest names exactly these bytes; layers are only known by digest and size, their bytes lie with the host.
 */
import type { ImageTagMutability } from '@aws-sdk/client-ecr'
import type { Context, OperationContext } from '../service.ts'
import type { EcrEffect } from './effects.ts'

export interface EcrState {
  repositories: Record<string, StoredRepository>
  /** Signs authorization tokens and download addresses; made when the first one is. */
  tokenKey?: string
}

/** Times are in milliseconds since the epoch. */
export interface StoredRepository {
  readonly name: string
  readonly arn: string
  readonly createdAt: number
  imageTagMutability: ImageTagMutability
  /** Wildcard patterns of the tags that the mutability setting does not apply to. */
  mutabilityExclusions: string[]
  scanOnPush: boolean
  readonly encryption: { encryptionType: 'AES256' | 'KMS' | 'KMS_DSSE'; kmsKey?: string }
  tags: ResourceTag[]
  /** How often the tags have changed: `version` of the event that tells so. */
  tagVersion: number
  /** By digest. */
  images: Record<string, StoredImage>
  /** Sizes in bytes by digest. */
  layers: Record<string, number>
  /** Uploads made through the API (not through the registry's own protocol) by upload id. */
  uploads: Record<string, LayerUpload>
  lifecyclePolicy?: string
  policy?: string
}

export interface ResourceTag {
  readonly key: string
  readonly value: string
}

export interface StoredImage {
  readonly digest: string
  readonly manifest: string
  readonly mediaType: string
  readonly artifactMediaType?: string
  readonly pushedAt: number
  readonly sizeBytes: number
  /** Digests of the config and layers, of an index's images, and of what this image is about. */
  readonly blobs: readonly string[]
  readonly children: readonly string[]
  readonly subject?: string
  /** In the order in which they were put; a tag is on one image of its repository at most. */
  tags: string[]
}

export interface LayerUpload {
  receivedBytes: number
  lastPartBytes: number
  /** A part other than the last one is under the smallest size that ECR takes. */
  hasSmallPart: boolean
}

/** What receiving a report may touch. */
export type EcrContext = Context<EcrState, EcrEffect>
/** What an operation may touch. */
export type EcrOperationContext = OperationContext<EcrState, EcrEffect>

/** No repository, and no key yet. */
export const emptyState = (): EcrState => ({ repositories: {} })

/** The repository called `name`, if there is one. Own keys only: `constructor` is a legal repository name. */
export function findRepository(state: EcrState, name: string): StoredRepository | undefined {
  return Object.hasOwn(state.repositories, name) ? state.repositories[name] : undefined
}

/** The image that carries `tag`, if there is one. */
export function findTagged(repository: StoredRepository, tag: string): StoredImage | undefined {
  return Object.values(repository.images).find((image) => image.tags.includes(tag))
}

/** The image that `reference`, a tag or a digest, names. */
export function findImage(repository: StoredRepository, reference: string): StoredImage | undefined {
  return reference.includes(':') ? repository.images[reference] : findTagged(repository, reference)
}
