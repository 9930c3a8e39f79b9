/** What a function's answer says of the messages that it got. */
import { isRecord, parseJson } from '../json.ts'
import type { SqsRecord } from './sqs-event.ts'

/**
 * The records that were processed, and can be deleted. Without `reportsItemFailures` an answer is a success of all.
 * Empty and null answers and lists are a success too; an answer that is no object, a list that is none, an entry without a proper identifier and an
 * identifier that is of no record fail all. `payload` is the answer's JSON text.
 * Source: Lambda Developer Guide, Handling errors for an SQS event source: success and failure conditions.
 */
export function processedRecords(
  records: readonly SqsRecord[],
  payload: string,
  reportsItemFailures: boolean,
): readonly SqsRecord[] {
  if (!reportsItemFailures || payload === '') return records
  const answer = parseJson(payload)
  if (answer === null || answer === '') return records
  const failures = isRecord(answer) ? (answer.batchItemFailures ?? []) : undefined
  if (!Array.isArray(failures)) return []
  const failed = new Set(failures.map((failure) => isRecord(failure) && failure.itemIdentifier))
  const known = new Set<unknown>(records.map(({ messageId }) => messageId))
  if ([...failed].some((identifier) => !known.has(identifier))) return []
  return records.filter(({ messageId }) => !failed.has(messageId))
}
