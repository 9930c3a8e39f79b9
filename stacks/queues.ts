/** The queues: where events are kept that could not be handled, and what waits for discovery's door. */
import { type QueueSettings, rules } from '../functions/rules.ts'

export interface Queues {
  readonly deadLetters: sst.aws.Queue
  readonly discovery: sst.aws.Queue
  /** How discovery's door reads from its queue. */
  readonly settings: QueueSettings
}

/** The longest that SQS keeps a message (s). */
export const FOURTEEN_DAYS = 14 * 24 * 60 * 60

/** Makes both queues. Throws where rules.ts has not exactly one door with a queue, since another would have none. */
export function createQueues(): Queues {
  const [settings, ...others] = rules.flatMap((rule) => ('pattern' in rule && rule.queue ? [rule.queue] : []))
  if (!settings || others.length > 0)
    throw new Error(
      'Only the door of discovery reads from a queue. Make one for any other in stacks/queues.ts.',
    )
  const deadLetters = new sst.aws.Queue('DeadLetters', {
    transform: { queue: { messageRetentionSeconds: FOURTEEN_DAYS, sqsManagedSseEnabled: true } },
  })
  const discovery = new sst.aws.Queue('Discovery', {
    visibilityTimeout: `${settings.visibilityTimeoutSeconds} seconds`,
    dlq: { queue: deadLetters.arn, retry: settings.maxReceives },
    transform: {
      queue: { messageRetentionSeconds: settings.retentionSeconds, sqsManagedSseEnabled: true },
    },
  })
  return { deadLetters, discovery, settings }
}
