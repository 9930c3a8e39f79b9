/** AssumeRole: checks, and the question whether the role trusts the caller, which the host answers. */
import type * as client from '@aws-sdk/client-sts'
import { assumedRoleArn, rootArn } from '../arn.ts'
import type { Caller } from '../service.ts'
import { AwsError } from '../wire/errors.ts'
import type { Handlers } from '../wire/handlers.ts'
import { violationsMessage, violationText } from '../wire/violation.ts'
import type { RoleAsker } from './effects.ts'
import type { StsOperationContext } from './state.ts'

/** API Reference, AssumeRole: DurationSeconds, one hour unless told, and at least 15 minutes. */
const USUAL_SECONDS = 3600
const LEAST_SECONDS = 900

export const assumeRoleOperations = {
  AssumeRole(input, context) {
    const { RoleArn: roleArn = '', RoleSessionName: sessionName = '', ExternalId: externalId } = input
    const seconds = input.DurationSeconds ?? USUAL_SECONDS
    if (input.Policy !== undefined || input.PolicyArns?.length || input.Tags?.length)
      throw new AwsError(
        'NotImplementedException',
        'Session policies and session tags are not supported by Drydock.',
        { status: 501 },
      )
    require(ROLE_ARN.test(roleArn), 'roleArn', roleArn, ROLE_ARN)
    require(SESSION_NAME.test(sessionName), 'roleSessionName', sessionName, SESSION_NAME)
    if (seconds < LEAST_SECONDS)
      throw invalid(
        'durationSeconds',
        seconds,
        `Member must have value greater than or equal to ${LEAST_SECONDS}`,
      )
    const request = context.newUuid()
    context.state.pending[request] = { callerArn: callerArn(context), roleArn }
    const asker = askerOf(context)
    const external = externalId === undefined ? {} : { externalId }
    context.ask({ kind: 'assume-role', request, roleArn, sessionName, seconds, asker, ...external })
    return context.defer<client.AssumeRoleResponse>(request)
  },
} satisfies Partial<Handlers<typeof client, StsOperationContext>>

const ROLE_ARN = /^arn:[\w+=/,.@-]+:iam::\d{12}:role\/[\w+=/,.@-]+$/
const SESSION_NAME = /^[\w+=,.@-]{2,64}$/

function require(isRight: boolean, member: string, value: string, pattern: RegExp): void {
  if (!isRight)
    throw invalid(member, value, `Member must satisfy regular expression pattern: ${pattern.source}`)
}

const invalid = (member: string, value: unknown, constraint: string) =>
  new AwsError('ValidationError', violationsMessage([violationText(member, value, constraint)]))

/** The ARN of who calls: a session of a role, or the account's root. */
export const callerArn = (caller: Caller): string =>
  caller.role ? assumedRoleArn(caller, caller.role) : rootArn(caller)

function askerOf(caller: Caller): RoleAsker {
  const { service, role, accountId } = caller
  if (service) return { kind: 'Service', names: [service.principal], sourceArn: service.resourceArn }
  const own = role ? [role.roleArn, callerArn(caller)] : []
  const principalArn = role?.roleArn ?? rootArn(caller)
  return { kind: 'AWS', names: [accountId, rootArn(caller), ...own], principalArn }
}
