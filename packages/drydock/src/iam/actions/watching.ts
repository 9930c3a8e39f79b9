/** The actions of CloudWatch, CloudWatch Logs, IAM and STS (Service Authorization Reference, the page of each). */
import type { ServiceActions } from './action.ts'

export const cloudwatchActions: ServiceActions = {
  prefix: 'cloudwatch',
  arns: 'regional',
  tagging: 'cloudwatch:TagResource',
  rows: [
    {
      operations: ['DescribeAlarmsForMetric', 'GetMetricData', 'GetMetricStatistics', 'ListMetrics'],
    },
    { operations: ['PutMetricData'], keys: { 'cloudwatch:namespace': 'Namespace' } },
    {
      operations: ['DescribeAlarmHistory', 'PutCompositeAlarm', 'PutMetricAlarm', 'SetAlarmState'],
      member: 'AlarmName',
      form: 'alarm:{}',
    },
    {
      operations: ['DeleteAlarms', 'DescribeAlarms', 'DisableAlarmActions', 'EnableAlarmActions'],
      member: 'AlarmNames',
      form: 'alarm:{}',
    },
    {
      operations: ['DeleteAlarmMuteRule', 'GetAlarmMuteRule'],
      member: 'AlarmMuteRuleName',
      form: 'alarm-mute-rule:{}',
    },
    { operations: ['PutAlarmMuteRule'], member: 'Name', form: 'alarm-mute-rule:{}' },
    {
      operations: ['PutAlarmMuteRule'],
      member: 'MuteTargets.AlarmNames',
      form: 'alarm:{}',
      isOptional: true,
    },
    { operations: ['ListAlarmMuteRules'], form: 'alarm-mute-rule:*' },
    {
      operations: ['ListTagsForResource', 'TagResource', 'UntagResource'],
      member: 'ResourceARN',
      form: '{}',
    },
  ],
}

/** The end that ARNs of log groups have in IAM: policies name them with `:*`. */
const GROUP = 'log-group:{}:log-stream:'
const STREAM = 'log-group:{}:log-stream:{logStreamName}'

export const logsActions: ServiceActions = {
  prefix: 'logs',
  arns: 'regional',
  tagging: 'logs:TagResource',
  rows: [
    { operations: ['DescribeLogGroups'] },
    {
      operations: ['CreateLogGroup', 'DeleteLogGroup', 'DeleteRetentionPolicy', 'PutRetentionPolicy'],
      member: 'logGroupName',
      form: GROUP,
    },
    {
      operations: ['DescribeLogStreams', 'FilterLogEvents'],
      member: 'logGroupName|logGroupIdentifier',
      form: GROUP,
    },
    {
      operations: ['CreateLogStream', 'DeleteLogStream', 'PutLogEvents'],
      member: 'logGroupName',
      form: STREAM,
    },
    { operations: ['GetLogEvents'], member: 'logGroupName|logGroupIdentifier', form: STREAM },
    {
      operations: ['ListTagsForResource', 'TagResource', 'UntagResource'],
      member: 'resourceArn',
      form: '{}',
    },
  ],
}

export const iamActions: ServiceActions = {
  prefix: 'iam',
  arns: 'global',
  rows: [
    { operations: ['ListPolicies', 'ListRoles'] },
    { operations: ['CreateRole'], member: 'RoleName', form: 'role{Path=/}{}' },
    {
      operations: [
        'DeleteRole',
        'DeleteRolePolicy',
        'GetRole',
        'GetRolePolicy',
        'ListAttachedRolePolicies',
        'ListInstanceProfilesForRole',
        'ListRolePolicies',
        'ListRoleTags',
        'PutRolePolicy',
        'TagRole',
        'UntagRole',
        'UpdateAssumeRolePolicy',
        'UpdateRole',
      ],
      member: 'RoleName',
      form: 'role/{}',
    },
    {
      operations: ['AttachRolePolicy', 'DetachRolePolicy'],
      member: 'RoleName',
      form: 'role/{}',
      keys: { 'iam:PolicyARN': 'PolicyArn' },
    },
    { operations: ['CreatePolicy'], member: 'PolicyName', form: 'policy{Path=/}{}' },
    {
      operations: [
        'CreatePolicyVersion',
        'DeletePolicy',
        'DeletePolicyVersion',
        'GetPolicy',
        'GetPolicyVersion',
        'ListPolicyVersions',
        'SetDefaultPolicyVersion',
      ],
      member: 'PolicyArn',
      form: '{}',
    },
    { operations: ['GetUser'], member: 'UserName', form: 'user/{}' },
  ],
}

export const stsActions: ServiceActions = {
  prefix: 'sts',
  arns: 'global',
  rows: [{ operations: ['AssumeRole'], member: 'RoleArn', form: 'role/{}' }],
  // API Reference, GetCallerIdentity: "No permissions are required to perform this operation."
  free: ['GetCallerIdentity'],
}
