/** What EC2 asks of the host, and what the host answers. Pure data. */
import type {
  DeleteSecurityGroupRequest,
  DeleteSubnetRequest,
  DescribeInstancesRequest,
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
  /** What it is attached to; absent where that is AWS's own. */
  readonly instanceId?: string
  /** Absent where its subnet has no IPv6 addresses. */
  readonly ipv6Address?: string
}

/** A request that waits for the interfaces that there are. */
export type InterfaceRequest =
  | { readonly operation: 'DescribeNetworkInterfaces'; readonly input: DescribeNetworkInterfacesRequest }
  | { readonly operation: 'DescribeSubnets'; readonly input: DescribeSubnetsRequest }
  | { readonly operation: 'DeleteSubnet'; readonly input: DeleteSubnetRequest }
  | { readonly operation: 'DeleteSecurityGroup'; readonly input: DeleteSecurityGroupRequest }

/** What a task runs on that is not Fargate's, as ECS knows it. */
export interface TaskInstance {
  readonly id: string
  /** When its task was made, in milliseconds since the epoch. */
  readonly createdAt: number
  readonly subnetId: string
  readonly availabilityZone: string
  readonly address: string
  readonly publicAddress: string
}

export type Ec2Effect =
  /** Look for interfaces of tasks: those of these ids, or all. Always answered by `interfaces-found`, with the same token. */
  | {
      readonly kind: 'find-interfaces'
      readonly token: string
      readonly ids?: readonly string[]
      readonly request: InterfaceRequest
    }
  /** Look for all that tasks run on. Always answered by `instances-found`, with the same token. */
  | { readonly kind: 'find-instances'; readonly token: string; readonly input: DescribeInstancesRequest }

export type Ec2Report =
  | {
      readonly kind: 'interfaces-found'
      readonly token: string
      readonly request: InterfaceRequest
      readonly interfaces: readonly TaskInterface[]
    }
  | {
      readonly kind: 'instances-found'
      readonly token: string
      readonly input: DescribeInstancesRequest
      readonly instances: readonly TaskInstance[]
    }
