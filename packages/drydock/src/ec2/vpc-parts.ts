/** What each VPC has one of and nothing is kept of: its parts' ids have the digits of the VPC's. */
import { emptyRecord } from '../service.ts'
import type { Ec2State, VpcRecord } from './state.ts'

/** The id of a thing of that kind that goes with the resource. */
export const partId = (prefix: string, id: string): string => `${prefix}-${id.slice(id.indexOf('-') + 1)}`

/** All VPCs by the ids of their main route tables (`rtb`) or default network ACLs (`acl`). */
export function vpcsByPart(prefix: 'rtb' | 'acl', { vpcs }: Ec2State): Readonly<Record<string, VpcRecord>> {
  const all = emptyRecord<VpcRecord>()
  for (const vpc of Object.values(vpcs)) all[partId(prefix, vpc.id)] = vpc
  return all
}
