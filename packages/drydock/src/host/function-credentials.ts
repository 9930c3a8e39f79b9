/** The credentials that functions run with: their roles', where policies are enforced, and else the account's own. */
import type { AssumeRoleResponse } from '@aws-sdk/client-sts'
import type { Engine } from '../engine.ts'
import { roleOfArn } from '../iam/authorize.ts'
import type { FunctionSpec } from '../lambda/effects.ts'
import type { Scope } from '../service.ts'
import { AwsError } from '../wire/errors.ts'

/** Environment variables by name. */
export type Variables = Readonly<Record<string, string>>

export interface FunctionCredentials {
  /** Those of one function; `undefined` where its role does not trust Lambda. */
  of(spec: FunctionSpec, scope: Scope, engine: Engine): Promise<Variables | undefined>
  clear(): void
}

/** An access key of twelve digits is the account, for whatever a function calls. */
export const rootCredentials: FunctionCredentials = {
  of: async (_spec, { accountId }) => variables(accountId, 'drydock', 'drydock'),
  clear() {},
}

/**
 * One session of its role for each function, which its environments share. A function whose role is not in IAM is the account's root,
 * as without enforcement.
 */
export function roleCredentials(): FunctionCredentials {
  const known = new Map<string, Promise<Variables | undefined>>()
  return {
    async of(spec, scope, engine) {
      await Promise.all([engine.load('iam'), engine.load('sts')])
      const role = roleOfArn(spec.roleArn, engine.state('iam', scope))
      if (!role) return rootCredentials.of(spec, scope, engine)
      const key = `${spec.arn} ${role.id}`
      const asked = known.get(key) ?? assume(spec, scope, engine)
      known.set(key, asked)
      const credentials = await asked
      // A role that trusts Lambda later is taken on then.
      if (!credentials) known.delete(key)
      return credentials
    },
    clear: () => known.clear(),
  }
}

async function assume(spec: FunctionSpec, scope: Scope, engine: Engine): Promise<Variables | undefined> {
  const service = { name: 'AWS Lambda', principal: 'lambda.amazonaws.com', resourceArn: spec.arn }
  const caller = { ...scope, accessKeyId: scope.accountId, requestId: '', service }
  const input = { RoleArn: spec.roleArn, RoleSessionName: spec.name }
  try {
    const answer = (await engine.execute('sts', 'AssumeRole', input, caller)) as AssumeRoleResponse
    const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = answer.Credentials ?? {}
    return variables(AccessKeyId, SecretAccessKey, SessionToken)
  } catch (error) {
    if (error instanceof AwsError && error.kind === 'denied') return undefined
    throw error
  }
}

const variables = (key: string, secret: string, token: string): Variables => ({
  AWS_ACCESS_KEY_ID: key,
  AWS_SECRET_ACCESS_KEY: secret,
  AWS_SESSION_TOKEN: token,
})
