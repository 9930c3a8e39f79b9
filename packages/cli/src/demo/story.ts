/** Tells a story step by step, and what was observed for each: a step that is not observed ends it. */
import { Failure } from '@capstan/core/failure.ts'

export interface Story {
  /** Does a step, which tells what it saw, and returns its value. What it throws ends the story. */
  step<T>(title: string, see: (tell: (saw: string) => void) => Promise<T>): Promise<T>
}

/** A story that is written line by line with `write`. */
export function tellTo(write: (line: string) => void): Story {
  const started = Date.now()
  const tell = (saw: string) => {
    const seconds = ((Date.now() - started) / 1000).toFixed(1).padStart(5)
    for (const line of saw.split('\n')) write(`  ${seconds} s  ${line}`)
  }
  return {
    step(title, see) {
      write(`\n▸ ${title}`)
      return see(tell)
    },
  }
}

/** Throws where what was seen is not what the story tells. */
export function expectSeen(what: string, seen: unknown, expected: unknown): void {
  if (seen === expected) return
  throw new Failure(
    'UNAVAILABLE',
    `The story ends here: ${what} is ${JSON.stringify(seen)}, not ${JSON.stringify(expected)}.`,
  )
}
