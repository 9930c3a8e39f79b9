/** SQS's errors, worded as the service words them. Those without a modelled shape are known by their query code. */
import { InvalidAttributeValue, QueueDoesNotExist } from '@aws-sdk/client-sqs'
import { AwsError } from '../wire/errors.ts'

/** SQS API Reference, Common Error Types: InvalidParameterValue. */
export function invalidParameter(message: string): AwsError {
  return new AwsError('InvalidParameterValue', message)
}

/** InvalidParameterValue in the form that most parameters have. */
export function invalidValue(parameter: string, value: unknown, reason: string): AwsError {
  return invalidParameter(`Value ${value} for parameter ${parameter} is invalid. Reason: ${reason}`)
}

/** SQS API Reference, Common Error Types: MissingParameter. */
export function missingParameter(name: string): AwsError {
  return new AwsError('MissingParameter', `The request must contain the parameter ${name}.`)
}

/** A queue attribute of that name cannot have the value. */
export function invalidAttribute(name: string): InvalidAttributeValue {
  return new InvalidAttributeValue({ message: `Invalid value for the parameter ${name}.`, $metadata: {} })
}

export function noSuchQueue(): QueueDoesNotExist {
  return new QueueDoesNotExist({ message: 'The specified queue does not exist.', $metadata: {} })
}

/** Throws unless `value` is absent or a whole number in the range. */
export function requireRange(
  parameter: string,
  value: number | undefined,
  least: number,
  most: number,
): void {
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return
  throw invalidValue(parameter, value, `Must be between ${least} and ${most}, if provided.`)
}
