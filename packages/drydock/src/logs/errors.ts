/** CloudWatch Logs' errors, worded as the service words them. */
import {
  InvalidParameterException,
  ResourceAlreadyExistsException,
  ResourceNotFoundException,
  TooManyTagsException,
} from '@aws-sdk/client-cloudwatch-logs'
import { violationsMessage, violationText } from '../wire/violation.ts'

const $metadata = {}

export const invalidParameter = (message: string) => new InvalidParameterException({ message, $metadata })

/** What AWS has and this engine has not: refused, so that nobody relies on it. */
export const unsupported = (what: string) => invalidParameter(`${what} is not supported by this engine.`)

export const alreadyExists = (what: 'group' | 'stream') =>
  new ResourceAlreadyExistsException({ message: `The specified log ${what} already exists`, $metadata })

export const notFound = (what: 'group' | 'stream') =>
  new ResourceNotFoundException({ message: `The specified log ${what} does not exist.`, $metadata })

export const tooManyTags = (message: string) => new TooManyTagsException({ message, $metadata })

/** A value that breaks a constraint of the API model. */
export const violation = (member: string, value: unknown, constraint: string) =>
  invalidParameter(violationsMessage([violationText(member, value, constraint)]))

/** Throws for a number that is given and out of its range. */
export function requireRange(member: string, value: number | undefined, least: number, most: number): void {
  if (value === undefined) return
  if (value < least)
    throw violation(member, value, `Member must have value greater than or equal to ${least}`)
  if (value > most) throw violation(member, value, `Member must have value less than or equal to ${most}`)
}
