/** Managed policies, with their versions: the account's own are made and changed here, AWS's are only read. */
import type * as client from '@aws-sdk/client-iam'
import { globalArnOf } from '../arn.ts'
import type { Handlers } from '../wire/handlers.ts'
import { awsPolicies } from './aws-policies.ts'
import { LARGEST_POLICY, requirePolicy, requireSize, sizeOf } from './documents.ts'
import { alreadyExists, conflict, invalidInput, limitExceeded, noSuchEntity } from './errors.ts'
import { encoded, listPage, requirePath, requirePolicyName } from './names.ts'
import type { IamContext, IamState, ManagedPolicy, PolicyVersion } from './state.ts'
import { readTags, shownTags, withTags } from './tags.ts'

/** IAM User Guide, quotas: versions of a managed policy. */
const MOST_VERSIONS = 5

export const managedPolicyOperations = {
  CreatePolicy(input, context) {
    const name = requirePolicyName(input.PolicyName)
    const path = requirePath(input.Path)
    const document = readDocument(input.PolicyDocument)
    const tags = withTags({}, readTags(input.Tags))
    const isSame = (policy: ManagedPolicy) => policy.name.toLowerCase() === name.toLowerCase()
    if (Object.values(context.state.policies).some(isSame))
      throw alreadyExists(`A policy called ${name} already exists. Duplicate names are not allowed.`)
    const policy: ManagedPolicy = {
      id: `ANPA${context.newId(17).toUpperCase()}`,
      name,
      path,
      arn: globalArnOf('iam', context, `policy${path}${name}`),
      createdAt: context.now,
      updatedAt: context.now,
      ...(input.Description !== undefined && { description: input.Description }),
      defaultVersion: 'v1',
      lastVersion: 1,
      versions: [{ id: 'v1', document, createdAt: context.now }],
      tags,
    }
    context.state.policies[policy.arn] = policy
    return { Policy: shownPolicy(policy, context.state) }
  },

  GetPolicy({ PolicyArn }, { state }) {
    const policy = findPolicy(PolicyArn, state)
    const more = policy.description === undefined ? {} : { Description: policy.description }
    return { Policy: { ...shownPolicy(policy, state), ...more, Tags: shownTags(policy.tags) } }
  },

  ListPolicies({ Scope = 'All', OnlyAttached = false, PathPrefix = '/', ...paging }, { state }) {
    const own = Scope === 'AWS' ? [] : Object.values(state.policies)
    const ofAws = Scope === 'Local' ? [] : awsPolicies.values()
    const policies = [...own, ...ofAws].filter(
      (policy) =>
        policy.path.startsWith(PathPrefix) && (!OnlyAttached || attachmentsOf(policy, state).length > 0),
    )
    const { items, page } = listPage(policies, ({ arn }) => arn, paging)
    return { Policies: items.map((policy) => shownPolicy(policy, state)), ...page }
  },

  DeletePolicy({ PolicyArn }, { state }) {
    const policy = findOwnPolicy(PolicyArn, state)
    if (attachmentsOf(policy, state).length) throw conflict('Cannot delete a policy attached to entities.')
    if (policy.versions.length > 1)
      throw conflict(
        "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
      )
    delete state.policies[policy.arn]
  },

  CreatePolicyVersion({ PolicyArn, PolicyDocument, SetAsDefault = false }, { state, now }) {
    const policy = findOwnPolicy(PolicyArn, state)
    const document = readDocument(PolicyDocument)
    if (policy.versions.length >= MOST_VERSIONS)
      throw limitExceeded(
        `A managed policy can have up to ${MOST_VERSIONS} versions. Before you create a new version, you must delete an existing version.`,
      )
    policy.lastVersion += 1
    const version = { id: `v${policy.lastVersion}`, document, createdAt: now }
    policy.versions.push(version)
    policy.updatedAt = now
    if (SetAsDefault) policy.defaultVersion = version.id
    return { PolicyVersion: listedVersion(policy, version) }
  },

  GetPolicyVersion({ PolicyArn, VersionId }, { state }) {
    const policy = findPolicy(PolicyArn, state)
    const version = findVersion(policy, VersionId)
    return { PolicyVersion: { ...listedVersion(policy, version), Document: encoded(version.document) } }
  },

  ListPolicyVersions({ PolicyArn, ...paging }, { state }) {
    const policy = findPolicy(PolicyArn, state)
    const { items, page } = listPage(policy.versions, ({ id }) => id, paging)
    return { Versions: items.map((version) => listedVersion(policy, version)), ...page }
  },

  SetDefaultPolicyVersion({ PolicyArn, VersionId }, { state, now }) {
    const policy = findOwnPolicy(PolicyArn, state)
    policy.defaultVersion = findVersion(policy, VersionId).id
    policy.updatedAt = now
  },

  DeletePolicyVersion({ PolicyArn, VersionId }, { state }) {
    const policy = findOwnPolicy(PolicyArn, state)
    const { id } = findVersion(policy, VersionId)
    if (id === policy.defaultVersion) throw conflict('Cannot delete the default version of a policy.')
    policy.versions = policy.versions.filter((version) => version.id !== id)
  },
} satisfies Partial<Handlers<typeof client, IamContext>>

/** One of the account's policies or of AWS's. Throws NoSuchEntity, whose message ends with `problem`. */
export function findPolicy(
  arn: string | undefined,
  { policies }: IamState,
  problem = 'was not found.',
): ManagedPolicy {
  const policy = policies[arn ?? ''] ?? awsPolicies.get(arn ?? '')
  if (!policy) throw noSuchEntity(`Policy ${arn} ${problem}`)
  return policy
}

function findOwnPolicy(arn: string | undefined, state: IamState): ManagedPolicy {
  const policy = findPolicy(arn, state)
  if (awsPolicies.has(policy.arn))
    throw invalidInput('Cannot perform this operation on an AWS managed policy.')
  return policy
}

function findVersion({ arn, versions }: ManagedPolicy, id: string | undefined): PolicyVersion {
  const version = versions.find((each) => each.id === id)
  if (!version) throw noSuchEntity(`Policy ${arn} version ${id} does not exist or is not attachable.`)
  return version
}

function readDocument(document = ''): string {
  requirePolicy(document, 'identity')
  requireSize(sizeOf(document), LARGEST_POLICY, 'PolicySize')
  return document
}

const attachmentsOf = ({ arn }: ManagedPolicy, { roles }: IamState) =>
  Object.values(roles).filter(({ attached }) => attached.includes(arn))

const shownPolicy = (policy: ManagedPolicy, state: IamState) => ({
  PolicyName: policy.name,
  PolicyId: policy.id,
  Arn: policy.arn,
  Path: policy.path,
  DefaultVersionId: policy.defaultVersion,
  AttachmentCount: attachmentsOf(policy, state).length,
  PermissionsBoundaryUsageCount: 0,
  IsAttachable: true,
  CreateDate: new Date(policy.createdAt),
  UpdateDate: new Date(policy.updatedAt),
})

const listedVersion = ({ defaultVersion }: ManagedPolicy, { id, createdAt }: PolicyVersion) => ({
  VersionId: id,
  IsDefaultVersion: id === defaultVersion,
  CreateDate: new Date(createdAt),
})
