/** AWS IAM: roles with their policies, and managed policies. What they allow is judged in policy/. */
import * as client from '@aws-sdk/client-iam'
import type { Service } from '../service.ts'
import { operations } from '../wire/model.ts'
import { managedPolicyOperations } from './managed-policies.ts'
import { rolePolicyOperations } from './role-policies.ts'
import { roleOperations } from './roles.ts'
import { emptyState, type IamContext, type IamState } from './state.ts'
import { userOperations } from './users.ts'

export const iam = {
  model: operations<typeof client, IamContext>(client, {
    ...roleOperations,
    ...rolePolicyOperations,
    ...managedPolicyOperations,
    ...userOperations,
  }),
  emptyState,
} satisfies Service<IamState>
