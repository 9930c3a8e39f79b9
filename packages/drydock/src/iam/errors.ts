/** The errors of IAM, worded as the service words them. */
import {
  DeleteConflictException,
  EntityAlreadyExistsException,
  InvalidInputException,
  LimitExceededException,
  MalformedPolicyDocumentException,
  NoSuchEntityException,
} from '@aws-sdk/client-iam'
import { AwsError } from '../wire/errors.ts'
import { violationsMessage, violationText } from '../wire/violation.ts'

export const noSuchEntity = (message: string) => new NoSuchEntityException({ message, $metadata: {} })
export const alreadyExists = (message: string) => new EntityAlreadyExistsException({ message, $metadata: {} })
export const conflict = (message: string) => new DeleteConflictException({ message, $metadata: {} })
export const limitExceeded = (message: string) => new LimitExceededException({ message, $metadata: {} })
export const invalidInput = (message: string) => new InvalidInputException({ message, $metadata: {} })
export const malformedPolicy = (message: string) =>
  new MalformedPolicyDocumentException({ message, $metadata: {} })

/** A member that breaks a constraint of the API's model. */
export const invalid = (member: string, value: unknown, constraint: string) =>
  new AwsError('ValidationError', violationsMessage([violationText(member, value, constraint)]))

/** For what the service has and Drydock has not: it says that it cannot, rather than pretend. */
export const notImplemented = (what: string) =>
  new AwsError('NotImplementedException', `${what} not supported by Drydock.`, { status: 501 })
