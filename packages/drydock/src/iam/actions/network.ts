/** The actions of load balancers, Route 53, Cloud Map and EC2 (Service Authorization Reference, the page of each). */
import type { ServiceActions } from './action.ts'

export const elbActions: ServiceActions = {
  prefix: 'elasticloadbalancing',
  arns: 'regional',
  tagging: 'elasticloadbalancing:AddTags',
  rows: [
    {
      operations: [
        'DescribeAccountLimits',
        'DescribeListenerAttributes',
        'DescribeListeners',
        'DescribeLoadBalancerAttributes',
        'DescribeLoadBalancers',
        'DescribeRules',
        'DescribeTags',
        'DescribeTargetGroupAttributes',
        'DescribeTargetGroups',
        'DescribeTargetHealth',
      ],
    },
    { operations: ['CreateLoadBalancer'], member: 'Name', form: 'loadbalancer/app/{}/*' },
    { operations: ['CreateTargetGroup'], member: 'Name', form: 'targetgroup/{}/*' },
    {
      operations: [
        'CreateListener',
        'DeleteLoadBalancer',
        'ModifyLoadBalancerAttributes',
        'SetSecurityGroups',
        'SetSubnets',
      ],
      member: 'LoadBalancerArn',
      form: '{}',
    },
    {
      operations: ['CreateRule', 'DeleteListener', 'ModifyListener', 'ModifyListenerAttributes'],
      member: 'ListenerArn',
      form: '{}',
    },
    { operations: ['DeleteRule', 'ModifyRule'], member: 'RuleArn', form: '{}' },
    { operations: ['SetRulePriorities'], each: 'RulePriorities', member: 'RuleArn', form: '{}' },
    {
      operations: [
        'DeleteTargetGroup',
        'DeregisterTargets',
        'ModifyTargetGroup',
        'ModifyTargetGroupAttributes',
        'RegisterTargets',
      ],
      member: 'TargetGroupArn',
      form: '{}',
    },
    { operations: ['AddTags', 'RemoveTags'], member: 'ResourceArns', form: '{}' },
  ],
}

export const route53Actions: ServiceActions = {
  prefix: 'route53',
  arns: 'bare',
  rows: [
    {
      operations: [
        'CreateHealthCheck',
        'CreateHostedZone',
        'GetHealthCheckCount',
        'GetHostedZoneCount',
        'ListHealthChecks',
        'ListHostedZones',
        'ListHostedZonesByName',
      ],
    },
    {
      operations: [
        'AssociateVPCWithHostedZone',
        'ChangeResourceRecordSets',
        'DisassociateVPCFromHostedZone',
        'ListResourceRecordSets',
      ],
      member: 'HostedZoneId',
      form: 'hostedzone/{}',
    },
    {
      operations: ['DeleteHostedZone', 'GetHostedZone', 'UpdateHostedZoneComment'],
      member: 'Id',
      form: 'hostedzone/{}',
    },
    { operations: ['GetChange'], member: 'Id', form: 'change/{}' },
    {
      operations: [
        'DeleteHealthCheck',
        'GetHealthCheck',
        'GetHealthCheckLastFailureReason',
        'GetHealthCheckStatus',
        'UpdateHealthCheck',
      ],
      member: 'HealthCheckId',
      form: 'healthcheck/{}',
    },
    {
      operations: ['ChangeTagsForResource', 'ListTagsForResource'],
      member: 'ResourceId',
      form: '{ResourceType}/{}',
    },
    { operations: ['ListTagsForResources'], member: 'ResourceIds', form: '{ResourceType}/{}' },
  ],
}

export const discoveryActions: ServiceActions = {
  prefix: 'servicediscovery',
  arns: 'regional',
  tagging: 'servicediscovery:TagResource',
  rows: [
    {
      operations: [
        'CreateHttpNamespace',
        'CreatePrivateDnsNamespace',
        'CreatePublicDnsNamespace',
        'ListNamespaces',
        'ListOperations',
        'ListServices',
        'ListTagsForResource',
        'TagResource',
        'UntagResource',
      ],
    },
    // An operation's id says nothing of its namespace, nor do names of theirs ids: any of them.
    { operations: ['GetOperation'], form: 'namespace/*' },
    { operations: ['CreateService'], member: 'NamespaceId', form: 'namespace/{}' },
    { operations: ['CreateService'], form: 'service/*' },
    {
      operations: ['DiscoverInstances', 'DiscoverInstancesRevision'],
      form: 'namespace/*',
      keys: {
        'servicediscovery:NamespaceName': 'NamespaceName',
        'servicediscovery:ServiceName': 'ServiceName',
      },
    },
    {
      operations: ['DiscoverInstances', 'DiscoverInstancesRevision'],
      form: 'service/*',
      keys: {
        'servicediscovery:NamespaceName': 'NamespaceName',
        'servicediscovery:ServiceName': 'ServiceName',
      },
    },
    {
      operations: [
        'DeleteNamespace',
        'GetNamespace',
        'UpdateHttpNamespace',
        'UpdatePrivateDnsNamespace',
        'UpdatePublicDnsNamespace',
      ],
      member: 'Id',
      form: 'namespace/{}',
    },
    { operations: ['DeleteService', 'GetService', 'UpdateService'], member: 'Id', form: 'service/{}' },
    {
      operations: [
        'DeleteServiceAttributes',
        'DeregisterInstance',
        'GetInstance',
        'GetInstancesHealthStatus',
        'GetServiceAttributes',
        'ListInstances',
        'RegisterInstance',
        'UpdateInstanceCustomHealthStatus',
        'UpdateServiceAttributes',
      ],
      member: 'ServiceId',
      form: 'service/{}',
    },
  ],
}

export const ec2Actions: ServiceActions = {
  prefix: 'ec2',
  arns: 'regional',
  rows: [
    {
      operations: [
        'DescribeAccountAttributes',
        'DescribeAvailabilityZones',
        'DescribeInstances',
        'DescribeNetworkAcls',
        'DescribeNetworkInterfaces',
        'DescribeRouteTables',
        'DescribeSecurityGroupRules',
        'DescribeSecurityGroups',
        'DescribeSubnets',
        'DescribeTags',
        'DescribeVpcs',
      ],
    },
    {
      operations: [
        'AuthorizeSecurityGroupEgress',
        'AuthorizeSecurityGroupIngress',
        'DeleteSecurityGroup',
        'RevokeSecurityGroupEgress',
        'RevokeSecurityGroupIngress',
      ],
      member: 'GroupId',
      form: 'security-group/{}',
    },
    { operations: ['CreateSecurityGroup'], form: 'security-group/*' },
    { operations: ['CreateSubnet'], form: 'subnet/*' },
    { operations: ['CreateSecurityGroup', 'CreateSubnet'], member: 'VpcId', form: 'vpc/{}' },
    { operations: ['CreateVpc'], form: 'vpc/*' },
    {
      operations: ['DeleteVpc', 'DescribeVpcAttribute', 'ModifyVpcAttribute'],
      member: 'VpcId',
      form: 'vpc/{}',
    },
    { operations: ['DeleteSubnet', 'ModifySubnetAttribute'], member: 'SubnetId', form: 'subnet/{}' },
    // What an id is of is told by its beginning alone.
    { operations: ['CreateTags', 'DeleteTags'], member: 'Resources', form: '*/{}' },
  ],
}
