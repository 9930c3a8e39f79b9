/** Batches: entries are checked together, then done one by one, each with its own outcome. */

import {
  BatchEntryIdsNotDistinct,
  type BatchResultErrorEntry,
  EmptyBatchRequest,
  InvalidBatchEntryId,
  SQSServiceException,
  TooManyEntriesInBatchRequest,
} from '@aws-sdk/client-sqs'
import { AwsError } from '../wire/errors.ts'
import { MOST_AT_ONCE } from './limits.ts'

const ID = /^[A-Za-z0-9_-]{1,80}$/
const $metadata = {}

interface Entry {
  readonly Id: string | undefined
}

/** Does `work` for each entry. An entry that SQS refuses fails alone; a batch that is malformed fails whole. */
export function forEachEntry<E extends Entry, R extends object>(
  entries: readonly E[] = [],
  work: (entry: E) => R,
): { Successful: (R & { Id: string })[]; Failed: BatchResultErrorEntry[] } {
  requireEntries(entries)
  const Successful: (R & { Id: string })[] = []
  const Failed: BatchResultErrorEntry[] = []
  for (const entry of entries) {
    const Id = entry.Id ?? ''
    try {
      Successful.push({ ...work(entry), Id })
    } catch (error) {
      if (!(error instanceof AwsError || error instanceof SQSServiceException)) throw error
      Failed.push({ Id, SenderFault: true, Code: error.name, Message: error.message })
    }
  }
  return { Successful, Failed }
}

function requireEntries(entries: readonly Entry[]): void {
  const ids = entries.map((entry) => entry.Id ?? '')
  if (!ids.length) {
    throw new EmptyBatchRequest({ message: 'There should be at least one entry in the request.', $metadata })
  }
  if (ids.length > MOST_AT_ONCE) {
    const message = `Maximum number of entries per request are ${MOST_AT_ONCE}. You have sent ${ids.length}.`
    throw new TooManyEntriesInBatchRequest({ message, $metadata })
  }
  if (!ids.every((id) => ID.test(id))) {
    const message =
      'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.'
    throw new InvalidBatchEntryId({ message, $metadata })
  }
  const twice = ids.find((id, index) => ids.indexOf(id) !== index)
  if (twice) throw new BatchEntryIdsNotDistinct({ message: `Id ${twice} repeated.`, $metadata })
}
