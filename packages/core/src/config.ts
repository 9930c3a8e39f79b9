/**
 * The config file: which services follow which images, and how. Each service is judged on its own, when its settings
 * are resolved, so that a mistake in one entry stops no other.
 */
import './english.ts'
import * as z from 'zod/mini'
import { parseSourceName, sourceName } from './discovery/names.ts'
import type { PublicationConfig } from './discovery/publication-config.ts'
import { Failure } from './failure.ts'
import type { FreezeConfig } from './freeze.ts'
import { type GuardConfig, type GuardWish, readGuard } from './guard-settings.ts'
import { type Place, type PlaceConfig, readPlaces } from './places.ts'
import type { PolicyInput } from './policy.ts'
import { type Path, type Problem, sentencesOf } from './problem.ts'
import { nameOf, parseServiceName } from './service-key.ts'
import type { Guard } from './settings.ts'
import { unknownKeys } from './unknown-keys.ts'

/** How one container, or every container of a service, follows its repository. */
export interface TrackConfig {
  readonly track?: PolicyInput
  readonly include?: readonly string[]
  readonly ignore?: readonly string[]
  readonly downgrade?: 'never' | 'allow'
}

export interface ContainerConfig extends TrackConfig {
  /** Another repository of the image's registry than the one the task definition names. */
  readonly repository?: string
}

export interface ServiceConfig extends TrackConfig {
  /** By container name; what is left out here is taken from the service. */
  readonly containers?: Readonly<Record<string, string | ContainerConfig>>
  /** When what runs counts as good, and when it is rolled back. */
  readonly guard?: GuardConfig | Guard['mode']
  /** How its tasks are found. An entry that says nothing else is not about delivery. */
  readonly discovery?: PublicationConfig | readonly PublicationConfig[]
}

/** Tasks that belong to no service, by the family of their task definition. */
export interface FamilyConfig {
  readonly discovery: PublicationConfig | readonly PublicationConfig[]
}

/** What `capstan.config.ts` exports. */
export interface CapstanConfig {
  /** By `cluster/service`, or `service` in the cluster `default`. */
  readonly services: Readonly<Record<string, string | ServiceConfig>>
  /** By `cluster/family`, or `family` in the cluster `default`. */
  readonly families?: Readonly<Record<string, FamilyConfig>>
  /** What holds for every service that says nothing else. */
  readonly guard?: GuardConfig | Guard['mode']
  /** When nothing is delivered. */
  readonly freezes?: readonly FreezeConfig[]
  /** Metrics of each service, unless told, or of all together alone: each metric of a service is billed (docs/costs.md). */
  readonly metrics?: 'each' | 'together'
  /** The other accounts and regions that are delivered to, by the names that they are to have. */
  readonly places?: Readonly<Record<string, PlaceConfig>>
}

/** The config file, read as far as its outline. */
export interface Config {
  /** The entries as they were written, by `cluster/service`. */
  readonly services: ReadonlyMap<string, readonly unknown[]>
  /** The same of families, by `cluster/family:worker`. */
  readonly families: ReadonlyMap<string, readonly unknown[]>
  /** The guard of every service that says nothing else. Its problems are among the file's. */
  readonly guard: GuardWish['wish']
  /** Whether what is measured is told by service as well. */
  readonly metrics: 'each' | 'together'
  /** The freezes as they were written; `readFreezes` reads them, and tells their problems. */
  readonly freezes: unknown
  /** The places besides home, as far as they are understood. Their problems are among the file's. */
  readonly places: readonly Place[]
  /** What belongs to no service. */
  readonly problems: readonly Problem[]
}

const TOP_KEYS = ['services', 'families', 'guard', 'freezes', 'metrics', 'places']
const SERVICE_KEYS = ['track', 'containers', 'include', 'ignore', 'downgrade', 'guard', 'discovery']
const CONTAINER_KEYS = ['track', 'repository', 'include', 'ignore', 'downgrade']

const outline = z.looseObject(
  {
    services: z._default(
      z.record(z.string(), z.unknown(), { error: 'services is an object with an entry for each service' }),
      {},
    ),
    families: z._default(
      z.record(z.string(), z.unknown(), { error: 'families is an object with an entry for each family' }),
      {},
    ),
    guard: z.optional(z.unknown()),
    freezes: z.optional(z.unknown()),
    metrics: z.optional(z.unknown()),
    places: z.optional(z.unknown()),
  },
  { error: 'the config is an object; write export default defineConfig({ services: { … } })' },
)

const globs = z.array(z.string(), { error: 'is a list of globs' })
const trackFields = {
  track: z.optional(z.unknown()),
  include: z.optional(globs),
  ignore: z.optional(globs),
  downgrade: z.optional(z.enum(['never', 'allow'], { error: "is 'never' or 'allow'" })),
}
const containerEntry = z.looseObject({
  ...trackFields,
  repository: z.optional(z.string({ error: 'is the name of a repository' })),
})
const serviceEntry = z.looseObject({
  ...trackFields,
  containers: z.optional(
    z.record(z.string(), z.unknown(), { error: 'is an object with an entry for each container' }),
  ),
  guard: z.optional(z.unknown()),
  discovery: z.optional(z.unknown()),
})

