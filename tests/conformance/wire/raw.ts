/** Requests as no SDK would send them. */
import { once } from 'node:events'
import { type Agent, type IncomingMessage, request } from 'node:http'
import { buffer } from 'node:stream/consumers'

export interface RawRequest {
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

export interface RawResponse {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** Sends a request as it is, on one of the agent's connections if there is one. */
export async function send(endpoint: string, raw: RawRequest, agent?: Agent): Promise<RawResponse> {
  const { method = 'POST', path = '/', headers = {}, body } = raw
  const { hostname, port } = new URL(endpoint)
  const call = request({ hostname, port, method, path, headers, ...(agent && { agent }) })
  call.end(body)
  const [response] = (await once(call, 'response')) as [IncomingMessage]
  return { status: response.statusCode ?? 0, headers: response.headers, body: String(await buffer(response)) }
}

/** The Authorization header of a service in a region; the signature is nonsense, and nobody looks. */
export const authorization = (signingName: string, region = 'us-east-1') =>
  `AWS4-HMAC-SHA256 Credential=AKIDLOCAL/20260101/${region}/${signingName}/aws4_request, SignedHeaders=host, Signature=0`

/** The headers of an awsJson 1.1 request to ECS. */
export const ecsHeaders = (operation: string) => ({
  'content-type': 'application/x-amz-json-1.1',
  'x-amz-target': `AmazonEC2ContainerServiceV20141113.${operation}`,
})
