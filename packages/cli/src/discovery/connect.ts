/** What discovery's verbs work with: the connection, and the names on the command line read. */
import type { DecisionEntry } from '@capstan/aws'
import type { CapstanDiscovery } from '@capstan/aws/discovery/connect.ts'
import type { SourceRecord } from '@capstan/aws/discovery/ledger.ts'
import type { ObservedName } from '@capstan/aws/discovery/observe-names.ts'
import type { Config } from '@capstan/core/config.ts'
import { parseTargetName, sourceName, targetName } from '@capstan/core/discovery/names.ts'
import { configuredSources } from '@capstan/core/discovery/settings.ts'
import type { NameView, SourceKey, Target } from '@capstan/core/discovery/view.ts'
import { Failure, messageOf } from '@capstan/core/failure.ts'
import { nearest } from '@capstan/core/nearest.ts'
import { sentencesOf } from '@capstan/core/problem.ts'
import { operatorsCaller } from '../caller.ts'
import { exitCodes } from '../exit.ts'
import { connectOperator, decidedKey, loadConfig, located } from '../operator.ts'
import type { Where } from '../place.ts'

/** Connects as `connectOperator` does. What talks to Route 53 and Cloud Map is loaded here: other verbs do without. */
export async function connectDiscoverer({ config, place }: Where): Promise<CapstanDiscovery> {
  const { connectDiscoveryPlaces } = await import('@capstan/aws/discovery/connect.ts')
  const exported = await loadConfig(config)
  const places = connectDiscoveryPlaces({ config: exported, caller: operatorsCaller })
  return located(await places.named(place), exported, config)
}

/**
 * What is seen of a name. Throws `Failure` INVALID_REQUEST where `text` is none that is asked for or that Capstan has
 * records at, with the one that was probably meant.
 */
export async function viewName(discovery: CapstanDiscovery, text: string): Promise<NameView> {
  const target = parseTargetName(text)
  if (target && (await listNames(discovery)).includes(targetName(target)))
    return viewTarget(discovery, target)
  const names = await discovery.observeNames()
  const one = target && names.find((each) => targetName(each.target) === targetName(target))
  if (one) return viewIn(one)
  const known = names.map((each) => targetName(each.target))
  throw new Failure('INVALID_REQUEST', `No task is to be found by '${text}'. ${whatToWrite(text, known)}`)
}

/** The names that the ledger has, which are all but those that were asked for a moment ago. */
async function listNames({ ledger }: CapstanDiscovery): Promise<string[]> {
  const [names, sources] = await Promise.all([ledger.listNames(), ledger.listSources()])
  const targets = [...names.map(({ target }) => target), ...sources.flatMap((source) => source.targets)]
  return targets.map(targetName)
}

async function viewTarget(discovery: CapstanDiscovery, target: Target): Promise<NameView> {
  const [one] = await discovery.observeNames([target])
  if (one) return viewIn(one)
  throw new Failure('NOT_FOUND', `Nothing is known of ${targetName(target)} any more.`)
}

/** What was seen of a name. Throws what hindered it. */
function viewIn(one: ObservedName): NameView {
  if (one.kind === 'seen') return one.view
  throw one.error
}

/** All names that can be looked at; trouble with the others is told on stderr and makes the exit code `failed`. */
export async function viewNames(discovery: CapstanDiscovery): Promise<NameView[]> {
  const [names, sources] = await Promise.all([discovery.observeNames(), discovery.ledger.listSources()])
  const troubles = troublesAt(discovery.config, sources, names)
  for (const trouble of troubles) console.error(trouble)
  if (troubles.length) process.exitCode = exitCodes.failed
  return names.flatMap((one) => (one.kind === 'seen' ? [one.view] : []))
}

/** What to write in place of a name that is not known: the one that was probably meant, or where names come from. */
export function whatToWrite(text: string, known: readonly string[]): string {
  const close = nearest(text, known)
  if (close !== undefined) return `Write ${close}.`
  if (!known.length)
    return 'Tag a service with capstan:dns or capstan:discovery, or name it in the config file.'
  return `Write one of those that 'capstan discovery list' shows, such as ${known[0]}.`
}

/** Tells whose settings are in the config file, and not in tags alone. */
export function isConfigured(config: Config): (source: SourceKey) => boolean {
  const names = new Set(configuredSources(config).map(sourceName))
  return (source) => names.has(sourceName(source))
}

/**
 * What would go unseen in a list of names: mistakes that belong to none, settings that cannot be read, names that cannot be
 * looked at, and who is not there.
 */
export function troublesAt(
  config: Config,
  sources: readonly SourceRecord[],
  names: readonly ObservedName[],
): string[] {
  const views = names.flatMap((one) => (one.kind === 'seen' ? [one.view] : []))
  const failed = new Set(names.flatMap((one) => (one.kind === 'failed' ? [targetName(one.target)] : [])))
  const told = sources.filter((each) => each.told !== undefined)
  const unseen = sources.filter(({ targets }) => targets.some((each) => failed.has(targetName(each))))
  const there = [...told, ...unseen, ...views.flatMap((view) => view.sources)]
  const seen = there.map(({ source }) => sourceName(source))
  // What is not in this place may be in another.
  const missing = config.places.length > 1 ? [] : configuredSources(config).map(sourceName)
  const troubles = [
    ...sentencesOf(config.problems),
    ...told.map((each) => `${sourceName(each.source)}: ${each.told}`),
    ...views.flatMap(({ problems }) => problems),
    ...names.flatMap((one) =>
      one.kind === 'failed' ? [`${targetName(one.target)} cannot be shown: ${messageOf(one.error)}`] : [],
    ),
    ...missing.filter((name) => !seen.includes(name)).map(missingSource),
  ]
  return [...new Set(troubles)]
}

function missingSource(name: string): string {
  return `The config file says how ${name} is found, but it is found nowhere: ECS has no such service or family, or the entry cannot be followed; create it, or correct the entry.`
}

const SHOWN_DECISIONS = 10

/** The latest decisions about a name, whichever of its sources they are kept with. */
export async function decisionsAt(
  { record, sources, target }: NameView,
  where: Where,
): Promise<DecisionEntry[]> {
  const { ledger } = await connectOperator(where)
  const concerned = [...(record?.sources ?? []), ...sources.map(({ source }) => source)]
  const keys = [...new Map(concerned.map((source) => [sourceName(source), decidedKey(source)])).values()]
  const lists = await Promise.all(keys.map((key) => ledger.listDecisions(key)))
  const about = lists.flat().filter(({ facts }) => facts.name === targetName(target))
  // What concerns several sources is kept with each of them.
  return [...new Map(about.map((entry) => [`${entry.at} ${entry.sentence}`, entry])).values()]
    .toSorted((a, b) => (a.id < b.id ? 1 : -1))
    .slice(0, SHOWN_DECISIONS)
}
