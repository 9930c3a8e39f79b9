/** What EC2 asks of the host, and what the host answers. Pure data. */
import type {
  DeleteSecurityGroupRequest,
  DeleteSubnetRequest,
  DescribeNetworkInterfacesRequest,
  DescribeSubnetsRequest,
} from '@aws-sdk/client-ec2'

/** The network interface of a task, as ECS knows it. */
export interface TaskInterface {
  readonly id: string
  /** The attachment by which ECS knows it: a UUID. */
  readonly attachmentId: string
  /** The ARN of that attachment. */
  readonly attachmentArn: string
  /** When it was asked for, in milliseconds since the epoch. */
  readonly createdAt: number
  readonly status: 'attached' | 'detaching'
  readonly subnetId: string
  readonly securityGroups: readonly string[]
  readonly availabilityZone: string
  readonly macAddress: string
  readonly address: string
  /** Absent unless the task was to have one. */
  readonly publicAddress?: string
  /** Absent where its subnet has no IPv6 addresses. */
  readonly ipv6Address?: string
}

/** A request that waits for the interfaces that there are. */
export type InterfaceRequest =
  | { readonly operation: 'DescribeNetworkInterfaces'; readonly input: DescribeNetworkInterfacesRequest }
  | { readonly operation: 'DescribeSubnets'; readonly input: DescribeSubnetsRequest }
  | { readonly operation: 'DeleteSubnet'; readonly input: DeleteSubnetRequest }
  | { readonly operation: 'DeleteSecurityGroup'; readonly input: DeleteSecurityGroupRequest }

/** Look for interfaces of tasks: those of these ids, or all. Always answered by `interfaces-found`, with the same token. */
export interface Ec2Effect {
  readonly kind: 'find-interfaces'
  readonly token: string
  readonly ids?: readonly string[]
  readonly request: InterfaceRequest
}

export interface Ec2Report {
  readonly kind: 'interfaces-found'
  readonly token: string
  readonly request: InterfaceRequest
  readonly interfaces: readonly TaskInterface[]
}
