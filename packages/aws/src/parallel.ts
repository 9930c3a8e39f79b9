/** Work on many things at once, but not on all of them: AWS throttles who asks for everything in one moment. */

import { messageOf } from '@capstan/core/failure.ts'

/** What became of one piece of work. */
export type Settled<T> = PromiseSettledResult<T>

/** Runs `work` on every item, `most` at a time; one failure stops no other. Results are in the items' order. */
export async function settleEach<T, U>(
  items: readonly T[],
  work: (item: T) => Promise<U>,
  most = 10,
): Promise<Settled<U>[]> {
  const results: Settled<U>[] = new Array(items.length)
  const queue = items.entries()
  const worker = async () => {
    for (const [index, item] of queue) results[index] = await settled(work(item))
  }
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker))
  return results
}

async function settled<T>(promise: Promise<T>): Promise<Settled<T>> {
  const [result] = await Promise.allSettled([promise])
  return result
}

/** Of many errors so many say in the message of all what they are about. */
const MOST_TOLD = 3

/** The values, or what went wrong: the one error as it is, several as an `AggregateError`. */
export function valuesOf<T>(results: readonly Settled<T>[]): T[] {
  const errors = results.flatMap((result) => (result.status === 'rejected' ? errorsIn(result.reason) : []))
  const values = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  if (errors.length > 1) throw together(errors, errors.length + values.length)
  if (errors.length === 1) throw errors[0]
  return values
}

/** What is already several stays as many. */
const errorsIn = (reason: unknown): unknown[] => (reason instanceof AggregateError ? reason.errors : [reason])

/** The values, or the first error as it is: where all have the same cause, one of them tells it. */
export function valuesOrFirstError<T>(results: readonly Settled<T>[]): T[] {
  const rejected = results.find((result) => result.status === 'rejected')
  if (rejected) throw rejected.reason
  return valuesOf(results)
}

/** Lambda logs of an `AggregateError` its name, message and stack, and nothing of the errors in it. */
function together(errors: readonly unknown[], of: number): AggregateError {
  const reasons = [...new Set(errors.map(messageOf))]
  const more = reasons.length > MOST_TOLD ? '; …' : ''
  const told = `${errors.length} of ${of} failed: ${reasons.slice(0, MOST_TOLD).join('; ')}${more}`
  const all = new AggregateError(errors, told)
  const [name, ...others] = new Set(
    errors.map((error) => (error instanceof Error ? error.name : typeof error)),
  )
  return name === undefined || others.length ? all : Object.assign(all, { name })
}
