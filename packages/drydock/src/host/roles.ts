/** Answers STS whether a role may be taken on: the role is IAM's. */
import { parseArn } from '../arn.ts'
import { isTrusted, roleOfArn } from '../iam/authorize.ts'
import type { Role } from '../iam/state.ts'
import type { StsEffect } from '../sts/effects.ts'
import type { Performers } from './effects.ts'

export const rolePerformers: Performers<StsEffect> = {
  async 'assume-role'(effect, scope, engine) {
    await engine.load('iam')
    const { request, roleArn, sessionName, seconds, asker } = effect
    const { accountId = '' } = parseArn(roleArn) ?? {}
    const role = roleOfArn(roleArn, engine.state('iam', { ...scope, accountId }))
    if (!role || !isTrusted(role, asker, keysOf(effect)))
      return engine.report('sts', scope, { kind: 'role-refused', request, reason: 'denied' })
    if (seconds > role.maxSessionSeconds)
      return engine.report('sts', scope, { kind: 'role-refused', request, reason: 'too-long' })
    const isOfService = asker.kind === 'Service'
    const assumed = assumedOf(role, sessionName)
    engine.report('sts', scope, { kind: 'role-assumed', request, role: assumed, seconds, isOfService })
  },
}

/** A role as it is taken on. */
export const assumedOf = ({ arn, id, name }: Role, sessionName: string) => ({
  roleArn: arn,
  roleId: id,
  roleName: name,
  sessionName,
})

/**
 * IAM User Guide, condition keys of AWS STS and global ones: aws:PrincipalArn is the role's and not its session's, aws:SourceArn is of
 * the resource for which a service asks.
 */
function keysOf({ sessionName, externalId, asker }: StsEffect): Map<string, string[]> {
  const keys = new Map([['sts:rolesessionname', [sessionName]]])
  if (externalId !== undefined) keys.set('sts:externalid', [externalId])
  const { principalArn, sourceArn } = asker
  if (principalArn !== undefined) {
    keys.set('aws:principalarn', [principalArn]).set('aws:principalaccount', [accountOf(principalArn)])
    keys.set('aws:principaltype', [principalArn.endsWith(':root') ? 'Account' : 'AssumedRole'])
  }
  if (sourceArn !== undefined)
    keys.set('aws:sourcearn', [sourceArn]).set('aws:sourceaccount', [accountOf(sourceArn)])
  return keys
}

const accountOf = (arn: string) => parseArn(arn)?.accountId ?? ''
