/** Lambda's errors, worded as the service words them. All of them name who is to blame: the user. */
import * as lambda from '@aws-sdk/client-lambda'
import { AwsError } from '../wire/errors.ts'

const byUser = (message: string) => ({ message, Type: 'User', $metadata: {} })

/** A setting that Lambda or this engine does not take. */
export const refused = (message: string) => new lambda.InvalidParameterValueException(byUser(message))
export const notFound = (message: string) => new lambda.ResourceNotFoundException(byUser(message))
export const conflict = (message: string) => new lambda.ResourceConflictException(byUser(message))
export const inUse = (message: string) => new lambda.ResourceInUseException(byUser(message))
export const preconditionFailed = (message: string) => new lambda.PreconditionFailedException(byUser(message))
export const payloadTooLarge = (message: string) => new lambda.RequestTooLargeException(byUser(message))
export const payloadUnreadable = (message: string) =>
  new lambda.InvalidRequestContentException(byUser(message))
export const throttled = (reason: lambda.ThrottleReason) =>
  new lambda.TooManyRequestsException({ ...byUser('Rate Exceeded.'), Reason: reason })

/** For what Lambda has and this engine has not. */
export const notImplemented = (what: string) =>
  new AwsError('NotImplementedException', `${what} is not implemented`, { status: 501 })