export type ContainerEntry = z.infer<typeof containerEntry>
export type ServiceEntry = z.infer<typeof serviceEntry>

/** An entry as it was meant, with what is wrong with it. */
export interface Checked<Entry> {
  readonly entry: Entry
  /** Their paths begin in the entry. */
  readonly problems: readonly Problem[]
}

/** Types the config file; gives back what it is given. */
export function defineConfig(config: CapstanConfig): CapstanConfig {
  return config
}

/**
 * Reads what the config file exports. Throws `Failure` INVALID_CONFIG if not even its outline can be read.
 */
export function parseConfig(input: unknown): Config {
  const { outline: read, problems: unreadable } = readOutline(input)
  if (read === undefined) throw new Failure('INVALID_CONFIG', sentencesOf(unreadable).join(' '))
  const guard = readGuard(read.guard, 'The config file')
  const { places, problems: misplaced } = readPlaces(read.places)
  const unknown = unknownKeys(read, TOP_KEYS, 'The config file')
  const services = byName(read.services, (name) => {
    const key = parseServiceName(name)
    return key && nameOf(key)
  })
  const families = byName(read.families, familyName)
  const lost = [
    ...services.unnamed.map(
      (name): Problem => ({
        path: ['services', name],
        sentence: `"${name}" names no service; write cluster/service, or service for the cluster default.`,
      }),
    ),
    ...families.unnamed.map(
      (name): Problem => ({
        path: ['families', name],
        sentence: `"${name}" names no family; write cluster/family, or family for the cluster default.`,
      }),
    ),
  ]
  return {
    services: services.entries,
    families: families.entries,
    guard: guard.wish,
    freezes: read.freezes,
    metrics: read.metrics === 'together' ? 'together' : 'each',
    places,
    problems: [...unknown, ...guard.problems, ...metricsProblems(read.metrics), ...misplaced, ...lost],
  }
}

const metricsProblems = (wish: unknown): Problem[] =>
  wish === undefined || wish === 'each' || wish === 'together'
    ? []
    : [{ path: ['metrics'], sentence: "The config file: metrics is 'each' or 'together'; 'each' holds." }]

/** The outline of what the config file exports; without one, what keeps it from being read. */
export function readOutline(input: unknown): {
  readonly outline?: z.infer<typeof outline>
  readonly problems: readonly Problem[]
} {
  const read = outline.safeParse(input)
  if (read.success) return { outline: read.data, problems: [] }
  const problems = read.error.issues.map(({ path, message }) => {
    return { path, sentence: `The config file cannot be read: ${message}.` }
  })
  return { problems }
}

/** Families may be written as everywhere else too, `cluster/family:worker`. */
export function familyName(name: string): string | undefined {
  const key = parseSourceName(name.replace(/(^|\/)(?:family:)?([^/]*)$/, '$1family:$2'))
  return key && sourceName(key)
}

/** The entries by what they name; those that name the same are kept together, and told of later. */
function byName(
  input: Readonly<Record<string, unknown>>,
  nameOfKey: (key: string) => string | undefined,
): { entries: Map<string, unknown[]>; unnamed: string[] } {
  const entries = new Map<string, unknown[]>()
  const unnamed: string[] = []
  for (const [key, entry] of Object.entries(input)) {
    const name = nameOfKey(key)
    if (name === undefined) unnamed.push(key)
    else entries.set(name, [...(entries.get(name) ?? []), entry])
  }
  return { entries, unnamed }
}

/** Reads one service's entry; `where` begins the sentences about it. */
export function parseServiceEntry(input: unknown, where: string): Checked<ServiceEntry> {
  return parseEntry(input, serviceEntry, SERVICE_KEYS, where)
}

/** Reads one container's entry; `where` begins the sentences about it. */
export function parseContainerEntry(input: unknown, where: string): Checked<ContainerEntry> {
  return parseEntry(input, containerEntry, CONTAINER_KEYS, where)
}

/** An entry of the wrong form is left out whole. */
function parseEntry<Entry extends object>(
  input: unknown,
  schema: z.ZodMiniType<Entry>,
  keys: readonly string[],
  where: string,
): Checked<Entry | { track?: string }> {
  if (typeof input === 'string') return { entry: { track: input }, problems: [] }
  const read = schema.safeParse(input)
  const unknown = typeof input === 'object' && input !== null ? unknownKeys(input, keys, where) : []
  if (read.success) return { entry: read.data, problems: unknown }
  const problems = read.error.issues.map(({ path, message }) => {
    return { path, sentence: issueSentence(path, message, where) }
  })
  return { entry: {}, problems: [...problems, ...unknown] }
}

/** What is told of a service or family that several entries name, once with its cluster and once without. */
export function namedTwice(name: string, entries: readonly unknown[]): Problem[] {
  if (entries.length < 2) return []
  const sentence = `The config file names ${name} ${entries.length} times, once without its cluster; keep one entry.`
  return [{ path: [], sentence }]
}

function issueSentence(path: Path, message: string, where: string): string {
  return path.length === 0
    ? `${where} is neither a policy nor an object; write 'semver:1.x' or { track: 'semver:1.x' }.`
    : `${where}: ${path.join('.')} ${path.length > 1 ? 'is not text; write a glob' : message}.`
}
