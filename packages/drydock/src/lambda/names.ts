/** How requests name a function: its name, its ARN or part of that, perhaps with a qualifier. */
import { InvalidParameterValueException, ResourceNotFoundException } from '@aws-sdk/client-lambda'
import type { Scope } from '../service.ts'
import { AwsError } from '../wire/errors.ts'
import type { FunctionState, LambdaState } from './state.ts'

/** API Reference, FunctionName: name, partial ARN (account:function:name) or ARN, each with an optional qualifier. */
const FORM =
  /^(?:arn:(?:aws[a-zA-Z-]*):lambda:(?<region>[a-z0-9-]+):)?(?:(?<account>\d{12}):)?(?:function:)?(?<name>[a-zA-Z0-9-_]{1,64})(?::(?<qualifier>\$LATEST|[a-zA-Z0-9-_]+))?$/

export interface ParsedName {
  readonly name: string
  readonly qualifier?: string
  readonly accountId?: string
  readonly region?: string
}

/** Reads a function's name in any of its forms. Throws ValidationException. */
export function parseFunctionName(text: string): ParsedName {
  const { name, qualifier, account, region } = FORM.exec(text)?.groups ?? {}
  if (name === undefined) {
    const pattern =
      '(arn:(aws[a-zA-Z-]*)?:lambda:)?…(function:)?([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?'
    throw constraint('functionName', text, `Member must satisfy regular expression pattern: ${pattern}`)
  }
  return {
    name,
    ...(qualifier === undefined ? {} : { qualifier }),
    ...(account === undefined ? {} : { accountId: account }),
    ...(region === undefined ? {} : { region }),
  }
}

/** A function's ARN, without a version. */
export function functionArn({ accountId, region }: Scope, name: string): string {
  return `arn:aws:lambda:${region}:${accountId}:function:${name}`
}

/**
 * The function that a request names. Throws ResourceNotFoundException, also for a qualifier other than $LATEST: there
 * are no versions and aliases here.
 */
export function findFunction(
  text: string | undefined,
  qualifier: string | undefined,
  context: Scope & { readonly state: LambdaState },
): FunctionState {
  const parsed = parseFunctionName(text ?? '')
  const wanted = qualifier ?? parsed.qualifier ?? '$LATEST'
  if (qualifier !== undefined && parsed.qualifier !== undefined && qualifier !== parsed.qualifier) {
    throw refused('The derived qualifier from the function name does not match the specified qualifier.')
  }
  const elsewhere =
    (parsed.accountId ?? context.accountId) !== context.accountId ||
    (parsed.region ?? context.region) !== context.region
  const found = elsewhere ? undefined : context.state.functions[parsed.name]
  if (found && wanted === '$LATEST') return found
  const arn = functionArn({ ...context, ...parsed }, parsed.name)
  const message = `Function not found: ${arn}${wanted === '$LATEST' ? '' : `:${wanted}`}`
  throw new ResourceNotFoundException({ message, Type: 'User', $metadata: {} })
}

/** InvalidParameterValueException with that message. */
export function refused(message: string): InvalidParameterValueException {
  return new InvalidParameterValueException({ message, Type: 'User', $metadata: {} })
}

/** What the front door of Lambda answers to a member out of its constraint. */
export function constraint(member: string, value: unknown, rule: string): AwsError {
  return new AwsError(
    'ValidationException',
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: ${rule}`,
  )
}

/** Throws ValidationException for a number out of its range. */
export function requireRange(member: string, value: number | undefined, least: number, most: number): void {
  if (value === undefined) return
  if (value < least)
    throw constraint(member, value, `Member must have value greater than or equal to ${least}`)
  if (value > most) throw constraint(member, value, `Member must have value less than or equal to ${most}`)
}
