/**
 * Signs a call, sends it, and makes it again where AWS says "not now", as the SDK's standard mode does
 * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html): signing, sending and the patience are the
 * SDK's own parts.
 */
import { randomUUID } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { isThrottlingError, isTransientError, StandardRetryStrategy } from '@smithy/core/retry'
import { Hash } from '@smithy/core/serde'
import { HttpRequest } from '@smithy/core/transport'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { SignatureV4 } from '@smithy/signature-v4'
import type { RetryErrorType } from '@smithy/types'
import type { CredentialsProvider } from './credentials.ts'
import type { Protocol, WireRequest, WireResponse } from './protocol.ts'
import { ServiceError } from './service-error.ts'
import type { Service } from './services.ts'

/** Where calls go, and in whose name. */
export interface Caller {
  readonly region: () => Promise<string>
  /** Another place than AWS. */
  readonly endpoint?: string
  readonly credentials: CredentialsProvider
}

export interface ConnectionOptions {
  /** A call is made so many times at most; three unless told. */
  readonly maxAttempts?: number
}

/** Makes one call of an operation and resolves with its answer. Rejects with `ServiceError`, or with Node's error of a socket. */
export type Connection = (operation: string, input: object) => Promise<object>

class Sha256 extends Hash {
  constructor(secret?: ConstructorParameters<typeof Hash>[1]) {
    super('sha256', secret)
  }
}

/** Connections are kept open, and all calls of a process share them. */
const http = new NodeHttpHandler({})

/** Connects to a service. Nothing is sent before the first call. */
export function connectTo(
  service: Service,
  caller: Caller,
  { maxAttempts = 3 }: ConnectionOptions = {},
): Connection {
  const { protocol, tokens = {} } = service
  const retries = new StandardRetryStrategy({ maxAttempts })
  return async (operation, input) => {
    const token = tokens[operation]
    // One for all attempts: an answer that was lost is no reason to do the same twice.
    const request = protocol.write(
      operation,
      token === undefined ? input : { [token]: randomUUID(), ...input },
    )
    for (let turn = await retries.acquireInitialRetryToken(service.signingName); ; ) {
      try {
        const answer = readAnswer(protocol, operation, await sendOnce(service, caller, request))
        retries.recordSuccess(turn)
        return answer
      } catch (error) {
        turn = await retries.refreshRetryTokenForRetry(turn, { errorType: kindOf(error) }).catch(() => {
          throw error
        })
      }
    }
  }
}

/**
 * What is at a URL that a service gave, which is signed already. Rejects with the socket's error, and after `timeoutMs` with an
 * `AbortError`. Node's own `fetch` would load another HTTP client: some 20 ms of a cold start.
 */
export async function download(url: string, timeoutMs: number): Promise<WireResponse> {
  const request = addressed({ method: 'GET', path: '', headers: {} }, new URL(url))
  return exchange(request, AbortSignal.timeout(timeoutMs))
}

async function exchange(request: HttpRequest, abortSignal?: AbortSignal): Promise<WireResponse> {
  const { response } = await http.handle(request, { ...(abortSignal && { abortSignal }) })
  return { statusCode: response.statusCode, headers: response.headers, body: await text(response.body) }
}

function kindOf(error: unknown): RetryErrorType {
  if (!(error instanceof Error)) return 'CLIENT_ERROR'
  // The SDK's own questions, which look at names, codes and status alone.
  const asked = error as Parameters<typeof isThrottlingError>[0]
  if (isThrottlingError(asked)) return 'THROTTLING'
  return isTransientError(asked) ? 'TRANSIENT' : 'CLIENT_ERROR'
}

async function sendOnce(service: Service, caller: Caller, request: WireRequest): Promise<WireResponse> {
  const region = await caller.region()
  const { endpoint, signedFor } = service.at(region)
  const signer = new SignatureV4({
    service: service.signingName,
    region: signedFor,
    credentials: caller.credentials,
    sha256: Sha256,
  })
  const signed = await signer.sign(addressed(request, new URL(caller.endpoint ?? endpoint)))
  return exchange(new HttpRequest(signed))
}

/** Lambda finds functions that call each other for ever by this header (https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html). */
const trace = () => process.env._X_AMZN_TRACE_ID

function addressed({ method, path, query = {}, headers, body }: WireRequest, url: URL): HttpRequest {
  const traceId = trace()
  return new HttpRequest({
    protocol: url.protocol,
    hostname: url.hostname,
    ...(url.port && { port: Number(url.port) }),
    method,
    path: url.pathname.replace(/\/$/, '') + path || '/',
    query: { ...Object.fromEntries(url.searchParams), ...query },
    headers: {
      ...headers,
      host: url.host,
      'user-agent': 'capstan',
      ...(traceId && { 'x-amzn-trace-id': traceId }),
      ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
    },
    body,
  })
}

/** The answer; throws the error that it says. */
function readAnswer(protocol: Protocol, operation: string, response: WireResponse): object {
  const failed = response.statusCode >= 300
  try {
    if (!failed) return protocol.read(operation, response)
  } catch (cause) {
    throw unreadable(response, cause)
  }
  throw errorOf(protocol, response)
}

function errorOf(protocol: Protocol, response: WireResponse): ServiceError {
  try {
    return new ServiceError(protocol.readError(response), metadataOf(response))
  } catch (cause) {
    return unreadable(response, cause)
  }
}

function metadataOf({ headers, statusCode }: WireResponse): ServiceError['$metadata'] {
  const requestId = headers['x-amzn-requestid'] ?? headers['x-amz-request-id']
  return { httpStatusCode: statusCode, ...(requestId !== undefined && { requestId }) }
}

/** Something between here and AWS answered, or cut an answer short. */
function unreadable(response: WireResponse, cause: unknown): ServiceError {
  const begins = response.body.slice(0, 80).replaceAll(/\s+/g, ' ')
  const message = `HTTP ${response.statusCode} with a body that cannot be read: ${begins}`
  return new ServiceError({ code: 'UnreadableResponse', message, details: {} }, metadataOf(response), {
    cause,
  })
}
