/** Scalars as text, the way query parameters, headers and path labels carry them (Smithy 2.0: http bindings). */
import type { NormalizedSchema } from '@smithy/core/schema'
import { NumericValue } from '@smithy/core/serde'

/** The schema of a timestamp is its format; 4 means that the place where it stands decides. */
const TIMESTAMP = { DEFAULT: 4, HTTP_DATE: 6, EPOCH_SECONDS: 7 }

/** Reads a scalar. What is not of its type stays text, for the validation to refuse; a bad number of digits throws. */
export function fromText(schema: NormalizedSchema, text: string): unknown {
  if (schema.isBooleanSchema()) return booleanFrom(text)
  if (schema.isNumericSchema()) return numberFrom(text)
  if (schema.isBigIntegerSchema()) return BigInt(text)
  if (schema.isBigDecimalSchema()) return new NumericValue(text, 'bigDecimal')
  if (schema.isBlobSchema()) return Buffer.from(text, 'base64')
  if (schema.isTimestampSchema()) return new Date(/^-?[\d.]+$/.test(text) ? Number(text) * 1000 : text)
  return text
}

/** Writes a scalar for a header. */
export function toText(schema: NormalizedSchema, value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  return value instanceof Date ? dateText(schema, value) : String(value)
}

function booleanFrom(text: string): unknown {
  if (text === 'true') return true
  return text === 'false' ? false : text
}

function numberFrom(text: string): unknown {
  const isNumber = text === 'NaN' || (text.trim() !== '' && !Number.isNaN(Number(text)))
  return isNumber ? Number(text) : text
}

function dateText(schema: NormalizedSchema, value: Date): string {
  const format = schema.getSchema()
  if (format === TIMESTAMP.EPOCH_SECONDS) return String(value.getTime() / 1000)
  if (format === TIMESTAMP.HTTP_DATE || format === TIMESTAMP.DEFAULT) return value.toUTCString()
  return value.toISOString().replace('.000Z', 'Z')
}
