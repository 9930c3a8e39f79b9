/** Members that break a constraint of the API model, told in the one sentence that AWS's front door has for all services. */
import { AwsError } from './errors.ts'

/** `Value '7' at 'limit' failed to satisfy constraint: Member must …` */
export function violationText(member: string, value: unknown, constraint: string): string {
  const shown = value === undefined || value === null ? 'null' : `'${value}'`
  return `Value ${shown} at '${member}' failed to satisfy constraint: ${constraint}`
}

/** `2 validation errors detected: …; …` */
export function violationsMessage(violations: readonly string[]): string {
  return `${violations.length} validation error${violations.length > 1 ? 's' : ''} detected: ${violations.join('; ')}`
}

/** ValidationException for one member. */
export function violation(member: string, value: unknown, constraint: string): AwsError {
  return new AwsError('ValidationException', violationsMessage([violationText(member, value, constraint)]))
}

/** Throws ValidationException for a number that is given and out of its range. */
export function requireRange(member: string, value: number | undefined, least: number, most: number): void {
  if (value === undefined) return
  if (value < least)
    throw violation(member, value, `Member must have value greater than or equal to ${least}`)
  if (value > most) throw violation(member, value, `Member must have value less than or equal to ${most}`)
}

/** Throws ValidationException for a list that is too short or too long. */
export function requireLength(member: string, length: number, least: number, most: number): void {
  const shown = length ? `[${length} items]` : '[]'
  if (length < least)
    throw violation(member, shown, `Member must have length greater than or equal to ${least}`)
  if (length > most) throw violation(member, shown, `Member must have length less than or equal to ${most}`)
}
