/** Sends discovery messages to itself: that somebody looks again at a target, after a while. */

import { targetName } from '@capstan/core/discovery/names.ts'
import type { SourceKey, Target } from '@capstan/core/discovery/view.ts'
import type { SqsApi } from '../clients.ts'

/** Lets somebody look at `target`, on behalf of `source`, in `delayMs` milliseconds. */
export type LookAgain = (source: SourceKey, target: Target, delayMs: number) => Promise<void>

/** SendMessage takes no longer delay (API reference: DelaySeconds). */
const LONGEST_DELAY_SECONDS = 900

/** By the queue that discovery's door reads from, in a place by its name. Without a queue, the next sweep looks. */
export function lookAgainBy(sqs: SqsApi, QueueUrl: string | undefined, place?: string): LookAgain {
  return async ({ cluster, group }, target, delayMs) => {
    if (QueueUrl === undefined) return
    const message = {
      source: 'capstan',
      'detail-type': 'Capstan Look Again',
      ...(place !== undefined && { place }),
      detail: { cluster, group, target: targetName(target) },
    }
    const DelaySeconds = Math.min(Math.ceil(delayMs / 1000), LONGEST_DELAY_SECONDS)
    await sqs.call('SendMessage', { QueueUrl, MessageBody: JSON.stringify(message), DelaySeconds })
  }
}
