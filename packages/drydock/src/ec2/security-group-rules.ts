/** Rules of security groups: added, taken away, listed. Nothing is kept out by them: see the README. */
import type * as client from '@aws-sdk/client-ec2'
import { AwsError } from '../wire/errors.ts'
import type { Handlers } from '../wire/handlers.ts'
import { missingParameter, unsupported } from './errors.ts'
import { type FilterTable, filtered } from './filters.ts'
import { named, notFound, requireForm } from './ids.ts'
import { paged, requirePaging } from './paging.ts'
import { isSameRule, type NamedRule, permissionsOf, rulesOf, ruleText, ruleView } from './permissions.ts'
import type { Ec2OperationContext, RuleRecord, SecurityGroupRecord } from './state.ts'

export const ruleOperations = {
  AuthorizeSecurityGroupIngress: (input, context) => authorize(input, false, context),
  AuthorizeSecurityGroupEgress: (input, context) => authorize(input, true, context),
  RevokeSecurityGroupIngress: (input, context) => revoke(input, false, context),
  RevokeSecurityGroupEgress: (input, context) => revoke(input, true, context),

  DescribeSecurityGroupRules(input, context) {
    const { SecurityGroupRuleIds: ids } = input
    requirePaging(input, ids, 'securityGroupRuleIds')
    const all = Object.values(context.state.securityGroups).flatMap(({ id, rules }) =>
      rules.map((rule) => ruleView(rule, id, context)),
    )
    for (const id of ids ?? []) requireForm('rule', id)
    const missing = ids?.filter((id) => !all.some((rule) => rule.SecurityGroupRuleId === id)) ?? []
    if (missing.length) throw notFound('rule', missing)
    const asked = ids?.length ? all.filter((rule) => ids.includes(rule.SecurityGroupRuleId ?? '')) : all
    const found = filtered(asked, input.Filters, RULE_FILTERS, ({ Tags }) => Tags)
    const { items, nextToken } = paged(found, (rule) => rule.SecurityGroupRuleId, input)
    return { SecurityGroupRules: items, NextToken: nextToken }
  },
} satisfies Partial<Handlers<typeof client, Ec2OperationContext>>

const RULE_FILTERS: FilterTable<client.SecurityGroupRule> = {
  'group-id': ({ GroupId }) => [GroupId],
  'security-group-rule-id': ({ SecurityGroupRuleId }) => [SecurityGroupRuleId],
}

type AuthorizeRequest = client.AuthorizeSecurityGroupIngressRequest
type RevokeRequest = client.RevokeSecurityGroupIngressRequest

/** Adds all of the rules or none. Throws InvalidPermission.Duplicate for one that is there already. */
function authorize(input: AuthorizeRequest, isEgress: boolean, context: Ec2OperationContext) {
  if (input.TagSpecifications?.length) throw unsupported('A tag of a security group rule')
  const group = groupOf(input, context)
  const wanted = rulesOf(permissionsGiven(input), isEgress, group, context.state)
  const isKnown = (rule: NamedRule, index: number) =>
    [...group.rules, ...wanted.slice(0, index)].some((each) => isSameRule(each, rule))
  const known = wanted.find(isKnown)
  if (known)
    throw new AwsError(
      'InvalidPermission.Duplicate',
      `the specified rule "${ruleText(known)}" already exists`,
    )
  const added = wanted.map((rule): RuleRecord => ({ id: `sgr-${context.newId(17)}`, ...rule }))
  group.rules.push(...added)
  return { Return: true, SecurityGroupRules: added.map((rule) => ruleView(rule, group.id, context)) }
}

/**
 * Takes rules away. Those that are not there are an error, but of the default VPC they are only told (API Reference:
 * RevokeSecurityGroupIngress).
 */
function revoke(input: RevokeRequest, isEgress: boolean, context: Ec2OperationContext) {
  const group = groupOf(input, context)
  const { SecurityGroupRuleIds: ids } = input
  const { gone, unknown } = ids?.length
    ? { gone: rulesById(ids, isEgress, group), unknown: [] }
    : rulesByPermission(input, isEgress, group, context)
  if (unknown.length && !context.state.vpcs[group.vpcId]?.isDefault)
    throw new AwsError(
      'InvalidPermission.NotFound',
      'The specified rule does not exist in this security group.',
    )
  group.rules = group.rules.filter((rule) => !gone.includes(rule))
  return {
    Return: true,
    UnknownIpPermissions: permissionsOf(unknown, context.accountId),
    RevokedSecurityGroupRules: gone.map((rule) => {
      const {
        SecurityGroupRuleArn: _,
        GroupOwnerId: __,
        Tags: ___,
        ReferencedGroupInfo,
        ...view
      } = ruleView(rule, group.id, context)
      return { ...view, ReferencedGroupId: ReferencedGroupInfo?.GroupId }
    }),
  }
}

function rulesById(ids: readonly string[], isEgress: boolean, { rules }: SecurityGroupRecord): RuleRecord[] {
  for (const id of ids) requireForm('rule', id)
  const found = rules.filter((rule) => rule.isEgress === isEgress && ids.includes(rule.id))
  const missing = ids.filter((id) => !found.some((rule) => rule.id === id))
  if (missing.length) throw notFound('rule', missing)
  return found
}

function rulesByPermission(
  input: RevokeRequest,
  isEgress: boolean,
  group: SecurityGroupRecord,
  { state }: Ec2OperationContext,
) {
  const wanted = rulesOf(permissionsGiven(input), isEgress, group, state)
  return {
    gone: group.rules.filter((rule) => wanted.some((each) => isSameRule(each, rule))),
    unknown: wanted.filter((each) => !group.rules.some((rule) => isSameRule(each, rule))),
  }
}

/** By id; a name is enough in the default VPC. */
function groupOf(
  {
    GroupId: id,
    GroupName: name,
  }: { readonly GroupId?: string | undefined; readonly GroupName?: string | undefined },
  { state }: Ec2OperationContext,
): SecurityGroupRecord {
  if (id !== undefined) return named('group', id, state.securityGroups)
  if (name === undefined) throw missingParameter('groupName or groupId')
  const found = Object.values(state.securityGroups).find(
    (group) => group.name === name && state.vpcs[group.vpcId]?.isDefault,
  )
  if (!found) throw notFound('group', [name])
  return found
}

/** One permission may be given without a list, as requests once did. */
function permissionsGiven(input: AuthorizeRequest | RevokeRequest): client.IpPermission[] {
  const { IpPermissions, IpProtocol, FromPort, ToPort, CidrIp, SourceSecurityGroupName } = input
  if (IpPermissions?.length) return IpPermissions
  if (IpProtocol === undefined) throw missingParameter('ipPermissions')
  return [
    {
      IpProtocol,
      FromPort,
      ToPort,
      IpRanges: CidrIp === undefined ? [] : [{ CidrIp }],
      UserIdGroupPairs: SourceSecurityGroupName === undefined ? [] : [{ GroupName: SourceSecurityGroupName }],
    },
  ]
}
