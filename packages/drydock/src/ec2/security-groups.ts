/** Security groups: made, listed, deleted once nothing uses them. */
import type * as client from '@aws-sdk/client-ec2'
import { arnOf } from '../arn.ts'
import { AwsError } from '../wire/errors.ts'
import type { Handlers } from '../wire/handlers.ts'
import type { TaskInterface } from './effects.ts'
import { dependencyViolation, invalidValue, missingParameter } from './errors.ts'
import { filtered } from './filters.ts'
import { named, namedOrAll, notFound } from './ids.ts'
import { whenInterfacesAreKnown } from './interfaces-asked.ts'
import { paged, requirePaging } from './paging.ts'
import { SECURITY_GROUP_FILTERS, securityGroupView } from './security-group-view.ts'
import {
  defaultVpc,
  type Ec2Context,
  type Ec2OperationContext,
  type Ec2State,
  everythingOut,
  type SecurityGroupRecord,
} from './state.ts'
import { forgetTags, tagList, tagsOfCreation } from './tags.ts'

export const securityGroupOperations = {
  CreateSecurityGroup(input, context) {
    const { GroupName: name = '', Description: description = '' } = input
    const { state } = context
    requireText('groupName', name)
    requireText('groupDescription', description)
    if (name.startsWith('sg-'))
      throw invalidValue(
        `invalid value for parameter group-name: ${name}. Group names may not be in the format sg-*`,
      )
    const vpcId = vpcFor(input.VpcId, state)
    if (name === 'default') throw invalidValue(`Cannot use reserved security group name: ${name}`)
    if (Object.values(state.securityGroups).some((each) => each.vpcId === vpcId && each.name === name))
      throw new AwsError(
        'InvalidGroup.Duplicate',
        `The security group '${name}' already exists for VPC '${vpcId}'`,
      )
    const tags = tagsOfCreation(input.TagSpecifications, 'security-group')
    const id = `sg-${context.newId(17)}`
    state.securityGroups[id] = { id, vpcId, name, description, rules: [everythingOut(context.newId(17))] }
    if (tags) state.tags[id] = tags
    const SecurityGroupArn = arnOf('ec2', context, `security-group/${id}`)
    return { GroupId: id, SecurityGroupArn, Tags: tagList(state, id) }
  },

  DescribeSecurityGroups(input, context) {
    requirePaging(input, input.GroupIds, 'groupIds')
    const { securityGroups } = context.state
    const groups = namedOrAll('group', input.GroupIds, securityGroups).filter(
      isOneOf(input.GroupNames, context.state),
    )
    const views = groups.map((group) => securityGroupView(group, context))
    const found = filtered(views, input.Filters, SECURITY_GROUP_FILTERS, ({ Tags }) => Tags)
    const { items, nextToken } = paged(found, ({ GroupId }) => GroupId, input)
    return { SecurityGroups: items, NextToken: nextToken }
  },

  DeleteSecurityGroup(input, context) {
    toDelete(input, context.state)
    const request = { operation: 'DeleteSecurityGroup' as const, input }
    return whenInterfacesAreKnown<client.DeleteSecurityGroupResult>(request, context)
  },
} satisfies Partial<Handlers<typeof client, Ec2OperationContext>>

/** Deletes a security group. Throws DependencyViolation while an interface has it, or a rule of another group names it. */
export function deleteSecurityGroup(
  input: client.DeleteSecurityGroupRequest,
  interfaces: readonly TaskInterface[],
  { state }: Ec2Context,
): client.DeleteSecurityGroupResult {
  const { id } = toDelete(input, state)
  const others = Object.values(state.securityGroups).filter((other) => other.id !== id)
  const isNamed = others.some(({ rules }) => rules.some(({ groupId }) => groupId === id))
  if (isNamed || interfaces.some(({ securityGroups }) => securityGroups.includes(id)))
    throw dependencyViolation(`resource ${id} has a dependent object`)
  delete state.securityGroups[id]
  forgetTags(state, id)
  return { Return: true, GroupId: id }
}

/** EC2 API Reference, Error codes: CannotDelete. */
function toDelete(
  { GroupId: id, GroupName: name }: client.DeleteSecurityGroupRequest,
  state: Ec2State,
): SecurityGroupRecord {
  if (id === undefined && name === undefined) throw missingParameter('groupName or groupId')
  const group = id === undefined ? inDefaultVpc(name ?? '', state) : named('group', id, state.securityGroups)
  if (group.name === 'default')
    throw new AwsError(
      'CannotDelete',
      `the specified group: "${group.id}" name: "default" cannot be deleted by a user`,
    )
  return group
}

function inDefaultVpc(name: string, state: Ec2State): SecurityGroupRecord {
  const vpcId = defaultVpc(state)?.id
  const found = Object.values(state.securityGroups).find((each) => each.vpcId === vpcId && each.name === name)
  if (!found) throw notFound('group', [name])
  return found
}

/** Names are looked for in the default VPC only (API Reference: DescribeSecurityGroups). */
function isOneOf(names: readonly string[] | undefined, state: Ec2State) {
  if (!names?.length) return () => true
  const ids = new Set(names.map((name) => inDefaultVpc(name, state).id))
  return ({ id }: SecurityGroupRecord) => ids.has(id)
}

const LONGEST_TEXT = 255
/** API Reference: CreateSecurityGroup, constraints for EC2-VPC. */
const TEXT = /^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]+$/

function requireText(parameter: string, text: string): void {
  if (text === '') throw missingParameter(parameter)
  if (text.length <= LONGEST_TEXT && TEXT.test(text)) return
  throw invalidValue(`Value (${text}) for parameter ${parameter} is invalid.`)
}

/** EC2 API Reference, Error codes: VPCIdNotSpecified. */
function vpcFor(id: string | undefined, state: Ec2State): string {
  if (id !== undefined) return named('vpc', id, state.vpcs).id
  const vpc = defaultVpc(state)
  if (!vpc) throw new AwsError('VPCIdNotSpecified', 'No default VPC for this user')
  return vpc.id
}
