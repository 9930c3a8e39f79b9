/** GetAuthorizationToken: the password of the user `AWS` for the registry. */
import type * as client from '@aws-sdk/client-ecr'
import type { Handlers } from '../wire/handlers.ts'
import { registryOf, requireLength } from './constraints.ts'
import { invalidParameter } from './errors.ts'
import type { EcrOperationContext } from './state.ts'
import { writeToken } from './token.ts'

/** Tokens are good for 12 hours (ECR user guide: Private registry authentication). */
const TOKEN_MS = 12 * 3_600_000

export const authorizationOperations = {
  GetAuthorizationToken(input, context) {
    const registryIds = input.registryIds ?? [context.accountId]
    requireLength('registryIds', registryIds.length, 1, 10)
    for (const id of registryIds) {
      if (registryOf(id, context) !== context.accountId)
        throw invalidParameter('registryIds', 'must be the registry of the caller')
    }
    return { authorizationData: registryIds.map(() => authorize(context)) }
  },
} satisfies Partial<Handlers<typeof client, EcrOperationContext>>

function authorize(context: EcrOperationContext): client.AuthorizationData {
  const { accountId, region, endpoint } = context
  const expiresAt = context.now + TOKEN_MS
  const password = writeToken({ accountId, region, expiresAt }, tokenKeyOf(context))
  const authorizationToken = Buffer.from(`AWS:${password}`).toString('base64')
  return { authorizationToken, expiresAt: new Date(expiresAt), proxyEndpoint: endpoint }
}

/** The key that signs this account's and region's tokens, made when it is first needed. */
export function tokenKeyOf(context: EcrOperationContext): string {
  context.state.tokenKey ??= context.newId(64)
  return context.state.tokenKey
}
