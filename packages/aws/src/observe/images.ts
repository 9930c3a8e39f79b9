/** Images of ECR repositories, and what they can run on. */

import type { ImageDetail } from '@aws-sdk/client-ecr'
import { Failure } from '@capstan/core/failure.ts'
import type { ObservedImage, Platform } from '@capstan/core/view.ts'
import { boundedCache } from '../bounded-cache.ts'
import type { EcrApi } from '../clients.ts'
import { download } from '../wire/connection.ts'
import { pagesOf } from '../wire/pages.ts'
import { insteadIfGone } from './none-if-gone.ts'
import { readImageConfig, readManifest } from './platform.ts'

export interface Images {
  /** All images of the repository; `undefined` where there is no such repository. */
  list(repository: string): Promise<readonly ObservedImage[] | undefined>
  /** What the image can run on, from its manifest and, for a single image, its config. None if it is gone. */
  platforms(repository: string, digest: string): Promise<readonly Platform[]>
}

/** What BatchGetImage accepts (https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetImage.html). */
const MANIFESTS = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
]
const MOST_PLATFORMS = 5000
/** A config is a few kilobytes: what takes longer will not come. */
const READ_TIMEOUT_MS = 10_000

/** Images as `ecr` tells of them. A digest's platforms never change, so they are remembered; lists are not. */
export function imagesOf(ecr: EcrApi): Images {
  const platforms = boundedCache(MOST_PLATFORMS, (name) => {
    const [repository = '', digest = ''] = name.split('@')
    return readPlatforms(ecr, repository, digest)
  })
  return {
    list: (repository) => insteadIfGone(listImages(ecr, repository), undefined),
    async platforms(repository, digest) {
      return insteadIfGone(platforms.get(`${repository}@${digest}`), [])
    },
  }
}

async function listImages(ecr: EcrApi, repositoryName: string): Promise<ObservedImage[]> {
  const images: ObservedImage[] = []
  const pages = pagesOf(
    (nextToken) => ecr.call('DescribeImages', { repositoryName, maxResults: 1000, nextToken }),
    (page) => page.nextToken,
  )
  for await (const { imageDetails = [] } of pages) images.push(...imageDetails.flatMap(observedImage))
  return images
}

/** One image as core sees it. */
function observedImage(detail: ImageDetail): ObservedImage[] {
  if (!detail.imageDigest) return []
  return [
    {
      digest: detail.imageDigest,
      tags: detail.imageTags ?? [],
      pushedAt: detail.imagePushedAt?.getTime() ?? 0,
      mediaType: detail.imageManifestMediaType,
      artifactMediaType: detail.artifactMediaType,
    },
  ]
}

async function readPlatforms(ecr: EcrApi, repositoryName: string, imageDigest: string) {
  const imageIds = [{ imageDigest }]
  const { images = [] } = await ecr.call('BatchGetImage', {
    repositoryName,
    imageIds,
    acceptedMediaTypes: MANIFESTS,
  })
  const manifest = images[0]?.imageManifest
  if (!manifest) throw new Failure('NOT_FOUND', `ECR has no image ${imageDigest} in ${repositoryName}.`)
  const reading = readManifest(manifest)
  if ('platforms' in reading) return reading.platforms
  return readImageConfig(await readBlob(ecr, repositoryName, reading.config))
}

async function readBlob(ecr: EcrApi, repositoryName: string, layerDigest: string): Promise<string> {
  const { downloadUrl } = await ecr.call('GetDownloadUrlForLayer', { repositoryName, layerDigest })
  if (!downloadUrl) throw new Failure('NOT_FOUND', `ECR gives no place to read ${layerDigest} from.`)
  return readText(downloadUrl, layerDigest)
}

async function readText(url: string, what: string): Promise<string> {
  const { body, statusCode } = await download(url, READ_TIMEOUT_MS).catch((cause: unknown) => {
    throw new Failure('UNAVAILABLE', `The image config ${what} could not be read: no answer.`, { cause })
  })
  if (statusCode >= 300) {
    const code = statusCode >= 500 ? 'UNAVAILABLE' : 'DENIED'
    throw new Failure(code, `The image config ${what} could not be read: HTTP ${statusCode}.`)
  }
  return body
}
