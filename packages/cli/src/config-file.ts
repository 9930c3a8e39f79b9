/** Where the fleet's settings are. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Failure } from '@capstan/core/failure.ts'

/** This checkout: where functions/ and examples/ are. */
export const checkout = fileURLToPath(new URL('../../..', import.meta.url))

/** The file that is named, else the one in the current folder, else this checkout's. Throws where a named one is missing. */
export function findConfig(named: string | undefined): string {
  if (named && !existsSync(named)) {
    throw new Failure(
      'INVALID_CONFIG',
      `There is no file '${named}'. Name the file that exports your fleet's settings.`,
    )
  }
  const here = resolve('capstan.config.ts')
  if (named) return resolve(named)
  return existsSync(here) ? here : join(checkout, 'capstan.config.ts')
}
