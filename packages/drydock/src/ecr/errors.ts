/** The errors of Amazon ECR in its own words (wordings as AWS answers them; where none is public, the nearest one). */
import * as ecr from '@aws-sdk/client-ecr'

const $metadata = {}

/** Where an error happened. */
interface Where {
  readonly accountId: string
}

/** `'…' failed to satisfy constraint: '…'`. */
export function invalidParameter(parameter: string, constraint: string) {
  const message = `Invalid parameter at '${parameter}' failed to satisfy constraint: '${constraint}'`
  return new ecr.InvalidParameterException({ message, $metadata })
}

export function repositoryNotFound(name: string, registryId: string) {
  const message = `The repository with name '${name}' does not exist in the registry with id '${registryId}'`
  return new ecr.RepositoryNotFoundException({ message, $metadata })
}

export function repositoryAlreadyExists(name: string, { accountId }: Where) {
  const message = `The repository with name '${name}' already exists in the registry with id '${accountId}'`
  return new ecr.RepositoryAlreadyExistsException({ message, $metadata })
}

export function repositoryNotEmpty(name: string, { accountId }: Where) {
  const message = `The repository with name '${name}' in registry with id '${accountId}' cannot be deleted because it still contains images`
  return new ecr.RepositoryNotEmptyException({ message, $metadata })
}

export function imageNotFound(id: ecr.ImageIdentifier, name: string, { accountId }: Where) {
  const imageId = `{imageDigest:'${id.imageDigest ?? 'null'}', imageTag:'${id.imageTag ?? 'null'}'}`
  const message = `The image with imageId ${imageId} does not exist within the repository with name '${name}' in the registry with id '${accountId}'`
  return new ecr.ImageNotFoundException({ message, $metadata })
}

export function imageAlreadyExists(
  digest: string,
  tag: string | undefined,
  name: string,
  { accountId }: Where,
) {
  const message = `Image with digest '${digest}' and tag '${tag ?? 'null'}' already exists in the repository with name '${name}' in registry with id '${accountId}'`
  return new ecr.ImageAlreadyExistsException({ message, $metadata })
}

export function tagAlreadyExists(tag: string, name: string) {
  const message = `The image tag '${tag}' already exists in the '${name}' repository and cannot be overwritten because the repository is immutable.`
  return new ecr.ImageTagAlreadyExistsException({ message, $metadata })
}

export function digestDoesNotMatch(given: string, digest: string) {
  const message = `The image digest '${given}' does not match the digest '${digest}' that was calculated for the image`
  return new ecr.ImageDigestDoesNotMatchException({ message, $metadata })
}

export function layersNotFound(digests: readonly string[], name: string, { accountId }: Where) {
  const message = `Layers with digests '[${digests.join(', ')}]' required for pushing image into repository with name '${name}' in the registry with id '${accountId}' do not exist`
  return new ecr.LayersNotFoundException({ message, $metadata })
}

export function referencedImagesNotFound(digests: readonly string[], name: string, { accountId }: Where) {
  const message = `Images with digests '[${digests.join(', ')}]' required for pushing image into repository with name '${name}' in the registry with id '${accountId}' do not exist`
  return new ecr.ReferencedImagesNotFoundException({ message, $metadata })
}

export function layerNotFound(digest: string, name: string, { accountId }: Where) {
  const message = `The layer with digest '${digest}' does not exist within the repository with name '${name}' in the registry with id '${accountId}'`
  return new ecr.LayersNotFoundException({ message, $metadata })
}

export function uploadNotFound(uploadId: string, name: string, { accountId }: Where) {
  const message = `The layer upload with id '${uploadId}' does not exist within the repository with name '${name}' in the registry with id '${accountId}'`
  return new ecr.UploadNotFoundException({ message, $metadata })
}

export function lifecyclePolicyNotFound(name: string, { accountId }: Where) {
  const message = `Lifecycle policy does not exist for the repository with name '${name}' in the registry with id '${accountId}'`
  return new ecr.LifecyclePolicyNotFoundException({ message, $metadata })
}

export function repositoryPolicyNotFound(name: string, { accountId }: Where) {
  const message = `Repository policy does not exist for the repository with name '${name}' in the registry with id '${accountId}'`
  return new ecr.RepositoryPolicyNotFoundException({ message, $metadata })
}
