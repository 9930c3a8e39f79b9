/** The tags that speak of discovery: read into the form that the config file has, with a sentence for each that is unknown. */
import { nearest } from '../nearest.ts'

const PREFIX = 'capstan:dns-'

/** What each tag is in the config file. */
const SETTINGS = {
  'capstan:dns': 'dns',
  'capstan:discovery': 'service',
  'capstan:dns-address': 'address',
  'capstan:dns-ttl': 'ttl',
  'capstan:dns-types': 'types',
  'capstan:dns-port': 'port',
  'capstan:dns-per-task': 'perTask',
  'capstan:dns-policy': 'policy',
  'capstan:dns-txt': 'txt',
  'capstan:dns-zone': 'zone',
} as const

/** The keys that discovery knows. */
export const DISCOVERY_TAGS: readonly string[] = Object.keys(SETTINGS)

/** Whether a tag is about discovery, known or not. */
export function isDiscoveryTag(key: string): boolean {
  return DISCOVERY_TAGS.includes(key) || key.startsWith(PREFIX)
}

/** The tag of a setting, for sentences about it. */
export function tagOfSetting(setting: string): string {
  return Object.entries(SETTINGS).find(([, name]) => name === setting)?.[0] ?? `${PREFIX}${setting}`
}

export interface DiscoveryTags {
  /** As the config file would have it; absent where no tag is about discovery. */
  readonly input?: Readonly<Record<string, unknown>>
  readonly problems: readonly string[]
}

export function readDiscoveryTags(tags: Readonly<Record<string, string>>): DiscoveryTags {
  const found = Object.entries(tags).filter(([key]) => isDiscoveryTag(key))
  if (found.length === 0) return { problems: [] }
  const known = Object.entries(SETTINGS).flatMap(([key, setting]) => {
    const value = tags[key]
    return value === undefined ? [] : [[setting, readValue(setting, value.trim())] as const]
  })
  const unknown = found.filter(([key]) => !DISCOVERY_TAGS.includes(key)).map(([key]) => unknownTag(key))
  return { input: Object.fromEntries(known), problems: unknown }
}

/** Tags are text: lists have spaces, numbers and flags are written out. */
function readValue(setting: string, text: string): unknown {
  if (setting === 'dns' || setting === 'types') return text.split(/\s+/)
  if (setting === 'ttl') return /^\d{1,9}$/.test(text) ? Number(text) : text
  if (setting === 'perTask' || setting === 'txt') return text === 'true' || (text === 'false' ? false : text)
  return text
}

function unknownTag(key: string): string {
  const words = DISCOVERY_TAGS.map((tag) => tag.slice('capstan:'.length))
  const near = nearest(key.slice('capstan:'.length), words)
  const meant = near === undefined ? `one of ${DISCOVERY_TAGS.join(', ')}` : `capstan:${near}`
  return `The tag ${key} means nothing to Capstan; write ${meant}, or remove it.`
}
