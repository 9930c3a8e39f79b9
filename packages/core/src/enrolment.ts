/**
 * Puts a service's settings together from the config file and its tags. Nothing here throws: whatever is wrong becomes
 * a problem of this service, in a sentence that says what to write instead.
 */
import {
  type Checked,
  type Config,
  type ContainerEntry,
  namedTwice,
  parseContainerEntry,
  parseServiceEntry,
} from './config.ts'
import { Failure } from './failure.ts'
import { type GuardWish, mergeGuard, readGuard, readGuardTags } from './guard-settings.ts'
import { registryOrigin } from './image.ts'
import { nearest } from './nearest.ts'
import { globProblem } from './pattern.ts'
import { type Place, placeAt } from './places.ts'
import { type Policy, parsePolicyInput } from './policy.ts'
import { type Path, type Problem, sentencesOf, within } from './problem.ts'
import { repositoryBeside } from './repository.ts'
import { nameOf } from './service-key.ts'
import { readServiceTags, type ServiceTags } from './service-tags.ts'
import type { Settings, Track } from './settings.ts'
import type { ObservedContainer, ObservedService } from './view.ts'

/** As much of a service as its settings depend on. */
export type EnrolledService = Pick<ObservedService, 'cluster' | 'service' | 'arn' | 'containers' | 'tags'>

/** The same, with the places besides its own whose registries it may have images of. */
interface Enrolling extends EnrolledService {
  readonly places: readonly Place[]
}

/** What one source asks for: for the whole service, and for single containers. */
interface Wish {
  readonly source: 'config' | 'tags'
  readonly whole: ContainerEntry
  readonly single: Readonly<Record<string, ContainerEntry>>
  readonly problems: readonly Problem[]
}

const NOTHING_IN_TAGS =
  'The service has capstan:* tags, but none that says what to track; write capstan:track = semver:1.x.'

const GENERAL_BESIDE_SINGLE =
  'The tag capstan:track stands beside capstan:track/<container>, so it is not clear what it is about; remove it, or write capstan:track = off to pause all containers.'

type Resolved = { readonly tracks: readonly Track[]; readonly problems: readonly Problem[] }

type Enrolment = Resolved & Pick<Settings, 'enrolled' | 'source'>

interface Input {
  readonly service: EnrolledService
  readonly config: Config | undefined
}

/** The settings of one service. Config and tags may both name it only if they say the same. */
export function resolveSettings(input: Input): Settings {
  const settings = readSettings(input)
  return { ...settings, problems: sentencesOf(settings.problems) }
}

/** The settings of one service, with problems whose paths begin in its entry of the config file. */
export function readSettings({ config, ...input }: Input): Enrolment & Pick<Settings, 'guard'> {
  const service = { ...input.service, places: config?.places ?? [] }
  const name = nameOf(service)
  const entries = (config?.services.get(name) ?? []).filter(isAboutDelivery)
  const enrolment = enrol(service, entries)
  // Tags about the guard enrol nothing, so a service that nothing else names has neither guard nor problems.
  if (!enrolment.enrolled) return { ...enrolment, guard: mergeGuard({ name }).guard }
  const entry = entryGuard(name, entries)
  const tags = readGuardTags(service.tags)
  const merged = mergeGuard({ name, all: config?.guard, entry: entry.wish, tags: tags.wish })
  const problems = [...enrolment.problems, ...entry.problems, ...tags.problems, ...merged.problems]
  return { ...enrolment, guard: merged.guard, problems }
}

/** An entry that says how tasks are found and nothing to track is discovery's alone. */
function isAboutDelivery(entry: unknown): boolean {
  return (
    typeof entry !== 'object' ||
    entry === null ||
    !('discovery' in entry) ||
    'track' in entry ||
    'containers' in entry
  )
}

function enrol(service: Enrolling, entries: readonly unknown[]): Enrolment {
  const tags = readServiceTags(service.tags)
  const fromConfig = entries.length > 0 ? resolve(service, configWish(nameOf(service), entries)) : undefined
  const fromTags = tags.present ? resolve(service, tagWish(tags)) : undefined
  if (fromConfig !== undefined && fromTags !== undefined) return both(nameOf(service), fromConfig, fromTags)
  if (fromConfig !== undefined) return { enrolled: true, source: 'config', ...fromConfig }
  if (fromTags !== undefined) return { enrolled: true, source: 'tags', ...fromTags }
  return { enrolled: false, source: 'none', tracks: [], problems: [] }
}

