/** What Lambda asks of the host, and what the host reports back. Pure data. */

import type { SqsRecord } from './sqs-event.ts'

/** Where a function's code lies: an unpacked archive, or a folder of the user's that is run as it is. */
export type CodeLocation =
  | { readonly kind: 'archive'; readonly sha256: string }
  | { readonly kind: 'folder'; readonly path: string }

/** All that an execution environment is made of. */
export interface FunctionSpec {
  readonly name: string
  readonly arn: string
  readonly roleArn: string
  /** Changes with every update of code or configuration: environments of another id take no more invocations. */
  readonly environmentId: string
  readonly runtime: string
  /** `folder/file.export`, as Lambda reads it. */
  readonly handler: string
  readonly timeoutSeconds: number
  readonly memoryMb: number
  /** The function's own environment variables. */
  readonly variables: Readonly<Record<string, string>>
  readonly code: CodeLocation
  readonly logGroup: string
}

export type LambdaEffect =
  /** Unpack an archive; `sha256` in hexadecimal. Invocations that need it wait. Not answered. */
  | { kind: 'store-code'; sha256: string; zip: Uint8Array }
  /**
   * Run one invocation to its end. Always answered by `function-ended`. `payload` is JSON text. An asynchronous one
   * may have to wait for its turn; nobody waits for it.
   */
  | {
      kind: 'invoke-function'
      requestId: string
      spec: FunctionSpec
      payload: string
      isAsynchronous: boolean
      clientContext?: string
    }
  /** End the environments of a function that was updated or deleted, the busy ones after their invocation. */
  | { kind: 'retire-environments'; functionArn: string }
  /** Send a record or a dead letter to a queue, in the name of the function's role. Not answered: Lambda too only counts a failed delivery. */
  | {
      kind: 'send-to-queue'
      queueArn: string
      roleArn: string
      functionName: string
      body: string
      attributes: Readonly<Record<string, { DataType: 'String' | 'Number'; StringValue: string }>>
    }

/** What event source mappings ask of their queues. */
export type EventSourceEffect =
  /**
   * Read a queue's visibility timeout, if the function's role may read from the queue. Always answered by `queue-seen`,
   * `queue-missing` or `queue-denied`.
   */
  | { kind: 'look-at-queue'; request: string; queueArn: string; roleArn: string; functionName: string }
  /** Wait for up to `most` messages. Answered by `messages-received` when there are any, which may be never. */
  | { kind: 'poll-queue'; poll: string; queueArn: string; most: number }
  /** Wait no longer. Not answered. */
  | { kind: 'end-poll'; poll: string; queueArn: string }
  /** Delete messages that were processed or filtered out. Not answered: what cannot be deleted comes again. */
  | { kind: 'delete-messages'; queueArn: string; receiptHandles: readonly string[] }

export type LambdaReport =
  /** `payload` is the function's answer, or an error object if `failed`. `log` is this invocation's log text. */
  | { kind: 'function-ended'; requestId: string; payload: string; failed: boolean; log: string }
  | { kind: 'queue-seen'; request: string; visibilitySeconds: number }
  | { kind: 'queue-missing'; request: string; code: string; message: string }
  /** `operation` is what the function's role may not call. */
  | { kind: 'queue-denied'; request: string; operation: string }
  /** Messages that a mapping waited for; `visibleAt` is when others can receive them again. */
  | { kind: 'messages-received'; poll: string; records: readonly SqsRecord[]; visibleAt: number }
  /** The engine was started anew on kept state: no invocation of before runs any more. */
  | { kind: 'host-restarted' }
