/** AWS STS, as far as clients ask who they are. Any key is accepted, so everyone is the root user of an account. */
import * as client from '@aws-sdk/client-sts'
import type { OperationContext, Service } from '../service.ts'
import { operations } from '../wire/model.ts'

/** STS keeps nothing. */
type StsState = Record<string, never>

/** GetCallerIdentity; all else is answered as not implemented. */
export const sts = {
  model: operations<typeof client, OperationContext<StsState>>(client, {
    GetCallerIdentity: (_input, { accountId }) => ({
      Account: accountId,
      UserId: accountId,
      Arn: `arn:aws:iam::${accountId}:root`,
    }),
  }),
  emptyState: () => ({}),
} satisfies Service<StsState>
