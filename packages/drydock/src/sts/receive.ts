/** What the host found of a role: credentials for it, or a refusal. */
import type { AssumeRoleResponse } from '@aws-sdk/client-sts'
import { assumedRoleArn } from '../arn.ts'
import { AwsError } from '../wire/errors.ts'
import type { StsReport } from './effects.ts'
import type { StsContext, StsState } from './state.ts'

type Assumed = Extract<StsReport, { kind: 'role-assumed' }>
type Refused = Extract<StsReport, { kind: 'role-refused' }>

/** Takes in one report. */
export function receive(report: StsReport, context: StsContext): void {
  if (report.kind === 'host-restarted') endOfServices(context.state)
  else answerRequest(report, context)
}

function answerRequest(report: Assumed | Refused, context: StsContext): void {
  const pending = context.state.pending[report.request]
  delete context.state.pending[report.request]
  if (!pending) return
  if (report.kind === 'role-assumed') context.settle(report.request, { value: answer(report, context) })
  else context.settle(report.request, { error: refusal(report, pending) })
}

function endOfServices(state: StsState): void {
  state.pending = {}
  for (const [key, { expiresAt }] of Object.entries(state.sessions))
    if (expiresAt === undefined) delete state.sessions[key]
}

/** API Reference, AssumeRole: temporary keys begin with `ASIA`. */
function answer({ role, seconds, isOfService }: Assumed, context: StsContext): AssumeRoleResponse {
  const AccessKeyId = `ASIA${context.newId(16).toUpperCase()}`
  const expiresAt = context.now + seconds * 1000
  context.state.sessions[AccessKeyId] = isOfService ? { role } : { role, expiresAt }
  const account = { region: context.region, accountId: role.roleArn.split(':')[4] ?? '' }
  return {
    Credentials: {
      AccessKeyId,
      SecretAccessKey: context.newId(40),
      SessionToken: context.newId(128),
      Expiration: new Date(expiresAt),
    },
    AssumedRoleUser: {
      AssumedRoleId: `${role.roleId}:${role.sessionName}`,
      Arn: assumedRoleArn(account, role),
    },
  }
}

function refusal(
  { reason }: Refused,
  { callerArn, roleArn }: { callerArn: string; roleArn: string },
): AwsError {
  if (reason === 'too-long')
    return new AwsError(
      'ValidationError',
      'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    )
  const message = `User: ${callerArn} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`
  return new AwsError('AccessDenied', message, { kind: 'denied' })
}
