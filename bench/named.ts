/**
 * A zone for measurements, the same for every server: half of its records stand alone at a name, the other half are ten
 * at a name, of which Drydock gives eight at random. Each record is asked for once in a turn.
 */
import { type Change, type ResourceRecordSet, Route53 } from '@aws-sdk/client-route-53'

export const ZONE = 'bench.example'
const AT_A_NAME = 10
/** ChangeResourceRecordSets takes a thousand records at a time. */
const BATCH = 1000

interface NamedAddress {
  readonly name: string
  readonly address: string
  readonly isAlone: boolean
}

/** `count` records with addresses of their own. */
function addresses(count: number): NamedAddress[] {
  return Array.from({ length: count }, (_, i) => ({
    name: i % 2 ? `service-${Math.floor(i / 2 / AT_A_NAME)}.${ZONE}` : `task-${i}.${ZONE}`,
    address: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`,
    isAlone: i % 2 === 0,
  }))
}

export const sdkOf = (endpoint: string) =>
  new Route53({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
    maxAttempts: 10, // until the engine listens
  })

/** Makes the zone by the API at `endpoint`. */
export async function createZone(endpoint: string, count: number): Promise<void> {
  const route53 = sdkOf(endpoint)
  const { HostedZone } = await route53.createHostedZone({ Name: ZONE, CallerReference: 'bench' })
  const changes = addresses(count).map(
    (each): Change => ({ Action: 'CREATE', ResourceRecordSet: recordSet(each) }),
  )
  for (let from = 0; from < count; from += BATCH)
    await route53.changeResourceRecordSets({
      HostedZoneId: HostedZone?.Id,
      ChangeBatch: { Changes: changes.slice(from, from + BATCH) },
    })
}

const recordSet = ({ name, address, isAlone }: NamedAddress): ResourceRecordSet => ({
  Name: name,
  Type: 'A',
  TTL: 60,
  ResourceRecords: [{ Value: address }],
  ...(!isAlone && { SetIdentifier: address, MultiValueAnswer: true }),
})

/** The zone as a master file (RFC 1035 section 5). */
export function masterFile(count: number): string {
  const own = [
    `${ZONE}. 900 IN SOA ns.${ZONE}. hostmaster.${ZONE}. 1 7200 900 1209600 86400`,
    `${ZONE}. 900 IN NS ns.${ZONE}.`,
    `ns.${ZONE}. 900 IN A 127.0.0.1`,
  ]
  const records = addresses(count).map(({ name, address }) => `${name}. 60 IN A ${address}`)
  return [...own, ...records, ''].join('\n')
}

/** What dnsperf asks, a line for each record. */
export const questions = (count: number): string =>
  addresses(count)
    .map(({ name }) => `${name} A\n`)
    .join('')
