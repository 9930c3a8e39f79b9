/**
 * Puts together how a source's tasks are found, from the config file and from tags: those of the ECS service, or of the
 * task definition of tasks that belong to none. Both may name it only if they say the same.
 */
import { type Config, parseServiceEntry } from '../config.ts'
import { nearest } from '../nearest.ts'
import { parseSourceName, sourceName, targetName } from './names.ts'
import { type PublicationWish, readPublication, repeatedTargets } from './publication-config.ts'
import { readDiscoveryTags, tagOfSetting } from './tags.ts'
import type { DiscoverySettings, SourceKey } from './view.ts'

const NO_NAME_IN_TAGS =
  'There are capstan:dns-* tags, but none that says a name; write capstan:dns = web.example.com, or capstan:discovery = namespace/service.'

type Entries = Pick<Config, 'services' | 'families'>

/** What a source asks of discovery. Nothing here throws: what is wrong is told, and left out. */
export function resolveDiscovery(input: {
  readonly source: SourceKey
  readonly tags: Readonly<Record<string, string>>
  readonly config: Entries | undefined
}): DiscoverySettings {
  const { source, tags, config } = input
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
  if (first === undefined) return undefined
  const where = `The entry "${name}"`
  const twice =
    entries.length > 1
      ? [`The config file names ${name} ${entries.length} times, once without its cluster; keep one entry.`]
      : []
  const wishes = (Array.isArray(first) ? first : [first]).map((each: unknown, index) => {
    const part = Array.isArray(first) ? `discovery[${index}]` : 'discovery'
    return readPublication(each, (key) => `${where}: ${part}${key === undefined ? '' : `.${key}`}`)
  })
  const none = wishes.length === 0 ? [`${where}: discovery is empty; write { dns: 'web.example.com' }.`] : []
  return joined(where, wishes, [...twice, ...none, ...entryProblems(entries, where, name)])
}

/** Delivery tells what is wrong with an entry that is about delivery too. */
function entryProblems(entries: readonly unknown[], where: string, name: string): readonly string[] {
  const [entry] = entries
  if (typeof entry !== 'object' || entry === null) return []
  if (name.includes('/family:'))
    return Object.keys(entry)
      .filter((key) => key !== 'discovery')
      .map(
        (key) => `${where} has an unknown key "${key}"; write ${nearest(key, ['discovery']) ?? 'discovery'}.`,
      )
  return 'track' in entry || 'containers' in entry ? [] : parseServiceEntry(entry, where).problems
}

function tagWish(tags: Readonly<Record<string, string>>): PublicationWish | undefined {
  const { input, problems } = readDiscoveryTags(tags)
  if (input === undefined) return undefined
  const where = (key?: string) => (key === undefined ? 'By its tags it' : `The tag ${tagOfSetting(key)}`)
  if (input.dns !== undefined || input.service !== undefined || problems.length > 0)
    return joined('The tags', [readPublication(input, where)], problems)
  return { publications: [], problems: [NO_NAME_IN_TAGS] }
}

function joined(
  where: string,
  wishes: readonly PublicationWish[],
  problems: readonly string[],
): PublicationWish {
  const publications = wishes.flatMap((wish) => wish.publications)
  const repeated = repeatedTargets(publications)
  const twice = repeated.map((name) => `${where}: ${name} is asked for more than once; keep one of them.`)
  return {
    publications: publications.filter(({ target }) => !repeated.includes(targetName(target))),
    problems: [...problems, ...wishes.flatMap((wish) => wish.problems), ...twice],
  }
}

function both(source: SourceKey, fromConfig: PublicationWish, fromTags: PublicationWish): DiscoverySettings {
  const problems = [...fromConfig.problems, ...fromTags.problems]
  const agree =
    problems.length === 0 && JSON.stringify(fromConfig.publications) === JSON.stringify(fromTags.publications)
  const name = sourceName(source)
  const conflict = `The config file and the tags both say how ${name} is found, and different things; remove the capstan:dns* and capstan:discovery tags, or discovery of the entry "${name}".`
  return {
    source,
    from: 'config',
    publications: agree ? fromConfig.publications : [],
    problems: agree ? problems : [...problems, conflict],
  }
}
