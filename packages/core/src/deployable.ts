/** What in a repository is an image to run, and what is something else that is stored beside images. */
import type { ObservedImage } from './view.ts'

// Manifests and indexes of the OCI image specification and of Docker's schema 2.
const RUNNABLE_MANIFESTS: ReadonlySet<string> = new Set([
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
])
// ECR gives an image's config media type, or an artifact's own type. All others are Helm charts, signatures,
// attestations, SBOMs and the like: application/vnd.cncf.notary.signature, application/vnd.in-toto+json, …
const RUNNABLE_CONFIGS: ReadonlySet<string> = new Set([
  'application/vnd.oci.image.config.v1+json',
  'application/vnd.docker.container.image.v1+json',
])
// Signers name what belongs to an image by its digest: `sha256-<hex>` (OCI distribution specification, "Referrers
// Tag Schema") and `sha256-<hex>.sig`, `.att`, `.sbom` (cosign's tag-based discovery).
const REFERRER_TAG = /^sha(?:256-[0-9a-f]{64}|512-[0-9a-f]{128})(?:\.|-|$)/
const ARTIFACT_TAG = /^sha256-[0-9a-f]+\.(?:sig|att|sbom)$/

/** Whether the manifest and its type are those of an image that a task can run. Unknown types are taken for images. */
export function isRunnable(image: ObservedImage): boolean {
  const { mediaType, artifactMediaType } = image
  if (mediaType !== undefined && !RUNNABLE_MANIFESTS.has(mediaType)) return false
  return artifactMediaType === undefined || RUNNABLE_CONFIGS.has(artifactMediaType)
}

/** Whether a tag names something that belongs to an image (a signature, an attestation, an SBOM), not an image. */
export function isReferrerTag(tag: string): boolean {
  return REFERRER_TAG.test(tag) || ARTIFACT_TAG.test(tag)
}

/**
 * Whether Capstan may deploy the image by itself: runnable, and with a tag that someone gave it. Children of an index
 * and images whose tag moved on have none.
 */
export function isDeployable(image: ObservedImage): boolean {
  return isRunnable(image) && image.tags.some((tag) => !isReferrerTag(tag))
}
