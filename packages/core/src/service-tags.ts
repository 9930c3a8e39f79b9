/** The tags of an ECS service that speak to Capstan of delivery: read, with a sentence for each that cannot be. */
import { DISCOVERY_TAGS, isDiscoveryTag } from './discovery/tags.ts'
import { nearest } from './nearest.ts'

/** What a service's own tags ask for, as they were written. */
export interface ServiceTags {
  /** `capstan:track`: for the only container that can be tracked, or `off` for all. */
  readonly track?: string
  /** `capstan:track/<container>`. */
  readonly tracks: Readonly<Record<string, string>>
  readonly prerelease?: boolean
  readonly downgrade?: 'never' | 'allow'
  /** Whether there is any tag that is about delivery, right or wrong. */
  readonly present: boolean
  readonly problems: readonly string[]
}

const PREFIX = 'capstan:'
const KEYS = ['capstan:track', 'capstan:prerelease', 'capstan:downgrade']
/** Keys that are Capstan's but say nothing about which image to deliver. */
const RESERVED: readonly string[] = ['capstan:bake', 'capstan:deployment', 'capstan:guard', ...DISCOVERY_TAGS]

/** Reads the tags whose key begins with `capstan:`; all others are none of Capstan's business. */
export function readServiceTags(tags: Readonly<Record<string, string>>): ServiceTags {
  const found = Object.entries(tags).filter(([key]) => isAboutDelivery(key))
  const problems = found.flatMap(([key, value]) => tagProblem(key, value) ?? [])
  const tracks = found
    .filter(([key]) => key.startsWith('capstan:track/'))
    .map(([key, value]) => [key.slice('capstan:track/'.length), value] as const)
  const { 'capstan:track': track, 'capstan:prerelease': prerelease, 'capstan:downgrade': downgrade } = tags
  return {
    ...(track !== undefined && { track }),
    tracks: Object.fromEntries(tracks),
    ...(prerelease !== undefined && { prerelease: prerelease === 'true' }),
    ...(downgrade !== undefined && { downgrade: downgrade === 'allow' ? 'allow' : 'never' }),
    present: found.length > 0,
    problems,
  }
}

function isAboutDelivery(key: string): boolean {
  return key.startsWith(PREFIX) && !RESERVED.includes(key) && !isDiscoveryTag(key)
}

function tagProblem(key: string, value: string): string | undefined {
  if (key === 'capstan:prerelease') return valueProblem(key, value, ['true', 'false'])
  if (key === 'capstan:downgrade') return valueProblem(key, value, ['never', 'allow'])
  if (key === 'capstan:track' || key.startsWith('capstan:track/')) return undefined
  const words = [...KEYS, ...RESERVED].map((known) => known.slice(PREFIX.length))
  const near = nearest(key.slice(PREFIX.length), words)
  const meant = near === undefined ? `one of ${KEYS.join(', ')}, capstan:track/<container>` : PREFIX + near
  return `The tag ${key} means nothing to Capstan; write ${meant}, or remove it.`
}

function valueProblem(key: string, value: string, allowed: readonly string[]): string | undefined {
  if (allowed.includes(value)) return undefined
  return `The tag ${key} cannot be "${value}"; write ${allowed.join(' or ')}.`
}
