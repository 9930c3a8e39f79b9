/** DescribeInstances: what tasks run on that are not Fargate's. Each has an instance of its own. */
import type * as client from '@aws-sdk/client-ec2'
import type { Handlers } from '../wire/handlers.ts'
import { privateName, publicName } from './dns-names.ts'
import type { TaskInstance } from './effects.ts'
import { type FilterTable, filtered, requireFilters } from './filters.ts'
import { notFound, requireForm } from './ids.ts'
import { paged, requirePaging } from './paging.ts'
import { defaultVpc, type Ec2Context, type Ec2OperationContext } from './state.ts'

export const instanceOperations = {
  DescribeInstances(input, context) {
    requirePaging(input, input.InstanceIds, 'instancesSet')
    requireFilters(input.Filters, INSTANCE_FILTERS)
    for (const id of input.InstanceIds ?? []) requireForm('instance', id)
    const token = context.newUuid()
    context.ask({ kind: 'find-instances', token, input })
    return context.defer<client.DescribeInstancesResult>(token)
  },
} satisfies Partial<Handlers<typeof client, Ec2OperationContext>>

/** The answer, once the instances are known. Throws InvalidInstanceID.NotFound. */
export function describeInstances(
  input: client.DescribeInstancesRequest,
  instances: readonly TaskInstance[],
  context: Ec2Context,
): client.DescribeInstancesResult {
  const { InstanceIds: ids } = input
  const missing = ids?.filter((id) => !instances.some((each) => each.id === id)) ?? []
  if (missing.length) throw notFound('instance', missing)
  const views = instances
    .filter(({ id }) => !ids?.length || ids.includes(id))
    .map((each) => instanceView(each, context))
  const found = filtered(views, input.Filters, INSTANCE_FILTERS, ({ Tags }) => Tags)
  const { items, nextToken } = paged(found, ({ InstanceId }) => InstanceId, input)
  return { Reservations: items.map((each) => reservationOf(each, context)), NextToken: nextToken }
}

const reservationOf = (instance: client.Instance, { accountId }: Ec2Context): client.Reservation => ({
  ReservationId: instance.InstanceId?.replace('i-', 'r-'),
  OwnerId: accountId,
  Groups: [],
  Instances: [instance],
})

/** EC2 API Reference: InstanceState. */
const RUNNING = { Code: 16, Name: 'running' } as const

/** Its subnet is the first of the default VPC's in its zone: ECS does not say where it runs container instances. */
function instanceView(each: TaskInstance, { state, region }: Ec2Context): client.Instance {
  const vpc = defaultVpc(state)
  const own = Object.values(state.subnets).filter(({ vpcId }) => vpcId === vpc?.id)
  const subnet =
    state.subnets[each.subnetId] ?? own.find(({ zone }) => each.availabilityZone === `${region}${zone}`)
  return {
    InstanceId: each.id,
    State: RUNNING,
    LaunchTime: new Date(each.createdAt),
    Placement: { AvailabilityZone: each.availabilityZone, Tenancy: 'default' },
    PrivateIpAddress: each.address,
    PrivateDnsName: privateName(each.address, region),
    PublicIpAddress: each.publicAddress,
    PublicDnsName: publicName(each.publicAddress, region),
    ...(subnet ? { SubnetId: subnet.id, VpcId: subnet.vpcId } : {}),
    Tags: [],
  }
}

/** Those that say where an instance is. */
const INSTANCE_FILTERS: FilterTable<client.Instance> = {
  'availability-zone': ({ Placement }) => [Placement?.AvailabilityZone],
  'dns-name': ({ PublicDnsName }) => [PublicDnsName],
  'instance-id': ({ InstanceId }) => [InstanceId],
  'instance-state-code': ({ State }) => [State?.Code],
  'instance-state-name': ({ State }) => [State?.Name],
  'ip-address': ({ PublicIpAddress }) => [PublicIpAddress],
  'network-interface.addresses.private-ip-address': ({ PrivateIpAddress }) => [PrivateIpAddress],
  'private-dns-name': ({ PrivateDnsName }) => [PrivateDnsName],
  'private-ip-address': ({ PrivateIpAddress }) => [PrivateIpAddress],
  'subnet-id': ({ SubnetId }) => [SubnetId],
  'vpc-id': ({ VpcId }) => [VpcId],
}
