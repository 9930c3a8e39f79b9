/** The events of ECR, and of changes to its resource tags. */

import { tagChangeEvent } from '../resource-tags.ts'
import { emptyRecord } from '../service.ts'
import type { EcrOperationContext, ResourceTag, StoredImage, StoredRepository } from './state.ts'

/**
 * Announces that an image was pushed or deleted under one tag, or under none (`image-tag` is then empty).
 * What refers to another image (a signature, a bill of materials) is a referrer, not an image.
 * Source: ECR user guide, Amazon ECR events and EventBridge.
 */
export function emitImageAction(
  actionType: 'PUSH' | 'DELETE',
  repository: StoredRepository,
  image: StoredImage,
  tag: string | undefined,
  context: EcrOperationContext,
): void {
  context.emit({
    source: 'aws.ecr',
    detailType: image.subject ? 'ECR Referrer Action' : 'ECR Image Action',
    resources: [],
    detail: {
      result: 'SUCCESS',
      'repository-name': repository.name,
      'image-digest': image.digest,
      'action-type': actionType,
      'image-tag': tag ?? '',
      'manifest-media-type': image.mediaType,
      ...(image.artifactMediaType && { 'artifact-media-type': image.artifactMediaType }),
    },
  })
}

/** Announces that the tags under `changedKeys` changed; `tags` is the whole set after the change. */
export function emitTagChange(
  repository: StoredRepository,
  changedKeys: string[],
  context: EcrOperationContext,
): void {
  repository.tagVersion++
  const { arn, tagVersion: version } = repository
  const tags = tagsByKey(repository.tags)
  context.emit(
    tagChangeEvent({ service: 'ecr', resourceType: 'repository', arn, version, changedKeys, tags }),
  )
}

/** Tags as a record. */
export const tagsByKey = (tags: readonly ResourceTag[]): Record<string, string> =>
  Object.assign(emptyRecord<string>(), Object.fromEntries(tags.map(({ key, value }) => [key, value])))
