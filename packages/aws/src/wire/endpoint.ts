/** Where AWS services answer: https://docs.aws.amazon.com/general/latest/gr/rande.html. */

/** The partitions' domains, by what their regions begin with; all others are in the first partition. */
const DOMAINS: readonly (readonly [prefix: string, domain: string])[] = [
  ['cn-', 'amazonaws.com.cn'],
  ['us-isob-', 'sc2s.sgov.gov'],
  ['us-isof-', 'csp.hci.ic.gov'],
  ['us-iso-', 'c2s.ic.gov'],
  ['eu-isoe-', 'cloud.adc-e.uk'],
  ['eusc-', 'amazonaws.eu'],
]

/** The domain of a region's partition. */
const domainOf = (region: string): string =>
  DOMAINS.find(([prefix]) => region.startsWith(prefix))?.[1] ?? 'amazonaws.com'

/** The endpoint of a service in a region; `prefix` is what its host begins with. */
export const regionalEndpoint = (prefix: string, region: string): string =>
  `https://${prefix}.${region}.${domainOf(region)}`

/** Route 53 is one for a partition, and signed for in its first region (Route 53 endpoints and quotas). */
export function route53Endpoint(region: string): { readonly endpoint: string; readonly signedFor: string } {
  const own = OWN_ROUTE53.find(([prefix]) => region.startsWith(prefix))
  const [, host = 'route53', signedFor = 'us-east-1'] = own ?? []
  return { endpoint: `https://${host}.${domainOf(region)}`, signedFor }
}

const OWN_ROUTE53: readonly (readonly [prefix: string, host: string, signedFor: string])[] = [
  ['cn-', 'route53', 'cn-northwest-1'],
  ['us-gov-', 'route53.us-gov', 'us-gov-west-1'],
  ['us-isob-', 'route53', 'us-isob-east-1'],
  ['us-isof-', 'route53', 'us-isof-south-1'],
  ['us-iso-', 'route53', 'us-iso-east-1'],
  ['eu-isoe-', 'route53', 'eu-isoe-west-1'],
  ['eusc-', 'route53', 'eusc-de-east-1'],
]
