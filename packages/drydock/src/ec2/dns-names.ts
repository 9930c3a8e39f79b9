/** Names of addresses, as AWS gives them (VPC User Guide: DNS hostnames). us-east-1 is older than the rule. */

/** The name of a private IPv4 address within its VPC. */
export function privateName(address: string, region: string): string {
  const domain = region === 'us-east-1' ? 'ec2.internal' : `${region}.compute.internal`
  return `ip-${address.replaceAll('.', '-')}.${domain}`
}

/** The name of a public IPv4 address. */
export function publicName(address: string, region: string): string {
  const domain = region === 'us-east-1' ? 'compute-1.amazonaws.com' : `${region}.compute.amazonaws.com`
  return `ec2-${address.replaceAll('.', '-')}.${domain}`
}
