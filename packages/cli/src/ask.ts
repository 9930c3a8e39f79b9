/** Asks a program at this machine by another name than its address: names that end in .localhost resolve in browsers and
 * curl, not in every resolver. */
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'

export interface Answer {
  readonly status: number
  readonly text: string
}

/** GET `path` at `endpoint`, with `host` as the Host it is asked for. Rejects where nothing answers. */
export async function ask(endpoint: string, path: string, host = new URL(endpoint).host): Promise<Answer> {
  // A connection of its own: a kept one goes to the same task.
  const request = get(new URL(path, endpoint), { headers: { host }, agent: false })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return { status: response.statusCode ?? 0, text: await text(response) }
}
