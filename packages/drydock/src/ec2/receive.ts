/** Takes in the interfaces or instances that there are, and finishes the request that waited for them. */
import type { Ec2Report, InterfaceRequest, TaskInterface } from './effects.ts'
import { describeInstances } from './instances.ts'
import { describeInterfaces } from './network-interfaces.ts'
import { deleteSecurityGroup } from './security-groups.ts'
import type { Ec2Context } from './state.ts'
import { deleteSubnet, describeSubnets } from './subnets.ts'

/** Answers the caller who waits: with what was asked for, or why not. */
export function receive(report: Ec2Report, context: Ec2Context): void {
  try {
    context.settle(report.token, { value: answerTo(report, context) })
  } catch (error) {
    context.settle(report.token, { error })
  }
}

function answerTo(report: Ec2Report, context: Ec2Context) {
  if (report.kind === 'instances-found') return describeInstances(report.input, report.instances, context)
  return finish(report.request, report.interfaces, context)
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
