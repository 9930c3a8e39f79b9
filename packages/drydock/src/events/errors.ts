/** EventBridge's errors, worded as the service words them. */
import { LimitExceededException, ResourceNotFoundException } from '@aws-sdk/client-eventbridge'
import { AwsError } from '../wire/errors.ts'

export function invalid(message: string): AwsError {
  return new AwsError('ValidationException', message)
}

/** A value that breaks a constraint of the API model, told the way all AWS JSON services tell it. */
export function violation(value: unknown, member: string, constraint: string): AwsError {
  return invalid(
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must ${constraint}`,
  )
}

export function notFound(message: string): ResourceNotFoundException {
  return new ResourceNotFoundException({ message, $metadata: {} })
}

export function limitExceeded(): LimitExceededException {
  const message = 'The requested resource exceeds the maximum number allowed.'
  return new LimitExceededException({ message, $metadata: {} })
}
