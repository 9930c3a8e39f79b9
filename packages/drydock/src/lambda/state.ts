/** What Lambda keeps in one account and region. Times in milliseconds since the epoch, unless named otherwise. */

import type { EventSourceMappingMetric } from '@aws-sdk/client-lambda'
import type { Context, OperationContext } from '../service.ts'
import type { CodeLocation, EventSourceEffect, LambdaEffect } from './effects.ts'
import type { SqsRecord } from './sqs-event.ts'

export interface FunctionState {
  readonly name: string
  readonly arn: string
  code: CodeLocation
  /** The archive's size in bytes, and its SHA-256 in base64 as Lambda shows it. */
  codeSize: number
  codeSha256: string
  settings: FunctionSettings
  environmentId: string
  revisionId: string
  lastModified: number
  tags: Record<string, string>
  /** Statements of the resource policy by id. Kept and shown; nobody is kept out by them. */
  policy: Record<string, PolicyStatement>
  reservedConcurrency?: number
  eventInvoke?: EventInvokeConfig
}

export interface FunctionSettings {
  role: string
  runtime: string
  handler: string
  description: string
  timeoutSeconds: number
  memoryMb: number
  ephemeralStorageMb: number
  variables?: Record<string, string>
  deadLetterArn?: string
  tracingMode: string
  architecture: string
  logGroup: string
}

export interface PolicyStatement {
  readonly Sid: string
  readonly Effect: 'Allow'
  readonly Principal: unknown
  readonly Action: string
  readonly Resource: string
  readonly Condition?: Record<string, Record<string, string>>
}

/** How asynchronous invocations of a function are tried again, and where their records go. */
export interface EventInvokeConfig {
  readonly retryAttempts?: number
  readonly eventAgeSeconds?: number
  readonly onSuccess?: string
  readonly onFailure?: string
  readonly lastModified: number
}

/** An asynchronous invocation from its acceptance to its end. */
export interface QueuedEvent {
  readonly requestId: string
  readonly functionName: string
  readonly payload: string
  readonly acceptedAt: number
  /** When to try (again); absent while it runs. */
  dueAt?: number
  /** Runs of the function so far, and times that it could not be run for want of concurrency. */
  invocations: number
  throttles: number
  /** The last answer of the function. */
  last?: { readonly payload: string; readonly failed: boolean }
}

/** What can be changed of an event source mapping. */
export interface EventSourceSettings {
  readonly functionName: string
  readonly enabled: boolean
  readonly batchSize: number
  readonly windowSeconds: number
  /** Whether the function says which messages it could not process (ReportBatchItemFailures). */
  readonly reportsItemFailures: boolean
  readonly maximumConcurrency?: number
  /** Patterns of which a message must match one; without any, all messages do. */
  readonly filters: readonly string[]
  readonly metrics?: readonly EventSourceMappingMetric[]
}

/** Messages on their way to the function: gathered, perhaps waiting for concurrency, then with the function. */
export interface Batch {
  readonly id: string
  readonly records: SqsRecord[]
  /** The size of their payload. */
  bytes: number
  phase: 'gathering' | 'waiting' | 'running'
  /** When it goes to the function, or tries again to; absent while it runs. */
  dueAt?: number
  /** When the first of its messages can be received by others: after that it is no longer this mapping's to give. */
  visibleAt: number
  throttles: number
}

/** A queue that a function reads from. */
export interface EventSourceMapping {
  readonly id: string
  readonly arn: string
  readonly queueArn: string
  settings: EventSourceSettings
  state: 'Creating' | 'Enabling' | 'Enabled' | 'Disabling' | 'Disabled' | 'Updating' | 'Deleting'
  /** When a state that ends by itself ends. */
  settlesAt?: number
  lastModified: number
  tags: Record<string, string>
  /** The poll that waits at the queue. */
  poll?: string
  batches: Record<string, Batch>
}

/** A mapping that is made or changed as soon as its queue has been seen. */
export interface PendingMapping {
  readonly id: string
  readonly queueArn: string
  readonly settings: EventSourceSettings
  /** Those of a new mapping. */
  readonly tags?: Record<string, string>
}

export interface LambdaState {
  functions: Record<string, FunctionState>
  queue: Record<string, QueuedEvent>
  /** Invocations that run now: request id → function name. */
  running: Record<
    string,
    { readonly functionName: string; readonly tail: boolean; readonly mapping?: string }
  >
  mappings: Record<string, EventSourceMapping>
  /** Requests that wait for a look at a queue, by the id of the look. */
  pending: Record<string, PendingMapping>
}

export type LambdaContext = Context<LambdaState, LambdaEffect | EventSourceEffect>
export type LambdaOperationContext = OperationContext<LambdaState, LambdaEffect | EventSourceEffect>

/** No functions. */
export const emptyState = (): LambdaState => ({
  functions: {},
  queue: {},
  running: {},
  mappings: {},
  pending: {},
})
