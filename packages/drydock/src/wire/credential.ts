/**
 * Who signed a request, and for where. Signatures are not checked: any key is welcome, as on every local engine,
 * but the credential scope says which region and service the client meant.
 */
import type { IncomingHttpHeaders } from 'node:http'

const DEFAULT_REGION = 'us-east-1'
const DEFAULT_ACCOUNT = '123456789012'

export interface Credential {
  readonly accessKeyId: string
  /** The access key itself where it is 12 digits, which gives every account on one engine by choice of key. */
  readonly accountId: string
  readonly region: string
  /** The service part of the scope; absent for a request that is not signed. */
  readonly signingName?: string
}

/**
 * Reads `AKID/20260101/us-east-1/ecs/aws4_request` from the Authorization header or, in a presigned URL, from
 * `X-Amz-Credential` (SigV4: credential scope). SigV4a scopes have no region part.
 */
export function readCredential(headers: IncomingHttpHeaders, url: URL): Credential {
  const scope = /Credential=([^,\s]+)/.exec(headers.authorization ?? '')?.[1]
  const parts = (scope ?? url.searchParams.get('X-Amz-Credential') ?? '').split('/')
  const accessKeyId = parts[0] || 'anonymous'
  const region = parts.length >= 5 ? parts.at(-3) : undefined
  const signingName = parts.length >= 4 ? parts.at(-2) : undefined
  return {
    accessKeyId,
    accountId: /^\d{12}$/.test(accessKeyId) ? accessKeyId : DEFAULT_ACCOUNT,
    region: region && /^[a-z0-9-]{1,32}$/.test(region) ? region : DEFAULT_REGION,
    ...(signingName && { signingName }),
  }
}
