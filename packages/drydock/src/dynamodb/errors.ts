/** DynamoDB's errors as they go over the wire: an HTTP status and a JSON body. */
import { violationsMessage, violationText } from '../wire/violation.ts'

/** An error that a client of DynamoDB gets. dynalite throws the same form: `statusCode` and `body`. */
export class DynamodbError extends Error {
  readonly statusCode: number
  readonly body: Record<string, unknown>

  constructor(statusCode: number, type: string, message: string, more: Record<string, unknown> = {}) {
    super(message)
    this.name = 'DynamodbError'
    this.statusCode = statusCode
    this.body = { __type: type, message, ...more }
  }
}

/** A modelled error of DynamoDB, always status 400. */
export function fault(name: string, message: string, more: Record<string, unknown> = {}): DynamodbError {
  return new DynamodbError(400, `com.amazonaws.dynamodb.v20120810#${name}`, message, more)
}

/** The request is well-formed JSON but not a valid request. */
export function invalid(message: string): DynamodbError {
  return new DynamodbError(400, 'com.amazon.coral.validate#ValidationException', message)
}

/** A required member is missing; `path` as DynamoDB writes it: `transactItems.1.member.update`. */
export function missing(path: string): DynamodbError {
  return violation(path, null, 'Member must not be null')
}

/** A member breaks a constraint of the API model. */
export function violation(path: string, value: unknown, constraint: string): DynamodbError {
  return invalid(violationsMessage([violationText(path, value, constraint)]))
}

/** The request is not JSON, or not of the shape that the operation reads. */
export function malformed(message: string): DynamodbError {
  return new DynamodbError(400, 'com.amazon.coral.service#SerializationException', message)
}

/** An operation that DynamoDB has and this engine has not: 501, which no SDK tries again. */
export function notImplemented(what: string): DynamodbError {
  return new DynamodbError(501, 'NotImplementedException', `DynamoDB ${what} is not implemented`)
}

/** Errors that are answers, of ours or of dynalite; anything else is a bug. */
export function isAnswer(error: unknown): error is { statusCode: number; body: Record<string, unknown> } {
  return error instanceof Error && 'statusCode' in error && 'body' in error
}

/** Whether a condition of the request was not met. */
export function isConditionFailure(error: unknown): error is DynamodbError {
  return isAnswer(error) && String(error.body.__type).endsWith('#ConditionalCheckFailedException')
}
