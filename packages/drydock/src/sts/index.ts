/** AWS STS: who calls, and credentials of roles for a while. Whoever has no role's credentials is the root user of an account. */
import * as client from '@aws-sdk/client-sts'
import type { Service, Timed } from '../service.ts'
import { operations } from '../wire/model.ts'
import { assumeRoleOperations, callerArn } from './assume-role.ts'
import type { StsEffect, StsReport } from './effects.ts'
import { receive } from './receive.ts'
import { emptyState, type StsOperationContext, type StsState } from './state.ts'

/** GetCallerIdentity and AssumeRole; all else is answered as not implemented. */
export const sts: Service<StsState, Timed, StsReport, StsEffect> & { readonly receive: typeof receive } = {
  model: operations<typeof client, StsOperationContext>(client, {
    ...assumeRoleOperations,
    GetCallerIdentity: (_input, context) => ({
      Account: context.accountId,
      UserId: context.role ? `${context.role.roleId}:${context.role.sessionName}` : context.accountId,
      Arn: callerArn(context),
    }),
  }),
  emptyState,
  receive,
}
