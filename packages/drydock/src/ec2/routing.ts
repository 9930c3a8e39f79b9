/**
 * The main route table and the default network ACL of each VPC. There are no others, so that nothing of them is kept:
 * their ids have the digits of the VPC's.
 */
import type * as client from '@aws-sdk/client-ec2'
import type { Handlers } from '../wire/handlers.ts'
import { type FilterTable, filtered } from './filters.ts'
import { namedOrAll } from './ids.ts'
import { paged, requirePaging } from './paging.ts'
import type { Ec2OperationContext, VpcRecord } from './state.ts'
import { tagList } from './tags.ts'
import { partId, vpcsByPart } from './vpc-parts.ts'

export const routingOperations = {
  DescribeRouteTables(input, context) {
    requirePaging(input, input.RouteTableIds, 'routeTableIds')
    const all = vpcsByPart('rtb', context.state)
    const views = namedOrAll('routeTable', input.RouteTableIds, all).map((vpc) => routeTableOf(vpc, context))
    const found = filtered(views, input.Filters, ROUTE_TABLE_FILTERS, ({ Tags }) => Tags)
    const { items, nextToken } = paged(found, ({ RouteTableId }) => RouteTableId, input)
    return { RouteTables: items, NextToken: nextToken }
  },

  DescribeNetworkAcls(input, context) {
    requirePaging(input, input.NetworkAclIds, 'networkAclIds')
    const all = vpcsByPart('acl', context.state)
    const views = namedOrAll('networkAcl', input.NetworkAclIds, all).map((vpc) => networkAclOf(vpc, context))
    const found = filtered(views, input.Filters, NETWORK_ACL_FILTERS, ({ Tags }) => Tags)
    const { items, nextToken } = paged(found, ({ NetworkAclId }) => NetworkAclId, input)
    return { NetworkAcls: items, NextToken: nextToken }
  },
} satisfies Partial<Handlers<typeof client, Ec2OperationContext>>

/** A default VPC's subnets are public: its main route table leads to an internet gateway (VPC User Guide: default VPCs). */
function routeTableOf(vpc: VpcRecord, { state, accountId }: Ec2OperationContext): client.RouteTable {
  const RouteTableId = partId('rtb', vpc.id)
  const State = 'active' as const
  const local = { GatewayId: 'local', Origin: 'CreateRouteTable' as const, State }
  const GatewayId = partId('igw', vpc.id)
  return {
    RouteTableId,
    VpcId: vpc.id,
    OwnerId: accountId,
    Associations: [
      {
        Main: true,
        RouteTableAssociationId: partId('rtbassoc', vpc.id),
        RouteTableId,
        AssociationState: { State: 'associated' },
      },
    ],
    PropagatingVgws: [],
    Routes: [
      { DestinationCidrBlock: vpc.cidr.cidrBlock, ...local },
      ...(vpc.ipv6 ? [{ DestinationIpv6CidrBlock: vpc.ipv6.cidrBlock, ...local }] : []),
      ...(vpc.isDefault
        ? [{ DestinationCidrBlock: '0.0.0.0/0', GatewayId, Origin: 'CreateRoute' as const, State }]
        : []),
    ],
    Tags: tagList(state, RouteTableId),
  }
}

/** The number of the rule that is applied last, and cannot be removed (VPC User Guide: network ACL rules). */
const LAST_RULE = 32_767
const FIRST_RULE = 100

function networkAclOf(vpc: VpcRecord, { state, accountId }: Ec2OperationContext): client.NetworkAcl {
  const NetworkAclId = partId('acl', vpc.id)
  const rule = (RuleNumber: number, RuleAction: client.RuleAction, Egress: boolean) => ({
    CidrBlock: '0.0.0.0/0',
    Egress,
    Protocol: '-1',
    RuleAction,
    RuleNumber,
  })
  return {
    NetworkAclId,
    VpcId: vpc.id,
    OwnerId: accountId,
    IsDefault: true,
    Associations: Object.values(state.subnets)
      .filter(({ vpcId }) => vpcId === vpc.id)
      .map(({ id }) => ({
        NetworkAclAssociationId: partId('aclassoc', id),
        NetworkAclId,
        SubnetId: id,
      })),
    Entries: [true, false].flatMap((isEgress) => [
      rule(FIRST_RULE, 'allow', isEgress),
      rule(LAST_RULE, 'deny', isEgress),
    ]),
    Tags: tagList(state, NetworkAclId),
  }
}

const nothing = () => []
const associations = ({ Associations = [] }: client.RouteTable) => Associations
const routes = ({ Routes = [] }: client.RouteTable) => Routes
const entries = ({ Entries = [] }: client.NetworkAcl) => Entries

const ROUTE_TABLE_FILTERS: FilterTable<client.RouteTable> = {
  'association.gateway-id': nothing,
  'association.main': (table) => associations(table).map(({ Main }) => Main),
  'association.route-table-association-id': (table) =>
    associations(table).map(({ RouteTableAssociationId }) => RouteTableAssociationId),
  'association.route-table-id': (table) => associations(table).map(({ RouteTableId }) => RouteTableId),
  'association.subnet-id': nothing,
  'owner-id': ({ OwnerId }) => [OwnerId],
  'route-table-id': ({ RouteTableId }) => [RouteTableId],
  'route.destination-cidr-block': (table) => routes(table).map((route) => route.DestinationCidrBlock),
  'route.destination-ipv6-cidr-block': (table) =>
    routes(table).map((route) => route.DestinationIpv6CidrBlock),
  'route.destination-prefix-list-id': nothing,
  'route.egress-only-internet-gateway-id': nothing,
  'route.gateway-id': (table) => routes(table).map(({ GatewayId }) => GatewayId),
  'route.instance-id': nothing,
  'route.nat-gateway-id': nothing,
  'route.origin': (table) => routes(table).map(({ Origin }) => Origin),
  'route.state': (table) => routes(table).map(({ State }) => State),
  'route.transit-gateway-id': nothing,
  'route.vpc-peering-connection-id': nothing,
  'vpc-id': ({ VpcId }) => [VpcId],
}

const NETWORK_ACL_FILTERS: FilterTable<client.NetworkAcl> = {
  'association.association-id': ({ Associations = [] }) =>
    Associations.map(({ NetworkAclAssociationId }) => NetworkAclAssociationId),
  'association.network-acl-id': ({ Associations = [] }) =>
    Associations.map(({ NetworkAclId }) => NetworkAclId),
  'association.subnet-id': ({ Associations = [] }) => Associations.map(({ SubnetId }) => SubnetId),
  default: ({ IsDefault }) => [IsDefault],
  'entry.cidr': (acl) => entries(acl).map(({ CidrBlock }) => CidrBlock),
  'entry.egress': (acl) => entries(acl).map(({ Egress }) => Egress),
  'entry.icmp.code': nothing,
  'entry.icmp.type': nothing,
  'entry.ipv6-cidr': nothing,
  'entry.port-range.from': nothing,
  'entry.port-range.to': nothing,
  'entry.protocol': (acl) => entries(acl).map(({ Protocol }) => Protocol),
  'entry.rule-action': (acl) => entries(acl).map(({ RuleAction }) => RuleAction),
  'entry.rule-number': (acl) => entries(acl).map(({ RuleNumber }) => RuleNumber),
  'network-acl-id': ({ NetworkAclId }) => [NetworkAclId],
  'owner-id': ({ OwnerId }) => [OwnerId],
  'vpc-id': ({ VpcId }) => [VpcId],
}
