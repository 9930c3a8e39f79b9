/**
 * Puts together how a source's tasks are found, from the config file and from tags: those of the ECS service, or of the
 * task definition of tasks that belong to none. Both may name it only if they say the same.
 */
import { type Config, namedTwice, parseServiceEntry } from '../config.ts'
import { type Problem, sentencesOf, within } from '../problem.ts'
import { unknownKeys } from '../unknown-keys.ts'
import { parseSourceName, sourceName, targetName } from './names.ts'
import { type PublicationWish, readPublication, repeatedTargets } from './publication-config.ts'
import { readDiscoveryTags, tagOfSetting } from './tags.ts'
import type { DiscoverySettings, SourceKey } from './view.ts'

const NO_NAME_IN_TAGS =
  'There are capstan:dns-* tags, but none that says a name; write capstan:dns = web.example.com, or capstan:discovery = namespace/service.'

type Entries = Pick<Config, 'services' | 'families'>

type Told = Pick<PublicationWish, 'problems'>

interface Input {
  readonly source: SourceKey
  readonly tags: Readonly<Record<string, string>>
  readonly config: Entries | undefined
}

/** What a source asks of discovery. Nothing here throws: what is wrong is told, and left out. */
export function resolveDiscovery(input: Input): DiscoverySettings {
  const settings = readDiscovery(input)
  return { ...settings, problems: sentencesOf(settings.problems) }
}

/** The same, with problems whose paths begin in the source's entry of the config file. */
export function readDiscovery({ source, tags, config }: Input): Omit<DiscoverySettings, 'problems'> & Told {
  const name = sourceName(source)
  const fromConfig = configWish(name, entriesOf(config, name))
  const fromTags = tagWish(tags)
  if (fromConfig !== undefined && fromTags !== undefined) return both(source, fromConfig, fromTags)
  if (fromConfig !== undefined) return { source, from: 'config', ...fromConfig }
  if (fromTags !== undefined) return { source, from: 'tags', ...fromTags }
  return { source, from: 'none', publications: [], problems: [] }
}

/** The sources that the config file names for discovery. */
export function configuredSources({ families, services }: Entries): SourceKey[] {
  return [...services, ...families]
    .filter(([, entries]) => entries.some((entry) => discoveryOf(entry) !== undefined))
    .flatMap(([name]) => parseSourceName(name) ?? [])
}

function entriesOf(config: Entries | undefined, name: string): readonly unknown[] {
  return [...(config?.services.get(name) ?? []), ...(config?.families.get(name) ?? [])]
}

function discoveryOf(entry: unknown): unknown {
  return typeof entry === 'object' && entry !== null && 'discovery' in entry ? entry.discovery : undefined
}

function configWish(name: string, entries: readonly unknown[]): PublicationWish | undefined {
  const [first] = entries.map(discoveryOf).filter((each) => each !== undefined)
  // A family is named for nothing else, so an entry without it is a mistake.
  if (first === undefined && !(entries.length > 0 && isFamily(name))) return undefined
  const where = `The entry "${name}"`
  const wishes = (Array.isArray(first) ? first : [first]).map((each: unknown, index) => {
    const path = Array.isArray(first) ? ['discovery', index] : ['discovery']
    const part = Array.isArray(first) ? `discovery[${index}]` : 'discovery'
    const read = readPublication(each, (key) => `${where}: ${part}${key === undefined ? '' : `.${key}`}`)
    return { ...read, problems: within(path, read.problems) }
  })
  const empty = `${where}: discovery is empty; write { dns: 'web.example.com' }.`
  const none = wishes.length === 0 ? [aboutAll(empty)] : []
  const others = [...namedTwice(name, entries), ...none, ...entryProblems(entries, where, name)]
  return joined(where, wishes, others)
}

/** Delivery tells what is wrong with an entry that is about delivery too. */
function entryProblems(entries: readonly unknown[], where: string, name: string): readonly Problem[] {
  const [entry] = entries
  if (typeof entry !== 'object' || entry === null) return []
  if (isFamily(name)) return unknownKeys(entry, ['discovery'], where)
  return 'track' in entry || 'containers' in entry ? [] : parseServiceEntry(entry, where).problems
}

function tagWish(tags: Readonly<Record<string, string>>): PublicationWish | undefined {
  const { input, problems } = readDiscoveryTags(tags)
  if (input === undefined) return undefined
  const where = (key?: string) => (key === undefined ? 'By its tags it' : `The tag ${tagOfSetting(key)}`)
  if (input.dns !== undefined || input.service !== undefined || problems.length > 0)
    return joined('The tags', [readPublication(input, where)], problems.map(aboutAll))
  return { publications: [], problems: [aboutAll(NO_NAME_IN_TAGS)] }
}

function joined(
  where: string,
  wishes: readonly PublicationWish[],
  problems: readonly Problem[],
): PublicationWish {
  const publications = wishes.flatMap((wish) => wish.publications)
  const repeated = repeatedTargets(publications)
  const twice = repeated.map((name) =>
    aboutAll(`${where}: ${name} is asked for more than once; keep one of them.`),
  )
  return {
    publications: publications.filter(({ target }) => !repeated.includes(targetName(target))),
    problems: [...problems, ...wishes.flatMap((wish) => wish.problems), ...twice],
  }
}

function both(source: SourceKey, fromConfig: PublicationWish, fromTags: PublicationWish) {
  const problems = [...fromConfig.problems, ...fromTags.problems]
  const agree =
    problems.length === 0 && JSON.stringify(fromConfig.publications) === JSON.stringify(fromTags.publications)
  const name = sourceName(source)
  const conflict = `The config file and the tags both say how ${name} is found, and different things; remove the capstan:dns* and capstan:discovery tags, or discovery of the entry "${name}".`
  return {
    source,
    from: 'config' as const,
    publications: agree ? fromConfig.publications : [],
    problems: agree ? problems : [...problems, aboutAll(conflict)],
  }
}

function isFamily(name: string): boolean {
  return name.includes('/family:')
}

function aboutAll(sentence: string): Problem {
  return { path: ['discovery'], sentence }
}
