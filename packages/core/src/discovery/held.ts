/**
 * What holds while settings have mistakes: what was last understood of them. Half of what was meant could remove a task that
 * serves, and nothing at all would leave the address of one that is gone, until somebody corrects a tag.
 */
import { sourceName, targetName } from './names.ts'
import type { DiscoverySettings, NameRecord, Publication, SourceKey } from './view.ts'

/**
 * Settings as they hold: where they have problems, each target that they do not name now, but did when they were last
 * `understood`, is asked for as it was then. Settings without problems hold as they are.
 */
export function heldSettings(
  settings: DiscoverySettings,
  understood: readonly Publication[] = [],
): DiscoverySettings {
  if (settings.problems.length === 0) return settings
  const named = new Set(settings.publications.map(({ target }) => targetName(target)))
  const held = understood.filter(({ target }) => !named.has(targetName(target)))
  return held.length > 0 ? { ...settings, publications: [...settings.publications, ...held] } : settings
}

/**
 * The sources that the ledger names at a target and that do not ask for it, although their settings have problems: nothing
 * is known that could hold, so what is theirs stays.
 */
export function unclearSources(
  record: Pick<NameRecord, 'sources'> | undefined,
  asking: readonly SourceKey[],
  settings: readonly DiscoverySettings[],
): SourceKey[] {
  const asks = new Set(asking.map(sourceName))
  const wrong = new Set(
    settings.filter(({ problems }) => problems.length > 0).map(({ source }) => sourceName(source)),
  )
  return (record?.sources ?? []).filter((each) => wrong.has(sourceName(each)) && !asks.has(sourceName(each)))
}
