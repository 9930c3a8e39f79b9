/** What the parts of the registry have in common: a request under way, and the usual answers. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Engine } from '../engine.ts'
import type { Blobs } from '../host/blobs.ts'
import type { Scope } from '../service.ts'
import { repositoryNotFound } from './errors.ts'
import { ociErrorOf } from './oci-error.ts'
import { findRepository, type StoredRepository } from './state.ts'

/** One request and all that answering it takes. */
export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly url: URL
  readonly engine: Engine
  readonly blobs: Blobs
  readonly scope: Scope
}

/** A path, and what each method does there. Groups of the path are handed on in order. */
export interface Route {
  readonly path: RegExp
  readonly methods: Readonly<
    Record<string, (exchange: Exchange, ...groups: string[]) => void | Promise<void>>
  >
}

/** Sends JSON. Node leaves the body out where the request was HEAD. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  const bytes = Buffer.from(JSON.stringify(body))
  response.writeHead(status, {
    'content-type': 'application/json',
    ...headers,
    'content-length': bytes.byteLength,
  })
  response.end(bytes)
}

/** Sends one page of names, with the address of the next (distribution-spec: Listing Tags). */
export function sendNames(
  { url, response }: Exchange,
  names: string[],
  body: (names: string[]) => object,
): void {
  const count = url.searchParams.get('n')
  const last = url.searchParams.get('last')
  const rest = names.toSorted().filter((name) => last === null || name > last)
  const limit = count === null || !/^\d+$/.test(count) ? 1000 : Math.min(Number(count), 1000)
  const shown = rest.slice(0, limit)
  const query = new URLSearchParams({ n: String(limit), last: shown.at(-1) ?? '' })
  const link = rest.length > limit && limit > 0 ? { link: `<${url.pathname}?${query}>; rel="next"` } : {}
  sendJson(response, 200, body(shown), link)
}

/** The repository called `name`. Throws NAME_UNKNOWN: ECR makes no repository because something is pushed to it. */
export function repositoryAt({ engine, scope }: Exchange, name: string): StoredRepository {
  const repository = findRepository(engine.state('ecr', scope), name)
  if (!repository) throw ociErrorOf(repositoryNotFound(name, scope.accountId))
  return repository
}
