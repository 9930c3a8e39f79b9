/** Roles: made, shown, listed, changed and deleted. */
import type * as client from '@aws-sdk/client-iam'
import { globalArnOf } from '../arn.ts'
import { emptyRecord } from '../service.ts'
import type { Handlers } from '../wire/handlers.ts'
import { LARGEST_TRUST_POLICY, requirePolicy, requireSize, sizeOf } from './documents.ts'
import { alreadyExists, conflict, invalid, noSuchEntity, notImplemented } from './errors.ts'
import { encoded, listPage, requirePath, requireRoleName } from './names.ts'
import type { IamContext, IamState, Role } from './state.ts'
import { readTags, shownTags, withTags } from './tags.ts'

/** API Reference, CreateRole: MaxSessionDuration, "from 1 hour to 12 hours", one hour unless told. */
const SHORTEST_SESSION = 3600
const LONGEST_SESSION = 43_200

export const roleOperations = {
  CreateRole(input, context) {
    const name = requireRoleName(input.RoleName)
    const path = requirePath(input.Path)
    if (input.PermissionsBoundary !== undefined) throw notImplemented('Permissions boundaries are')
    const trustPolicy = readTrustPolicy(input.AssumeRolePolicyDocument)
    const maxSessionSeconds = readMaxSession(input.MaxSessionDuration)
    const tags = withTags({}, readTags(input.Tags))
    if (context.state.roles[name.toLowerCase()]) throw alreadyExists(`Role with name ${name} already exists.`)
    const role: Role = {
      id: `AROA${context.newId(17).toUpperCase()}`,
      name,
      path,
      arn: globalArnOf('iam', context, `role${path}${name}`),
      createdAt: context.now,
      ...(input.Description !== undefined && { description: input.Description }),
      trustPolicy,
      maxSessionSeconds,
      tags,
      inline: emptyRecord(),
      attached: [],
    }
    context.state.roles[name.toLowerCase()] = role
    return { Role: shownRole(role) }
  },

  GetRole({ RoleName }, { state }) {
    return { Role: shownRole(findRole(RoleName, state)) }
  },

  ListRoles({ PathPrefix = '/', ...paging }, { state }) {
    const roles = Object.values(state.roles).filter(({ path }) => path.startsWith(PathPrefix))
    const { items, page } = listPage(roles, ({ name }) => name, paging)
    return { Roles: items.map(listedRole), ...page }
  },

  UpdateRole({ RoleName, Description, MaxSessionDuration }, { state }) {
    const role = findRole(RoleName, state)
    const maxSessionSeconds = readMaxSession(MaxSessionDuration ?? role.maxSessionSeconds)
    role.maxSessionSeconds = maxSessionSeconds
    if (Description !== undefined) role.description = Description
    return {}
  },

  UpdateAssumeRolePolicy({ RoleName, PolicyDocument }, { state }) {
    const role = findRole(RoleName, state)
    role.trustPolicy = readTrustPolicy(PolicyDocument)
  },

  DeleteRole({ RoleName }, { state }) {
    const role = findRole(RoleName, state)
    if (role.attached.length) throw conflict('Cannot delete entity, must detach all policies first.')
    if (Object.keys(role.inline).length) throw conflict('Cannot delete entity, must delete policies first.')
    delete state.roles[role.name.toLowerCase()]
  },

  TagRole({ RoleName, Tags }, { state }) {
    const role = findRole(RoleName, state)
    role.tags = withTags(role.tags, readTags(Tags))
  },

  UntagRole({ RoleName, TagKeys = [] }, { state }) {
    const role = findRole(RoleName, state)
    for (const key of TagKeys) delete role.tags[key]
  },

  ListRoleTags({ RoleName, ...paging }, { state }) {
    const { items, page } = listPage(shownTags(findRole(RoleName, state).tags), ({ Key }) => Key, paging)
    return { Tags: items, ...page }
  },

  /** There are no instance profiles; infrastructure tools ask before they delete a role. */
  ListInstanceProfilesForRole({ RoleName }, { state }) {
    findRole(RoleName, state)
    return { InstanceProfiles: [], IsTruncated: false }
  },
} satisfies Partial<Handlers<typeof client, IamContext>>

/** Throws ValidationError for what is no name, NoSuchEntity for a role that is not there. */
export function findRole(name: string | undefined, { roles }: IamState): Role {
  const role = roles[requireRoleName(name).toLowerCase()]
  if (!role) throw noSuchEntity(`The role with name ${name} cannot be found.`)
  return role
}

function readTrustPolicy(document: string | undefined): string {
  const text = document ?? ''
  requirePolicy(text, 'trust')
  requireSize(sizeOf(text), LARGEST_TRUST_POLICY, 'ACLSizePerRole')
  return text
}

function readMaxSession(seconds = SHORTEST_SESSION): number {
  if (seconds < SHORTEST_SESSION)
    throw invalid(
      'maxSessionDuration',
      seconds,
      `Member must have value greater than or equal to ${SHORTEST_SESSION}`,
    )
  if (seconds > LONGEST_SESSION)
    throw invalid(
      'maxSessionDuration',
      seconds,
      `Member must have value less than or equal to ${LONGEST_SESSION}`,
    )
  return seconds
}

/** As lists show it: without its tags (API Reference, ListRoles). */
const listedRole = (role: Role) => ({
  Path: role.path,
  RoleName: role.name,
  RoleId: role.id,
  Arn: role.arn,
  CreateDate: new Date(role.createdAt),
  AssumeRolePolicyDocument: encoded(role.trustPolicy),
  ...(role.description !== undefined && { Description: role.description }),
  MaxSessionDuration: role.maxSessionSeconds,
})

const shownRole = (role: Role) => ({
  ...listedRole(role),
  ...(Object.keys(role.tags).length && { Tags: shownTags(role.tags) }),
})
