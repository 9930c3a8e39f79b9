/** EventBridge's errors, worded as the service words them. */
import { LimitExceededException, ResourceNotFoundException } from '@aws-sdk/client-eventbridge'
import { AwsError } from '../wire/errors.ts'

/** ValidationException, EventBridge's answer to most that is wrong with a request. */
export function invalid(message: string): AwsError {
  return new AwsError('ValidationException', message)
}

export function notFound(message: string): ResourceNotFoundException {
  return new ResourceNotFoundException({ message, $metadata: {} })
}

export function limitExceeded(): LimitExceededException {
  const message = 'The requested resource exceeds the maximum number allowed.'
  return new LimitExceededException({ message, $metadata: {} })
}
