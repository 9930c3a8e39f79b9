/** What a load balancer answers by itself: errors, redirects and fixed responses. */
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'

export interface OwnAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const SERVER = 'awselb/2.0'

/** An error page of the load balancer, with a line that says why, where that helps. */
export function errorAnswer(status: number, why = ''): OwnAnswer {
  const title = `${status} ${STATUS_CODES[status] ?? ''}`.trim()
  const body = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n${
    why && `<p>${why}</p>\r\n`
  }</body>\r\n</html>\r\n`
  return { status, headers: { server: SERVER, 'content-type': 'text/html' }, body }
}

export function redirectAnswer(status: number, location: string): OwnAnswer {
  return { status, headers: { server: SERVER, location, 'content-type': 'text/html' }, body: '' }
}

export function fixedAnswer(status: number, contentType: string, body: string): OwnAnswer {
  return { status, headers: { server: SERVER, 'content-type': `${contentType}; charset=utf-8` }, body }
}

/** Sends it, reading away what the client may still send. */
export function sendAnswer(request: IncomingMessage, reply: ServerResponse, answer: OwnAnswer): void {
  request.resume()
  const length = String(Buffer.byteLength(answer.body))
  reply.writeHead(answer.status, { ...answer.headers, 'content-length': length })
  reply.end(request.method === 'HEAD' ? undefined : answer.body)
}

/** The answer as bytes, for a connection that was to be upgraded. */
export function rawAnswer({ status, headers, body }: OwnAnswer): string {
  const all = { ...headers, 'content-length': String(Buffer.byteLength(body)), connection: 'close' }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${body}`
}
