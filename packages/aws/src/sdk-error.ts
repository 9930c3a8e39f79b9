/** The one place where an error of the AWS SDK becomes a `Failure`: what it means, and whether a retry will help. */
import { Failure, type FailureCode, failures } from '@capstan/core/failure.ts'

/** What the SDK's exceptions have in common (`@smithy/types` SdkError), as far as it is looked at. */
interface SdkError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number }
  readonly $retryable?: { readonly throttling?: boolean }
  readonly code?: string
}

/** Names that mean "not now": throttling of the several protocols, and limits of what may happen at once. */
const BUSY =
  /Throttl|TooManyRequests|RequestLimitExceeded|ProvisionedThroughputExceeded|SlowDown|LimitExceededDuring|TransactionInProgress|PriorRequestNotComplete|^ServerException$|ServiceUnavailable|InternalServer|InternalError|InternalFailure|RequestTimeout/
/** What ECS answers with a mere ClientException, when several services of one family are deployed at once. */
const BUSY_FAMILY = /^Too many concurrent attempts to create a new revision/
const REFUSED =
  /AccessDenied|UnauthorizedOperation|NotAuthorized|UnrecognizedClient|InvalidSignature|SignatureDoesNotMatch|ExpiredToken|InvalidClientTokenId|MissingAuthenticationToken|IncompleteSignature|OptInRequired|CredentialsProviderError/
const MISSING = /NotFound|NoSuch|NotActiveException|QueueDoesNotExist|NonExistentQueue/
const OVERTAKEN = /ConditionalCheckFailed|TransactionConflict|UpdateInProgress|ConflictException/
/** Errors of sockets and DNS, by the codes of Node, and of the SDK's own time limits. */
const UNREACHABLE =
  /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)|^TimeoutError$|^NetworkingError$/

/**
 * The `Failure` that an SDK error stands for; anything that is no SDK error (a bug) is returned as it is.
 * Codes by https://docs.aws.amazon.com/AmazonECS/latest/APIReference/CommonErrors.html and the services' own lists.
 */
export function toFailure(error: unknown, operation: string): unknown {
  if (error instanceof Failure || !isSdkError(error)) return error
  const code = codeOf(error)
  // All are made here, so it is by the operation that consoles tell them apart: `UpdateServiceDenied`.
  const [, call = ''] = operation.split(' ')
  return new Failure(code, sentence(error, operation), {
    cause: error,
    name: `${call}${failures[code].name}`,
  })
}

function codeOf(error: SdkError): FailureCode {
  const status = error.$metadata?.httpStatusCode ?? 0
  const names = [error.name, error.code ?? '']
  const is = (pattern: RegExp) => names.some((name) => pattern.test(name))
  if (error.name === 'TransactionCanceledException') return codeOfCancelled(error.message)
  if (BUSY_FAMILY.test(error.message)) return 'UNAVAILABLE'
  if (is(OVERTAKEN)) return 'CONFLICT'
  if (error.$retryable || is(BUSY) || is(UNREACHABLE) || status === 429 || status >= 500) return 'UNAVAILABLE'
  if (is(REFUSED) || status === 403) return 'DENIED'
  if (is(MISSING)) return 'NOT_FOUND'
  return 'INVALID_REQUEST'
}

/** A cancelled transaction's name says nothing; its message lists the reasons of all items: `[None, ThrottlingError]`. */
function codeOfCancelled(reasons: string): FailureCode {
  if (/ConditionalCheckFailed|TransactionConflict/.test(reasons)) return 'CONFLICT'
  if (/Throttling|ThroughputExceeded/.test(reasons)) return 'UNAVAILABLE'
  return /AccessDenied/.test(reasons) ? 'DENIED' : 'INVALID_REQUEST'
}

function sentence(error: SdkError, operation: string): string {
  // Tabs separate the fields of Lambda's log lines: one in a message would hide the error from readers of the log.
  return `${operation} failed: ${error.name}: ${error.message.replaceAll(/\s+/g, ' ')}`
}

function isSdkError(error: unknown): error is SdkError {
  if (!(error instanceof Error)) return false
  const { code } = error as SdkError
  if ('$metadata' in error || '$fault' in error || error.name === 'CredentialsProviderError') return true
  return UNREACHABLE.test(error.name) || (typeof code === 'string' && UNREACHABLE.test(code))
}
