/** What Lambda keeps in one account and region. Times in milliseconds since the epoch, unless named otherwise. */

import type { Context, OperationContext } from '../service.ts'
import type { CodeLocation, LambdaEffect } from './effects.ts'

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

export interface LambdaState {
  functions: Record<string, FunctionState>
  queue: Record<string, QueuedEvent>
  /** Invocations that run now: request id → function name. */
  running: Record<string, { readonly functionName: string; readonly tail: boolean }>
}

export type LambdaContext = Context<LambdaState, LambdaEffect>
export type LambdaOperationContext = OperationContext<LambdaState, LambdaEffect>

/** No functions. */
export const emptyState = (): LambdaState => ({ functions: {}, queue: {}, running: {} })
