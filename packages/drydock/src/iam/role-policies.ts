/** What a role may do: policies of its own, and managed ones that are attached to it. */
import type * as client from '@aws-sdk/client-iam'
import type { Handlers } from '../wire/handlers.ts'
import { LARGEST_INLINE, requirePolicy, sizeOf } from './documents.ts'
import { limitExceeded, noSuchEntity } from './errors.ts'
import { findPolicy } from './managed-policies.ts'
import { encoded, listPage, requirePolicyName } from './names.ts'
import { findRole } from './roles.ts'
import type { IamContext } from './state.ts'

/** IAM User Guide, quotas: managed policies attached to a role. */
const MOST_ATTACHED = 10

export const rolePolicyOperations = {
  PutRolePolicy({ RoleName, PolicyName, PolicyDocument = '' }, { state }) {
    const role = findRole(RoleName, state)
    const name = requirePolicyName(PolicyName)
    requirePolicy(PolicyDocument, 'identity')
    const inline = { ...role.inline, [name]: PolicyDocument }
    const size = Object.values(inline).reduce((sum, document) => sum + sizeOf(document), 0)
    if (size > LARGEST_INLINE)
      throw limitExceeded(`Maximum policy size of ${LARGEST_INLINE} bytes exceeded for role ${role.name}`)
    role.inline[name] = PolicyDocument
  },

  GetRolePolicy({ RoleName, PolicyName }, { state }) {
    const role = findRole(RoleName, state)
    const name = requirePolicyName(PolicyName)
    const document = role.inline[name]
    if (document === undefined) throw noSuchInline(name)
    return { RoleName: role.name, PolicyName: name, PolicyDocument: encoded(document) }
  },

  ListRolePolicies({ RoleName, ...paging }, { state }) {
    const { items, page } = listPage(Object.keys(findRole(RoleName, state).inline), (name) => name, paging)
    return { PolicyNames: items, ...page }
  },

  DeleteRolePolicy({ RoleName, PolicyName }, { state }) {
    const role = findRole(RoleName, state)
    const name = requirePolicyName(PolicyName)
    if (role.inline[name] === undefined) throw noSuchInline(name)
    delete role.inline[name]
  },

  AttachRolePolicy({ RoleName, PolicyArn }, { state }) {
    const role = findRole(RoleName, state)
    const policy = findPolicy(PolicyArn, state, 'does not exist or is not attachable.')
    if (role.attached.includes(policy.arn)) return
    if (role.attached.length >= MOST_ATTACHED)
      throw limitExceeded(`Cannot exceed quota for PoliciesPerRole: ${MOST_ATTACHED}`)
    role.attached.push(policy.arn)
  },

  DetachRolePolicy({ RoleName, PolicyArn }, { state }) {
    const role = findRole(RoleName, state)
    if (!role.attached.includes(PolicyArn ?? '')) throw noSuchEntity(`Policy ${PolicyArn} was not found.`)
    role.attached = role.attached.filter((arn) => arn !== PolicyArn)
  },

  ListAttachedRolePolicies({ RoleName, PathPrefix = '/', ...paging }, { state }) {
    const policies = findRole(RoleName, state)
      .attached.map((arn) => findPolicy(arn, state))
      .filter(({ path }) => path.startsWith(PathPrefix))
    const { items, page } = listPage(policies, ({ arn }) => arn, paging)
    return { AttachedPolicies: items.map(({ name, arn }) => ({ PolicyName: name, PolicyArn: arn })), ...page }
  },
} satisfies Partial<Handlers<typeof client, IamContext>>

const noSuchInline = (name: string) => noSuchEntity(`The role policy with name ${name} cannot be found.`)
