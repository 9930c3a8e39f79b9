/** What AWS no longer knows is no failure where it may be deleted at any moment. */
import { Failure } from '@capstan/core/failure.ts'

/** What was asked for, or nothing where it, or what it belongs to, has been deleted in between. */
export async function noneIfGone<T>(asked: Promise<T[]>): Promise<T[]> {
  return insteadIfGone(asked, [])
}

/** What was asked for, or `instead` where AWS does not know it (any more). */
export async function insteadIfGone<T, I>(asked: Promise<T>, instead: I): Promise<T | I> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof Failure && error.code === 'NOT_FOUND') return instead
    throw error
  }
}
