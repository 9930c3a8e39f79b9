/** What sources ask for at a name, a line for each. Pure. */
import { sourceName } from '@capstan/core/discovery/names.ts'
import type { NameSource, Publication, SourceKey } from '@capstan/core/discovery/view.ts'

/** `prod/web, by its tags: A of private addresses, TTL 10 s, policy sync`; `isConfigured` tells whose settings are in the config file. */
export function sourceLine(
  { source, publication }: NameSource,
  isConfigured: (source: SourceKey) => boolean,
): string {
  const origin = isConfigured(source) ? 'by the config file' : 'by its tags'
  return `${sourceName(source)}, ${origin}: ${formatPublication(publication)}`
}

function formatPublication(publication: Publication): string {
  const { perTask, policy, port, target, ttl, txt, types, zone } = publication
  const isDns = target.kind === 'dns'
  const addresses = `${kindsOf(publication).join(' and ')} addresses`
  const words = [
    isDns ? `${types.join(' ')} of ${addresses}` : addresses,
    isDns && `TTL ${ttl} s`,
    port && `port ${port.container === undefined ? '' : `${port.container}:`}${port.port}`,
    perTask && 'a name for each task',
    txt && 'a TXT record',
    zone !== undefined && `zone ${zone}`,
    `policy ${policy}`,
  ]
  return words.filter(Boolean).join(', ')
}

function kindsOf({ address, types }: Publication): string[] {
  const isIpv6Alone = types.length > 0 && types.every((type) => type === 'AAAA')
  return [...(isIpv6Alone ? [] : [address]), ...(types.includes('AAAA') ? ['IPv6'] : [])]
}