function entryGuard(name: string, entries: readonly unknown[]): GuardWish {
  const where = `The entry "${name}"`
  return readGuard(parseServiceEntry(entries[0] ?? '', where).entry.guard, where)
}

function both(name: string, fromConfig: Resolved, fromTags: Resolved): Enrolment {
  const problems = [...fromConfig.problems, ...fromTags.problems]
  const agree = problems.length === 0 && JSON.stringify(fromConfig.tracks) === JSON.stringify(fromTags.tracks)
  const sentence = `The config file and the service's tags both name ${name} and say different things; remove the capstan:* tags, or the entry "${name}".`
  return {
    enrolled: true,
    source: 'config',
    tracks: agree ? fromConfig.tracks : [],
    problems: agree ? [] : [...problems, { path: [], sentence }],
  }
}

function configWish(name: string, entries: readonly unknown[]): Wish {
  const where = `The entry "${name}"`
  const { entry, problems } = parseServiceEntry(entries[0], where)
  const { containers = {}, guard: _, discovery: __, ...whole } = entry
  const single = Object.entries(containers).map(([container, input]) => {
    return [container, parseContainerEntry(input, `${where}, container ${container},`)] as const
  })
  return {
    source: 'config',
    whole,
    single: Object.fromEntries(single.map(([container, checked]) => [container, checked.entry])),
    problems: [
      ...namedTwice(name, entries),
      ...problems,
      ...single.flatMap(([container, checked]: readonly [string, Checked<ContainerEntry>]) =>
        within(['containers', container], checked.problems),
      ),
    ],
  }
}

function tagWish(tags: ServiceTags): Wish {
  const { prerelease, downgrade } = tags
  const single = Object.entries(tags.tracks).map(([container, track]) => [
    container,
    { track: withPrerelease(track, prerelease) },
  ])
  const lost = tags.track === undefined && single.length === 0 && tags.problems.length === 0
  return {
    source: 'tags',
    whole: {
      track: tags.track === undefined ? undefined : withPrerelease(tags.track, prerelease),
      ...(downgrade !== undefined && { downgrade }),
    },
    single: Object.fromEntries(single),
    problems: (lost ? [NOTHING_IN_TAGS] : tags.problems).map((sentence) => ({ path: [], sentence })),
  }
}

// The tag capstan:prerelease speaks of semver policies; every other policy sees each tag as it is.
function withPrerelease(track: string, prerelease: boolean | undefined): unknown {
  const range = /^\s*semver:(.*)$/s.exec(track)?.[1]
  return range === undefined || prerelease === undefined
    ? track
    : { kind: 'semver', range: range.trim(), prerelease }
}

function resolve(service: Enrolling, wish: Wish): Resolved {
  const { whole, single } = wish
  const problems = [...wish.problems, ...unknownContainers(service, Object.keys(single))]
  const pausesAll = isOff(whole.track)
  const targets = pausesAll ? trackable(service) : targetsOf(service, wish, problems)
  const tracks = targets.flatMap((container) => {
    const entry = pausesAll ? whole : { ...whole, ...single[container.name] }
    const origin = isOff(entry.track) ? undefined : originProblem(service, container)
    if (origin === undefined)
      return trackOf(container, entry, { ...wish, problems, service: nameOf(service) })
    problems.push({ path: [], sentence: origin })
    return []
  })
  return { tracks, problems }
}

// Anything else that is wrong with a policy comes out when it is parsed.
function isOff(track: unknown): boolean {
  return typeof track === 'string' ? track.trim() === 'off' : JSON.stringify(track) === '{"kind":"off"}'
}

/**
 * The containers that the wish is about: those that it names, or else the only one that can be tracked. What is said
 * for the whole service is the default of the named ones then.
 */
function targetsOf(service: Enrolling, wish: Wish, problems: Problem[]): readonly ObservedContainer[] {
  const names = Object.keys(wish.single)
  const general = wish.whole.track !== undefined
  if (names.length > 0) {
    if (general && wish.source === 'tags') problems.push({ path: ['track'], sentence: GENERAL_BESIDE_SINGLE })
    return service.containers.filter(({ name }) => names.includes(name))
  }
  if (!general) {
    const sentence = `The entry "${nameOf(service)}" says nothing to track; write track: 'semver:1.x'.`
    if (problems.length === 0) problems.push({ path: ['track'], sentence })
    return []
  }
  const candidates = trackable(service)
  if (candidates.length === 1) return candidates
  const sentence = candidates.length === 0 ? nothingTrackable(service) : severalTrackable(candidates, wish)
  problems.push({ path: ['track'], sentence })
  return []
}

