/** AWS STS, as far as clients ask who they are. Any key is accepted, so everyone is the root user of an account. */

import * as client from '@aws-sdk/client-sts'
import { rootArn } from '../arn.ts'
import type { OperationContext, Service } from '../service.ts'
import { operations } from '../wire/model.ts'

/** STS keeps nothing. */
type StsState = Record<string, never>

/** GetCallerIdentity; all else is answered as not implemented. */
export const sts = {
  model: operations<typeof client, OperationContext<StsState>>(client, {
    GetCallerIdentity: (_input, context) => ({
      Account: context.accountId,
      UserId: context.accountId,
      Arn: rootArn(context),
    }),
  }),
  emptyState: () => ({}),
} satisfies Service<StsState>
