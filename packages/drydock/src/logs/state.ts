/** All that CloudWatch Logs knows in one scope, as plain JSON. Times in milliseconds since the epoch, sizes in bytes. */
import type { LogGroupClass } from '@aws-sdk/client-cloudwatch-logs'
import type { Context, OperationContext } from '../service.ts'

export type LogsOperation = OperationContext<LogsState>
export type LogsContext = Context<LogsState>

/** One event. Events of a stream are in the order of their time, and of their number where times are equal. */
export interface LogEvent {
  /** Counts all events of the scope; no two have the same. */
  readonly number: number
  /** When it happened, as its writer says. */
  readonly at: number
  readonly ingestedAt: number
  readonly text: string
}

export interface LogStreamRecord {
  readonly name: string
  readonly createdAt: number
  /** Messages and what AWS counts besides for each. */
  bytes: number
  lastIngestedAt?: number
  events: LogEvent[]
}

export interface LogGroupRecord {
  readonly name: string
  readonly createdAt: number
  readonly logGroupClass: LogGroupClass
  /** Absent where events do not expire. */
  retentionDays?: number
  tags: Record<string, string>
  /** By name. */
  streams: Record<string, LogStreamRecord>
}

export interface LogsState {
  /** By name. */
  groups: Record<string, LogGroupRecord>
  /** The number of the last event. */
  lastNumber: number
  /** When expired events are dropped next; absent where none expire. */
  sweepAt?: number
}

/** CloudWatch Logs before anybody has used it. */
export const emptyState = (): LogsState => ({ groups: {}, lastNumber: 0 })
