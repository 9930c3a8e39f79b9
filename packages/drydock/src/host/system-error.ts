/** Errors of the system, told by their code (errno(3)). */

/** Whether `error` is the system's error of that code: `ENOENT`. */
export const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code

/** For `.catch`: nothing where there is no such file. Rethrows any other error. */
export function noneIfMissing(error: unknown): undefined {
  if (!hasCode(error, 'ENOENT')) throw error
}
