/** What was foreseen and went wrong, with the one question that matters: will a retry help? */

/** Every foreseen failure. `retry` tells whether the same call may succeed later. */
export const failures = {
  /** The event does not match its schema. */
  INVALID_EVENT: { retry: false },
  /** An environment variable, the config file or a service's tag is missing or malformed. */
  INVALID_CONFIG: { retry: false },
  /** What was asked for cannot be done as asked: an unknown tag, a repository that the service does not use. */
  INVALID_REQUEST: { retry: false },
  /** AWS no longer knows the resource. */
  NOT_FOUND: { retry: false },
  /** AWS refuses: credentials or permissions. */
  DENIED: { retry: false },
  /** The service or its ledger record changed between observe and apply. */
  CONFLICT: { retry: true },
  /** AWS throttled us, timed out or answered 5xx. */
  UNAVAILABLE: { retry: true },
} as const satisfies Record<string, { retry: boolean }>

export type FailureCode = keyof typeof failures

/** A foreseen failure. Its message says what happened, because of what, and what to do. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly code: FailureCode

  constructor(code: FailureCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }

  /** Whether the same call may succeed later. */
  get retry(): boolean {
    return failures[this.code].retry
  }
}

/** What was thrown, in words; not everything that is thrown is an Error. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
