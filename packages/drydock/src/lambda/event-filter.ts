/** Filters of event source mappings: patterns as EventBridge's, over a message's record with its body read. */
import { flattenEvent, matchesPattern } from '../event-pattern/match.ts'
import { compilePattern, type Pattern } from '../event-pattern/pattern.ts'
import { parseJson, parseRecord } from '../json.ts'
import type { SqsRecord } from './sqs-event.ts'

/** A compiled filter, and what it asks of the body: text, fields of its JSON, or nothing. */
interface Filter {
  readonly pattern: Pattern
  readonly body: 'text' | 'json' | 'any'
}

/** Compiles a filter's pattern. Throws InvalidPattern. */
export function compileFilter(json: string): Filter {
  const body = parseRecord(json)?.body
  return {
    pattern: compilePattern(json),
    body: body === undefined ? 'any' : Array.isArray(body) ? 'text' : 'json',
  }
}

/**
 * Whether a message passes one of `filters` at least; without any, it does. A pattern of text never fits a body that is
 * JSON, and one of fields never a body that is not (Lambda Developer Guide, Control which events Lambda sends to your
 * function).
 */
export function passesFilters(record: SqsRecord, filters: readonly Filter[]): boolean {
  if (!filters.length) return true
  const parsed = parseJson(record.body)
  const isJson = typeof parsed === 'object' && parsed !== null
  const event = flattenEvent({ ...record, body: isJson ? parsed : record.body })
  return filters.some(
    ({ pattern, body }) => (body === 'any' || (body === 'json') === isJson) && matchesPattern(pattern, event),
  )
}
