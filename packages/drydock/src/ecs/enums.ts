/** Values that must be one of a list: the SDK's schemas do not carry the lists, so the wire cannot check them. */
import { invalidParameter } from './errors.ts'

/** Throws InvalidParameterException for a value that is given and is not one of the model's `values`. */
export function requireOneOf(
  parameter: string,
  value: string | undefined | null,
  values: Readonly<Record<string, string>>,
): void {
  const allowed = Object.values(values)
  if (value === undefined || value === null || allowed.includes(value)) return
  throw invalidParameter(`${parameter} should be one of [${allowed.sort().join(',')}]`)
}

/** As `requireOneOf`, for what a Describe operation is asked to include. */
export function requireIncludes(
  include: readonly string[] | undefined,
  values: Readonly<Record<string, string>>,
): void {
  for (const one of include ?? []) requireOneOf('include', one, values)
}
