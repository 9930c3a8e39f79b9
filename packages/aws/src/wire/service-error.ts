/** An error that an AWS service answered with, under the name that its API reference lists. */
import type { WireError } from './protocol.ts'

export class ServiceError extends Error {
  override readonly name: string
  readonly $metadata: { readonly httpStatusCode: number; readonly requestId?: string }
  /** Set where the answer was lost on its way: the same call may succeed. */
  readonly $retryable?: { readonly throttling?: boolean }
  /** What else the service said: `Item`, `messages`, `CancellationReasons`. */
  readonly details: Readonly<Record<string, unknown>>

  constructor(
    { code, message, details }: WireError,
    metadata: ServiceError['$metadata'],
    options?: { readonly cause: unknown },
  ) {
    super(message, options)
    this.name = code
    this.$metadata = metadata
    this.details = details
    if (options) this.$retryable = {}
  }
}
