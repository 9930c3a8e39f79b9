/** How requests name a function: its name, its ARN or part of that, perhaps with a qualifier. */
import { arnOf } from '../arn.ts'
import type { Scope } from '../service.ts'
import { violation } from '../wire/violation.ts'
import { notFound, refused } from './errors.ts'
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
    throw violation('functionName', text, `Member must satisfy regular expression pattern: ${pattern}`)
  }
  return {
    name,
    ...(qualifier === undefined ? {} : { qualifier }),
    ...(account === undefined ? {} : { accountId: account }),
    ...(region === undefined ? {} : { region }),
  }
}

/** A function's ARN, without a version. */
export const functionArn = (scope: Scope, name: string) => arnOf('lambda', scope, `function:${name}`)

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
  throw notFound(`Function not found: ${arn}${wanted === '$LATEST' ? '' : `:${wanted}`}`)
}
