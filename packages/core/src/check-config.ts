/**
 * Tells everything that is wrong with a config file and can be known without an account of AWS, each with its place in it.
 * The readers that the doors use judge each entry, so what passes here is understood there.
 */
import { type Config, familyName, namedTwice, parseConfig, parseServiceEntry, readOutline } from './config.ts'
import { parseSourceName } from './discovery/names.ts'
import { readDiscovery } from './discovery/settings.ts'
import { type EnrolledService, readSettings } from './enrolment.ts'
import { readFreezes } from './freeze.ts'
import { mergeGuard } from './guard-settings.ts'
import { parseImageReference } from './image.ts'
import { type Path, type Problem, within } from './problem.ts'
import { nameOf, parseServiceName } from './service-key.ts'
import type { ServiceKey } from './view.ts'

type Entry = readonly [key: string, entry: unknown]

/** The problems of what `capstan.config.ts` exports, each once. Their paths are of what is there. */
export function checkConfig(input: unknown): Problem[] {
  const unreadable = readOutline(input).problems
  const { outline } = readOutline(without(input, unreadable))
  if (outline === undefined) return [...unreadable]
  const config = parseConfig(outline)
  const guard = mergeGuard({ name: 'every service', all: config.guard }).problems
  // What is wrong for all is told once, and not of each service again.
  const judging = guard.length > 0 ? { ...config, guard: {} } : config
  const found = [
    ...unreadable,
    ...config.problems,
    ...guard,
    ...readFreezes(config.freezes).problems,
    ...Object.entries(outline.services).flatMap((entry) => serviceProblems(entry, judging)),
    ...Object.entries(outline.families).flatMap((entry) => familyProblems(entry, config)),
  ]
  const there = found.map((problem) => placedIn(input, problem))
  return [...new Map(there.map((problem) => [JSON.stringify(problem), problem])).values()]
}

/** A problem by the part of its path that is there in what the config file exports. */
export function placedIn(config: unknown, problem: Problem): Problem {
  return { ...problem, path: asFarAsThere(config, problem.path) }
}

function serviceProblems([key, entry]: Entry, config: Config): Problem[] {
  const service = parseServiceName(key)
  if (service === undefined) return []
  const name = nameOf(service)
  const twice = namedTwice(name, config.services.get(name) ?? [])
  const judge = (one: unknown) => {
    const alone = { ...config, services: new Map([[name, [one]]]), families: new Map() }
    const source = { cluster: service.cluster, group: `service:${service.service}` }
    return [
      ...readSettings({ service: standIn(service, one), config: alone }).problems,
      ...readDiscovery({ source, tags: {}, config: alone }).problems,
    ]
  }
  const form = parseServiceEntry(entry, '').problems.filter(({ path }) => path.length > 0)
  // An entry of the wrong form is left out whole, so what is right of it is judged by itself; `off` asks for no more.
  const rest = form.length > 0 ? judge({ track: 'off', ...Object(without(entry, form)) }) : []
  return within(['services', key], [...twice, ...judge(entry), ...rest])
}

function familyProblems([key, entry]: Entry, config: Config): Problem[] {
  const name = familyName(key)
  const source = name === undefined ? undefined : parseSourceName(name)
  if (name === undefined || source === undefined) return []
  const alone = { services: new Map(), families: new Map([[name, [entry]]]) }
  const twice = namedTwice(name, config.families.get(name) ?? [])
  return within(['families', key], [...twice, ...readDiscovery({ source, tags: {}, config: alone }).problems])
}

/** A service that has just the containers which its entry names, or one, and images that can be followed. */
function standIn(service: ServiceKey, entry: unknown): EnrolledService {
  const { containers } = Object(entry)
  const named = typeof containers === 'object' && containers !== null ? Object.keys(containers) : []
  const image = parseImageReference('localhost/image')
  return {
    ...service,
    arn: `arn:aws:ecs:us-east-1:123456789012:service/${nameOf(service)}`,
    containers: (named.length > 0 ? named : ['app']).map((name) => ({ name, image, essential: true })),
    tags: {},
  }
}

/** The same without the keys that have problems. */
function without(input: unknown, problems: readonly Problem[]): unknown {
  const wrong = problems.map(({ path }) => path[0])
  if (problems.length === 0 || wrong.includes(undefined)) return input
  return Object.fromEntries(Object.entries(Object(input)).filter(([key]) => !wrong.includes(key)))
}

/** As much of a path as there is in the value: a key that is missing, or short for another, has no place of its own. */
function asFarAsThere(value: unknown, path: Path): Path {
  const [key, ...rest] = path
  if (key === undefined || typeof value !== 'object' || value === null || !Object.hasOwn(value, key))
    return []
  return [key, ...asFarAsThere(Object.entries(value).find(([name]) => name === String(key))?.[1], rest)]
}
