/** Whether a role may do what a request asks, by the policies that it has now. Pure. */
import { assumedRoleArn } from '../arn.ts'
import { type PolicyDocument, parsePolicy } from '../policy/document.ts'
import { type AccessRequest, evaluate, evaluateResource, type Verdict } from '../policy/evaluate.ts'
import type { AssumedRole, Scope } from '../service.ts'
import { awsPolicies } from './aws-policies.ts'
import type { IamState, Role } from './state.ts'

/** The role of an ARN, whatever its path; `undefined` where there is none. */
export const roleOfArn = (arn: string, { roles }: IamState): Role | undefined =>
  Object.values(roles).find((role) => role.arn === arn)

/** The role that a session is of; not another one that was made since under its name. */
const roleOfSession = ({ roleArn, roleId }: AssumedRole, state: IamState): Role | undefined => {
  const role = roleOfArn(roleArn, state)
  return role?.id === roleId ? role : undefined
}

/** All policies of a session's role: its own, and the default versions of those attached. None where the role is gone. */
export function policiesOf(session: AssumedRole, state: IamState): PolicyDocument[] {
  const role = roleOfSession(session, state)
  if (!role) return []
  const managed = role.attached.map((arn) => {
    const policy = state.policies[arn] ?? awsPolicies.get(arn)
    return policy?.versions.find(({ id }) => id === policy.defaultVersion)?.document
  })
  const texts = [...Object.values(role.inline), ...managed.filter((text) => text !== undefined)]
  return texts.map((text) => parsePolicy(text, 'identity'))
}

/** The first check that is not allowed, with its verdict; `told` hears the verdict of each until then. */
export function firstRefused(
  policies: readonly PolicyDocument[],
  checks: readonly AccessRequest[],
  told: (check: AccessRequest, verdict: Verdict) => void,
): { readonly check: AccessRequest; readonly verdict: Verdict } | undefined {
  for (const check of checks) {
    const verdict = evaluate(policies, check)
    told(check, verdict)
    if (verdict !== 'allowed') return { check, verdict }
  }
  return undefined
}

/** AWS's sentence (IAM User Guide, troubleshooting access denied error messages). */
export function refusalText(
  scope: Scope,
  role: AssumedRole,
  { action, resource }: AccessRequest,
  verdict: Verdict,
): string {
  const reason =
    verdict === 'explicitly-denied'
      ? 'with an explicit deny in an identity-based policy'
      : `because no identity-based policy allows the ${action} action`
  return `User: ${assumedRoleArn(scope, role)} is not authorized to perform: ${action} on resource: ${resource} ${reason}`
}

/** The condition keys that every request of a role has (IAM User Guide, global condition keys). `now` in milliseconds. */
export function globalKeys(
  scope: Scope,
  session: AssumedRole,
  state: IamState,
  now: number,
): Map<string, readonly string[]> {
  const tags = roleOfSession(session, state)?.tags ?? {}
  return new Map<string, readonly string[]>([
    ['aws:principalarn', [session.roleArn]],
    ['aws:principalaccount', [scope.accountId]],
    ['aws:principaltype', ['AssumedRole']],
    ['aws:userid', [`${session.roleId}:${session.sessionName}`]],
    ['aws:requestedregion', [scope.region]],
    ['aws:currenttime', [new Date(now).toISOString()]],
    ['aws:epochtime', [String(Math.floor(now / 1000))]],
    ['aws:securetransport', ['false']],
    ...Object.entries(tags).map(
      ([key, value]) => [`aws:principaltag/${key.toLowerCase()}`, [value]] as const,
    ),
  ])
}

/** Whether a role's trust policy lets somebody take it on. */
export function isTrusted(
  role: Role,
  asker: { readonly kind: 'AWS' | 'Service'; readonly names: readonly string[] },
  keys: ReadonlyMap<string, readonly string[]>,
): boolean {
  const policy = parsePolicy(role.trustPolicy, 'trust')
  const request = { action: 'sts:AssumeRole', resource: role.arn, context: keys }
  return evaluateResource(policy, asker, request) === 'allowed'
}
