/**
 * The registry under `/v2/`: the OCI distribution protocol (distribution-spec v1.1) as Amazon ECR speaks it. It reads
 * ECR's state and changes it only through ECR's operations and reports, so that events come from one place.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Engine } from '../engine.ts'
import type { Blobs } from '../host/blobs.ts'
import type { Scope } from '../service.ts'
import { type Exchange, type Route, sendJson, sendNames } from './exchange.ts'
import { OciError, ociErrorOf } from './oci-error.ts'
import { blobRoutes } from './registry-blobs.ts'
import { manifestRoutes } from './registry-manifests.ts'
import { uploadRoutes } from './registry-uploads.ts'
import { type Claims, readToken } from './token.ts'

const routes: readonly Route[] = [
  { path: /^\/v2\/?$/, methods: { GET: ping, HEAD: ping } },
  { path: /^\/v2\/_catalog$/, methods: { GET: catalog } },
  ...uploadRoutes,
  ...blobRoutes,
  ...manifestRoutes,
]

export interface RegistryOptions {
  /** Told of failures that are no answer of a registry: a full disk, a bug. */
  readonly onFault?: (error: unknown, what: string) => void
}

/** Answers everything under `/v2/`. */
export function registry(engine: Engine, blobs: Blobs, options: RegistryOptions = {}): RequestListener {
  return (request, response) => {
    answer(request, response, engine, blobs).catch((error: unknown) =>
      refuse(request, response, error, options),
    )
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  engine: Engine,
  blobs: Blobs,
): Promise<void> {
  response.setHeader('docker-distribution-api-version', 'registry/2.0')
  const url = new URL(request.url ?? '/', 'http://registry')
  await engine.load('ecr')
  const scope = authenticate(request, url, engine)
  const pathname = decode(url.pathname)
  for (const { path, methods } of routes) {
    const groups = path.exec(pathname)?.slice(1)
    if (!groups) continue
    const run = methods[request.method ?? '']
    if (!run) throw new OciError('UNSUPPORTED', `${request.method} is not supported here`)
    await run({ request, response, url, engine, blobs, scope }, ...groups)
    return
  }
  throw new OciError('UNSUPPORTED', 'There is nothing at this path', { status: 404 })
}

function decode(pathname: string): string {
  try {
    return decodeURIComponent(pathname)
  } catch {
    throw new OciError('NAME_INVALID', `'${pathname}' is not a path`)
  }
}

/** Answers with an error; where an answer is under way already, the connection is all that is left to end. */
function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  cause: unknown,
  options: RegistryOptions,
): void {
  const error = ociErrorOf(cause)
  const isKnown = error instanceof OciError
  if (!isKnown && !request.destroyed && !response.destroyed)
    options.onFault?.(error, `${request.method} ${request.url}`)
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  request.resume() // what is left of the body, so that the client gets to read the answer
  const body = isKnown ? error.toJSON() : { errors: [{ code: 'UNKNOWN', message: 'The registry failed' }] }
  sendJson(response, isKnown ? error.status : 500, body, isKnown ? error.headers : {})
}

/**
 * The account and region that a request may work in, by the user `AWS` and a token of GetAuthorizationToken, or by the
 * token of a download address. A host such as `210987654321.dkr.ecr.eu-west-1.…` must be the token's own.
 */
function authenticate(request: IncomingMessage, url: URL, engine: Engine): Scope {
  const token = url.searchParams.get('token') ?? passwordOf(request)
  const claims = token === undefined ? undefined : readToken(token, (scope) => tokenKeyIn(engine, scope))
  if (!claims || !isFor(claims, request, url)) throw unauthorized(engine)
  if (claims.expiresAt <= engine.clock.now()) {
    throw new OciError('DENIED', 'Your authorization token has expired. Reauthenticate and try again.')
  }
  return { accountId: claims.accountId, region: claims.region }
}

/** The key of a scope that is there: a forged token must not make a new one. */
function tokenKeyIn(engine: Engine, scope: Scope): string | undefined {
  const isThere = engine
    .snapshot()
    .some(
      (home) =>
        home.name === 'ecr' && home.scope.accountId === scope.accountId && home.scope.region === scope.region,
    )
  return isThere ? engine.state('ecr', scope).tokenKey : undefined
}

function isFor(claims: Claims, request: IncomingMessage, url: URL): boolean {
  const [, name, digest] = /^\/v2\/(.+)\/blobs\/([^/]+)$/.exec(url.pathname) ?? []
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  if (claims.blob !== undefined && !(isRead && claims.blob === `${name}@${digest}`)) return false
  const [, accountId, region] = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\./.exec(request.headers.host ?? '') ?? []
  return accountId === undefined || (accountId === claims.accountId && region === claims.region)
}

function passwordOf(request: IncomingMessage): string | undefined {
  const [, credentials] = /^Basic (\S+)$/i.exec(request.headers.authorization ?? '') ?? []
  const [user, password] = Buffer.from(credentials ?? '', 'base64')
    .toString()
    .split(/:(.*)/s)
  return user === 'AWS' ? password : undefined
}

function unauthorized(engine: Engine): OciError {
  const realm = `Basic realm="${engine.endpoint}/",service="ecr.amazonaws.com"`
  return new OciError('UNAUTHORIZED', 'Not Authorized', { headers: { 'www-authenticate': realm } })
}

function ping({ response }: Exchange): void {
  sendJson(response, 200, {})
}

function catalog(exchange: Exchange): void {
  const names = Object.keys(exchange.engine.state('ecr', exchange.scope).repositories)
  sendNames(exchange, names, (repositories) => ({ repositories }))
}
