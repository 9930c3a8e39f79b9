/** What was foreseen and went wrong, with the one question that matters: will a retry help? */

/** Every foreseen failure. `retry` tells whether the same call may succeed later; `name` is what consoles call it. */
export const failures = {
  /** The event does not match its schema. */
  INVALID_EVENT: { retry: false, name: 'InvalidEvent' },
  /** An environment variable, the config file or a service's tag is missing or malformed. */
  INVALID_CONFIG: { retry: false, name: 'InvalidConfig' },
  /** A newer version of Capstan wrote what this one would misread in the ledger. */
  NEWER_LEDGER: { retry: false, name: 'NewerLedger' },
  /** What was asked for cannot be done as asked: an unknown tag, a repository that the service does not use. */
  INVALID_REQUEST: { retry: false, name: 'InvalidRequest' },
  /** AWS no longer knows the resource. */
  NOT_FOUND: { retry: false, name: 'NotFound' },
  /** AWS refuses: credentials or permissions. */
  DENIED: { retry: false, name: 'Denied' },
  /** The service or its ledger record changed between observe and apply. */
  CONFLICT: { retry: true, name: 'Conflict' },
  /** AWS throttled us, timed out or answered 5xx. */
  UNAVAILABLE: { retry: true, name: 'Unavailable' },
} as const satisfies Record<string, { retry: boolean; name: string }>

export type FailureCode = keyof typeof failures

export interface FailureOptions {
  readonly cause?: unknown
  /** A narrower name than that of the code, where all of a kind are made in one place: `UpdateServiceDenied`. */
  readonly name?: string
}

/**
 * A foreseen failure. Its message says what happened, because of what, and what to do; it has no tabs, which separate the
 * fields of Lambda's log lines. Its name is set, not that of a class: a bundle renames classes, and consoles tell errors
 * apart by their names and where they were made.
 */
export class Failure extends Error {
  override readonly name: string
  readonly code: FailureCode

  constructor(code: FailureCode, message: string, options: FailureOptions = {}) {
    const { name = failures[code].name, ...rest } = options
    super(message.replaceAll('\t', ' '), rest)
    this.name = name
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
