/** Someone who looks at the page again and again, as users do, and remembers what came. */
import { setTimeout as wait } from 'node:timers/promises'
import type { Answer } from '../ask.ts'

/** What a visitor saw in a stretch of time. */
export interface Visit {
  readonly asked: number
  /** Answers that were not 200, connections that failed too. */
  readonly bad: number
  /** From the first bad answer to the last one (ms). */
  readonly badForMs: number
}

export interface Visitor {
  /** What was seen since the last call. */
  take(): Visit
  leave(): void
}

const LOOKS_EVERY_MS = 100

/** Sends one request after the other with `look`, ten a second at most, until it leaves. */
export function startVisitor(look: () => Promise<Answer>): Visitor {
  let seen: { at: number; isGood: boolean }[] = []
  const leaving = new AbortController()
  const visit = async () => {
    while (!leaving.signal.aborted) {
      const isGood = await look().then(
        ({ status }) => status === 200,
        () => false,
      )
      if (!leaving.signal.aborted) seen.push({ at: Date.now(), isGood })
      await wait(LOOKS_EVERY_MS)
    }
  }
  void visit()
  return {
    take() {
      const bad = seen.filter(({ isGood }) => !isGood)
      const taken = {
        asked: seen.length,
        bad: bad.length,
        badForMs: (bad.at(-1)?.at ?? 0) - (bad[0]?.at ?? 0),
      }
      seen = []
      return taken
    },
    leave: () => leaving.abort(),
  }
}
