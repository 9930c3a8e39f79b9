/** Dimensions as the API has them and as they are kept. */
import type { Dimension } from '@aws-sdk/client-cloudwatch'
import { invalidValue, violation } from './errors.ts'
import type { Dimensions } from './state.ts'

/** API Reference, MetricDatum: "up to 30 dimensions". */
const MOST_DIMENSIONS = 30

/** Reads dimensions. Throws InvalidParameterValue or ValidationException for what CloudWatch refuses. */
export function dimensionsOf(given: readonly Dimension[] = []): Dimensions {
  if (given.length > MOST_DIMENSIONS)
    throw violation(given.length, 'dimensions', `have length less than or equal to ${MOST_DIMENSIONS}`)
  const names = new Set(given.map(({ Name }) => Name))
  if (names.size < given.length) throw invalidValue('No parameter may be repeated: Dimensions.')
  return Object.fromEntries(given.map(({ Name = '', Value = '' }) => [assertName(Name), assertValue(Value)]))
}

function assertName(name: string): string {
  if (!/^[!-9;-~][ -~]{0,254}$/.test(name) || !name.trim())
    throw invalidValue(
      `The dimension name '${name}' must be 1 to 255 ASCII characters and not start with ':'.`,
    )
  return name
}

function assertValue(value: string): string {
  if (!/^[ -~]{1,1024}$/.test(value) || !value.trim())
    throw invalidValue(`The dimension value '${value}' must be 1 to 1024 ASCII characters, not all blank.`)
  return value
}

/** The list form, sorted by name. */
export function listDimensions(dimensions: Dimensions): { Name: string; Value: string }[] {
  return Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }))
}
