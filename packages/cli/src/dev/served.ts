/** Waits for a page, as a person would: by asking until it answers. */
import { setTimeout as wait } from 'node:timers/promises'
import { Failure } from '@capstan/core/failure.ts'

const GIVE_UP_AFTER_MS = 60_000
const ASK_EVERY_MS = 100

/** Resolves with the body when `url` answers 200. Throws a Failure with the last answer after a minute. */
export async function untilServed(
  url: string,
  isIt: (body: string) => boolean = () => true,
): Promise<string> {
  const giveUp = Date.now() + GIVE_UP_AFTER_MS
  for (;;) {
    const response = await fetch(url).catch((error: Error) => new Response(error.message, { status: 502 }))
    const body = await response.text()
    if (response.ok && isIt(body)) return body
    if (Date.now() > giveUp) {
      throw new Failure(
        'UNAVAILABLE',
        `${url} does not serve; its last answer was ${response.status} ${body.slice(0, 300)}`,
      )
    }
    await wait(ASK_EVERY_MS)
  }
}
