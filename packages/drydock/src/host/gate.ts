/** Lets requests wait while something is done that none of them may see half of. */
import type { RequestListener } from 'node:http'

export interface Gate {
  /** Lets requests wait until `work` is done; one work at a time. */
  closedFor(work: () => Promise<void>): Promise<void>
  /** The listener behind the gate. */
  held(listener: RequestListener): RequestListener
}

/** An open gate. */
export function createGate(): Gate {
  let last = Promise.resolve()
  let waiting = 0
  return {
    async closedFor(work) {
      waiting++
      // A work that failed is its caller's to deal with; the next one is done all the same.
      last = last
        .catch(() => {})
        .then(work)
        .finally(() => waiting--)
      await last
    },
    held: (listener) => (request, reply) => {
      if (!waiting) listener(request, reply)
      else void last.catch(() => {}).then(() => listener(request, reply))
    },
  }
}
