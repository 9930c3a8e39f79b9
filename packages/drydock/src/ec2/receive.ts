/** Takes in the interfaces that there are, and finishes the request that waited for them. */
import type { Ec2Report, InterfaceRequest, TaskInterface } from './effects.ts'
import { describeInterfaces } from './network-interfaces.ts'
import { deleteSecurityGroup } from './security-groups.ts'
import type { Ec2Context } from './state.ts'
import { deleteSubnet, describeSubnets } from './subnets.ts'

/** Answers the caller who waits: with what was asked for, or why not. */
export function receive({ token, request, interfaces }: Ec2Report, context: Ec2Context): void {
  try {
    context.settle(token, { value: finish(request, interfaces, context) })
  } catch (error) {
    context.settle(token, { error })
  }
}

function finish(request: InterfaceRequest, interfaces: readonly TaskInterface[], context: Ec2Context) {
  switch (request.operation) {
    case 'DescribeNetworkInterfaces':
      return describeInterfaces(request.input, interfaces, context)
    case 'DescribeSubnets':
      return describeSubnets(request.input, interfaces, context)
    case 'DeleteSubnet':
      return deleteSubnet(request.input, interfaces, context)
    case 'DeleteSecurityGroup':
      return deleteSecurityGroup(request.input, interfaces, context)
  }
}
