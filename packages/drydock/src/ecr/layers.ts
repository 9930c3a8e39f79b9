/** Layers through the API: asked for, uploaded in parts, downloaded. Their bytes lie with the host. */
import * as client from '@aws-sdk/client-ecr'
import type { Handlers } from '../wire/handlers.ts'
import { tokenKeyOf } from './authorization.ts'
import { isDigest, repositoryOf, requireLength } from './constraints.ts'
import { invalidParameter, layerNotFound, uploadNotFound } from './errors.ts'
import type { EcrOperationContext, LayerUpload, StoredRepository } from './state.ts'
import { writeToken } from './token.ts'

const $metadata = {}
/** What ECR tells uploaders to send at once, 20 MiB, and the least it takes of a part that is not the last. */
const PART_BYTES = 20 * 1024 * 1024
const LEAST_PART_BYTES = 5 * 1024 * 1024
/** Addresses of layers are good for one hour, as ECR's are. */
const DOWNLOAD_MS = 3_600_000
const LAYER_MEDIA_TYPE = 'application/vnd.docker.image.rootfs.diff.tar.gzip'

export const layerOperations = {
  BatchCheckLayerAvailability(input, context) {
    const repository = repositoryOf(input, context)
    const digests = input.layerDigests ?? []
    requireLength('layerDigests', digests.length, 1, 100)
    const valid = digests.filter(isDigest)
    const failures = digests.filter((digest) => !isDigest(digest)).map(invalidDigest)
    return { layers: valid.map((digest) => describe(repository, digest)), failures }
  },

  GetDownloadUrlForLayer(input, context) {
    const repository = repositoryOf(input, context)
    const digest = input.layerDigest ?? ''
    requireDigest('layerDigest', digest)
    if (!Object.hasOwn(repository.layers, digest)) throw layerNotFound(digest, repository.name, context)
    const { accountId, region } = context
    const blob = `${repository.name}@${digest}`
    const token = writeToken(
      { accountId, region, expiresAt: context.now + DOWNLOAD_MS, blob },
      tokenKeyOf(context),
    )
    return {
      downloadUrl: `${context.endpoint}/v2/${repository.name}/blobs/${digest}?token=${token}`,
      layerDigest: digest,
    }
  },

  InitiateLayerUpload(input, context) {
    const repository = repositoryOf(input, context)
    const uploadId = context.newUuid()
    repository.uploads[uploadId] = { receivedBytes: 0, lastPartBytes: 0, hasSmallPart: false }
    return { uploadId, partSize: PART_BYTES }
  },

  UploadLayerPart(input, context) {
    const repository = repositoryOf(input, context)
    const { uploadId = '', layerPartBlob: part = new Uint8Array() } = input
    const upload = uploadOf(repository, uploadId, context)
    requirePart(input, upload, repository, context)
    upload.hasSmallPart ||= upload.receivedBytes > 0 && upload.lastPartBytes < LEAST_PART_BYTES
    context.ask({ kind: 'append-layer-part', uploadId, firstByte: upload.receivedBytes, part })
    upload.receivedBytes += part.byteLength
    upload.lastPartBytes = part.byteLength
    const lastByteReceived = upload.receivedBytes - 1
    return { registryId: context.accountId, repositoryName: repository.name, uploadId, lastByteReceived }
  },

  CompleteLayerUpload: completeUpload,
} satisfies Partial<Handlers<typeof client, EcrOperationContext>>

const invalidDigest = (digest: string): client.LayerFailure => ({
  layerDigest: digest,
  failureCode: 'InvalidLayerDigest',
  failureReason: `Invalid request parameters: layer digest '${digest}' is not a SHA-256 digest`,
})

function describe(repository: StoredRepository, digest: string): client.Layer {
  const size = Object.hasOwn(repository.layers, digest) ? repository.layers[digest] : undefined
  if (size === undefined) return { layerDigest: digest, layerAvailability: 'UNAVAILABLE' }
  return { layerDigest: digest, layerAvailability: 'AVAILABLE', layerSize: size, mediaType: LAYER_MEDIA_TYPE }
}

function requireDigest(parameter: string, digest: string): void {
  const constraint = `must satisfy regular expression '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'`
  if (!isDigest(digest)) throw invalidParameter(parameter, constraint)
}

function uploadOf(repository: StoredRepository, uploadId: string, context: EcrOperationContext): LayerUpload {
  const upload = Object.hasOwn(repository.uploads, uploadId) ? repository.uploads[uploadId] : undefined
  if (!upload) throw uploadNotFound(uploadId, repository.name, context)
  return upload
}

/** Parts follow one another without a gap (ECR API reference: UploadLayerPart). */
function requirePart(
  input: Pick<client.UploadLayerPartRequest, 'uploadId' | 'partFirstByte' | 'partLastByte'> & {
    layerPartBlob: Uint8Array | undefined
  },
  upload: LayerUpload,
  repository: StoredRepository,
  { accountId }: EcrOperationContext,
): void {
  const { partFirstByte: first = -1, partLastByte: last = -1 } = input
  if (first < 0) throw invalidParameter('partFirstByte', 'Member must have value greater than or equal to 0')
  if (last < 0) throw invalidParameter('partLastByte', 'Member must have value greater than or equal to 0')
  const length = input.layerPartBlob?.byteLength ?? 0
  if (first === upload.receivedBytes && length === last - first + 1) return
  const message = `The layer part from byte ${first} to ${last} does not follow the ${upload.receivedBytes} bytes received or is not ${length} bytes long`
  throw new client.InvalidLayerPartException({
    message,
    $metadata,
    registryId: accountId,
    repositoryName: repository.name,
    uploadId: input.uploadId,
    lastValidByteReceived: upload.receivedBytes - 1,
  })
}

/** Answers when the host has checked the bytes against the digest. */
function completeUpload(
  input: client.CompleteLayerUploadRequest,
  context: EcrOperationContext,
): Promise<client.CompleteLayerUploadResponse> {
  const repository = repositoryOf(input, context)
  const { uploadId = '', layerDigests = [] } = input
  const upload = uploadOf(repository, uploadId, context)
  requireLength('layerDigests', layerDigests.length, 1, 100)
  const [digest = ''] = layerDigests
  requireDigest('layerDigests', digest)
  if (!upload.receivedBytes) {
    const message = `The layer upload with id '${uploadId}' does not contain any layer parts`
    throw new client.EmptyUploadException({ message, $metadata })
  }
  if (upload.hasSmallPart) {
    const message = `Layer parts must be at least ${LEAST_PART_BYTES} bytes in size, except the last one`
    throw new client.LayerPartTooSmallException({ message, $metadata })
  }
  if (Object.hasOwn(repository.layers, digest)) {
    const message = `The layer with digest '${digest}' already exists in the repository with name '${repository.name}'`
    throw new client.LayerAlreadyExistsException({ message, $metadata })
  }
  context.ask({ kind: 'complete-layer-upload', repositoryName: repository.name, uploadId, digest })
  return context.defer<client.CompleteLayerUploadResponse>(completionOf(uploadId))
}

/** The id under which the answer to CompleteLayerUpload waits. */
export const completionOf = (uploadId: string) => `complete-layer-upload/${uploadId}`
