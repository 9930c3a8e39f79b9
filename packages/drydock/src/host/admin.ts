/**
 * The engine's own paths: health, state, reset. No program but the user's own, and no page but the engine's own, may
 * call them.
 */
import type { IncomingMessage, RequestListener } from 'node:http'
import type { InterruptionCause } from '../ecs/effects.ts'
import { isRecord } from '../json.ts'
import { refuse } from './browsers.ts'

export interface AdminOptions {
  /** The host that the engine was told to listen on: it may be called by that name as well. */
  readonly host: string
  readonly health: () => object
  readonly state: () => unknown
  /** Which actions each role has used, allowed or denied. */
  readonly accessUsage: () => unknown
  readonly reset: () => Promise<void>
  /** Takes a task's host from it; resolves with why that cannot be. */
  readonly interrupt: Interrupt
  readonly onFault: (error: unknown, what: string) => void
}

/** Why a task cannot be interrupted: there is none (`missing`), or another reason in words. */
export type Interrupt = (
  taskArn: string,
  cause: InterruptionCause,
) => Promise<'missing' | { readonly refusal: string } | undefined>

interface Answer {
  readonly status: number
  readonly body: unknown
}

/** Answers `GET /_drydock/health`, `GET …/state`, `GET …/iam/usage`, `POST …/reset` and `POST …/tasks/<arn>/interrupt` in JSON. */
export function admin(options: AdminOptions): RequestListener {
  return (request, reply) => {
    answer(options, request)
      .catch((error: unknown) => {
        options.onFault(error, `${request.method} ${request.url}`)
        return { status: 500, body: { message: 'The engine failed to do this; its output says why.' } }
      })
      .then(({ status, body }) => {
        request.resume()
        reply.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`)
      })
      .catch((error: unknown) => options.onFault(error, 'answering'))
  }
}

async function answer(options: AdminOptions, request: IncomingMessage): Promise<Answer> {
  const refusal = refuse(request, options.host)
  if (refusal) return { status: 403, body: { message: refusal } }
  const path = request.url?.split('?')[0]
  switch (`${request.method} ${path}`) {
    case 'GET /_drydock/health':
      return { status: 200, body: options.health() }
    case 'GET /_drydock/state':
      return { status: 200, body: options.state() }
    case 'GET /_drydock/iam/usage':
      return { status: 200, body: options.accessUsage() }
    case 'POST /_drydock/reset':
    case 'POST /moto-api/reset':
      await options.reset()
      return { status: 200, body: { status: 'ok' } }
  }
  const taskArn = /^\/_drydock\/tasks\/(.+)\/interrupt$/.exec(path ?? '')?.[1]
  if (request.method === 'POST' && taskArn) return interrupt(options, taskArn, request)
  return { status: 404, body: { message: `There is no ${request.method} ${path} here.` } }
}

/** More than any request to this path needs. */
const MOST_BYTES = 10_000

async function interrupt(options: AdminOptions, taskArn: string, request: IncomingMessage): Promise<Answer> {
  const cause = causeOf(await textOf(request))
  if (!cause)
    return { status: 400, body: { message: `The body must be {"cause":"spot"} or {"cause":"host"}.` } }
  const problem = await options.interrupt(decoded(taskArn), cause)
  if (problem === 'missing') return { status: 404, body: { message: 'No task of that ARN runs here.' } }
  if (problem) return { status: 409, body: { message: problem.refusal } }
  return { status: 200, body: { status: 'ok' } }
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) if (text.length < MOST_BYTES) text += chunk
  return text
}

function causeOf(text: string): InterruptionCause | undefined {
  try {
    const body: unknown = JSON.parse(text)
    const cause = isRecord(body) ? body.cause : undefined
    return cause === 'spot' || cause === 'host' ? cause : undefined
  } catch {
    return undefined
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
