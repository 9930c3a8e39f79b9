/** CloudWatch's errors, worded as the service words them. */
import {
  InvalidNextToken,
  InvalidParameterCombinationException,
  InvalidParameterValueException,
  MissingRequiredParameterException,
  ResourceNotFound,
  ResourceNotFoundException,
  ValidationException,
} from '@aws-sdk/client-cloudwatch'

const $metadata = {}

/** CloudWatch API Reference, Common Errors: ValidationError, which the query protocol calls it. */
export function invalid(message: string): ValidationException {
  return new ValidationException({ message, $metadata })
}

/** A value that breaks a constraint of the API model. */
export function violation(value: unknown, member: string, constraint: string): ValidationException {
  return invalid(
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must ${constraint}`,
  )
}

/** What AWS has and this engine has not: refused, so that nobody relies on it. */
export function unsupported(what: string): ValidationException {
  return invalid(`${what} is not supported by this engine.`)
}

export function invalidValue(message: string): InvalidParameterValueException {
  return new InvalidParameterValueException({ message, $metadata })
}

export function invalidCombination(message: string): InvalidParameterCombinationException {
  return new InvalidParameterCombinationException({ message, $metadata })
}

export function missingParameter(name: string): MissingRequiredParameterException {
  const message = `The parameter ${name} is required.`
  return new MissingRequiredParameterException({ message, $metadata })
}

export function invalidToken(): InvalidNextToken {
  return new InvalidNextToken({ message: 'The next token specified is invalid.', $metadata })
}

/** What the alarm operations answer with. */
export function noSuchAlarm(message = 'Alarm does not exist'): ResourceNotFound {
  return new ResourceNotFound({ message, $metadata })
}

export function noSuchResource(kind: string, id: string): ResourceNotFoundException {
  const Message = `${kind} ${id} does not exist.`
  return new ResourceNotFoundException({
    ResourceType: kind,
    ResourceId: id,
    Message,
    message: Message,
    $metadata,
  })
}

/** Throws unless the text is absent or has from `least` to `most` characters. */
export function assertLength(member: string, text: string | undefined, least: number, most: number): void {
  if (text === undefined) return
  if (text.length < least) throw violation(text, member, `have length greater than or equal to ${least}`)
  if (text.length > most) throw violation(text, member, `have length less than or equal to ${most}`)
}

/** Throws unless the value is absent or one of `allowed`. */
export function assertOneOf(member: string, value: string | undefined, allowed: readonly string[]): void {
  if (value === undefined || allowed.includes(value)) return
  throw violation(value, member, `satisfy enum value set: [${allowed.join(', ')}]`)
}

/** Throws unless the number is absent, whole and in the range. */
export function assertRange(member: string, value: number | undefined, least: number, most: number): void {
  if (value === undefined) return
  if (!(Number.isInteger(value) && value >= least))
    throw violation(value, member, `have value greater than or equal to ${least}`)
  if (value > most) throw violation(value, member, `have value less than or equal to ${most}`)
}