function trackable(service: Enrolling): ObservedContainer[] {
  return service.containers.filter((container) => originProblem(service, container) === undefined)
}

/** Why a container cannot be tracked, if so: its image is in no ECR registry of the service's own or another place. */
function originProblem(service: Enrolling, container: ObservedContainer): string | undefined {
  const [, , , region, account] = service.arn.split(':')
  const origin = registryOrigin(container.image)
  const registry = `${account}.dkr.ecr.${region}.amazonaws.com`
  const what = `The image ${container.image.text} of container ${container.name}`
  if (origin === undefined)
    return `${what} is in no ECR registry; Capstan follows images of ${registry}, so push it there.`
  const { account: from, region: where } = origin
  if (from === undefined || where === undefined || (from === account && where === region)) return undefined
  if (placeAt(service.places, { account: from, region: where })) return undefined
  return `${what} is in another account or region; Capstan follows images of ${registry}, so replicate it there, or name ${from} in ${where} among the places of the config file.`
}

/** The track of a container, or none and what makes it unusable. */
function trackOf(
  { name, image }: ObservedContainer,
  entry: ContainerEntry,
  {
    source,
    service,
    single,
    whole,
    problems,
  }: Omit<Wish, 'problems'> & { service: string; problems: Problem[] },
): readonly Track[] {
  const before = problems.length
  const { track, include = [], ignore = [], downgrade = 'never' } = entry
  const repository =
    entry.repository === undefined ? image.repository : repositoryBeside(image.repository, entry.repository)
  const tell = (key: string, path: Path, ending: string) => {
    const isWhole = !single[name] || (!(key in single[name]) && key in whole)
    const inConfig = isWhole ? `The entry "${service}"` : `The config of container ${name}`
    const sentence = `${source === 'tags' ? tagOf(name, single) : inConfig}: ${ending}.`
    // Containers that share what their service says share what is wrong with it.
    if (problems.some((each) => each.sentence === sentence)) return
    problems.push({ path: [...(isWhole ? [] : ['containers', name]), key, ...path], sentence })
  }
  for (const [list, globs] of Object.entries({ include, ignore }))
    for (const [index, glob] of globs.entries()) {
      const problem = globProblem(glob)
      if (problem !== undefined) tell(list, [index], `the glob ${glob} of ${list} ${problem}`)
    }
  const policy = readPolicy(track, (ending) => tell('track', [], ending))
  return policy === undefined || problems.length > before
    ? []
    : [{ container: name, repository, policy, include, ignore, downgrade }]
}

function readPolicy(track: unknown, tell: (ending: string) => void): Policy | undefined {
  try {
    if (track !== undefined) return parsePolicyInput(track)
    tell("says nothing to track; write track: 'semver:1.x'")
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    tell(error.message)
  }
  return undefined
}

function tagOf(container: string, single: Wish['single']): string {
  return container in single ? `The tag capstan:track/${container}` : 'The tag capstan:track'
}

function nothingTrackable(service: Enrolling): string {
  const reasons = service.containers.map((container) => originProblem(service, container))
  return reasons[0] ?? 'The service has no container; add one to its task definition.'
}

function severalTrackable(containers: readonly ObservedContainer[], wish: Wish): string {
  const names = containers.map(({ name }) => name)
  const track = String(wish.whole.track)
  const instead =
    wish.source === 'tags'
      ? names.map((name) => `capstan:track/${name} = ${track}`).join(', ')
      : `containers: { ${names.map((name) => `'${name}': …`).join(', ')} }`
  return `The service has ${names.length} containers that could be tracked; say which: ${instead}.`
}

function unknownContainers(service: EnrolledService, wanted: readonly string[]): Problem[] {
  const names = service.containers.map(({ name }) => name)
  return wanted
    .filter((name) => !names.includes(name))
    .map((name) => {
      const meant = nearest(name, names) ?? `one of ${names.join(', ')}`
      return {
        path: ['containers', name],
        sentence: `The service has no container "${name}"; write ${meant}.`,
      }
    })
}
