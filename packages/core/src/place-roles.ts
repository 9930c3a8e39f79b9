/** The roles by which whoever acts at home acts in another place: their names and ARNs, for who makes them and who takes them on. */

/** An account and a region. */
interface Somewhere {
  readonly account: string
  readonly region: string
}

/** Who a place's role is for: a person at the command line, where it is no door. */
export const OPERATOR = 'operator'

/**
 * The name of a door's role in every place, with `{region}` where the place's region goes: what CAPSTAN_PLACE_ROLE says. Roles
 * are an account's in all regions, so the region tells those of two places apart.
 */
export const placeRoleName = (who: string): string => `capstan-spoke-{region}-${who}`

/** The ARN of a role in a place, of the name that `placeRoleName` gives. */
export const placeRoleArn = (name: string, { account, region }: Somewhere): string =>
  `arn:${partitionOf(region)}:iam::${account}:role/${name.replace('{region}', region)}`

/** AWS General Reference, Amazon Resource Names: China and GovCloud are partitions of their own, which trust no other. */
export function partitionOf(region: string): 'aws' | 'aws-cn' | 'aws-us-gov' {
  if (region.startsWith('cn-')) return 'aws-cn'
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
}
