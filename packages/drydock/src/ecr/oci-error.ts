/** Errors of the registry protocol (OCI distribution-spec v1.1, Error Codes), with the status that each has. */
import { ECRServiceException } from '@aws-sdk/client-ecr'

const STATUS = {
  BLOB_UNKNOWN: 404,
  BLOB_UPLOAD_INVALID: 400,
  BLOB_UPLOAD_UNKNOWN: 404,
  DENIED: 403,
  DIGEST_INVALID: 400,
  MANIFEST_BLOB_UNKNOWN: 404,
  MANIFEST_INVALID: 400,
  MANIFEST_UNKNOWN: 404,
  NAME_INVALID: 400,
  NAME_UNKNOWN: 404,
  SIZE_INVALID: 400,
  TAG_INVALID: 400,
  UNAUTHORIZED: 401,
  UNSUPPORTED: 405,
} as const

export type OciCode = keyof typeof STATUS

/** An error as the distribution spec has it; `status` where it is not the usual one of its code. */
export class OciError extends Error {
  override readonly name = 'OciError'
  readonly code: OciCode
  readonly status: number
  readonly headers: Readonly<Record<string, string>>

  constructor(
    code: OciCode,
    message: string,
    more: { status?: number; headers?: Record<string, string> } = {},
  ) {
    super(message)
    this.code = code
    this.status = more.status ?? STATUS[code]
    this.headers = more.headers ?? {}
  }

  /** The body of the answer. */
  toJSON() {
    return { errors: [{ code: this.code, message: this.message }] }
  }
}

const CODES: Readonly<Record<string, OciCode>> = {
  ImageDigestDoesNotMatchException: 'DIGEST_INVALID',
  ImageTagAlreadyExistsException: 'TAG_INVALID',
  InvalidParameterException: 'MANIFEST_INVALID',
  LayersNotFoundException: 'MANIFEST_BLOB_UNKNOWN',
  ReferencedImagesNotFoundException: 'MANIFEST_BLOB_UNKNOWN',
  RepositoryNotFoundException: 'NAME_UNKNOWN',
}

/** What an error of the ECR API is in this protocol; anything else is returned as it is. */
export function ociErrorOf(error: unknown): unknown {
  const code = error instanceof ECRServiceException ? CODES[error.name] : undefined
  return code ? new OciError(code, error instanceof Error ? error.message : '') : error
}
