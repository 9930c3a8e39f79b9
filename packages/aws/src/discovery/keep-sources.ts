/** Keeps what the ledger says of sources in step with what they ask for: their targets, how, and what is wrong with their settings. */
import { isDeepStrictEqual } from 'node:util'
import { sourceName, targetName } from '@capstan/core/discovery/names.ts'
import type { DiscoverySettings, Target } from '@capstan/core/discovery/view.ts'
import type { DecisionEntry } from '../ledger/rows.ts'
import type { DiscoveryLedger, SourceRecord } from './ledger.ts'
import { targetsOf, type ViewTools } from './views.ts'

/**
 * Writes down what a source asks for where that is not what it was. Resolves with the targets that it asks for no more.
 * Unless told, what this process has written itself is not read again.
 */
export type KeepSource = (settings: DiscoverySettings, isFresh?: boolean) => Promise<readonly Target[]>

export interface KeepTools extends Pick<ViewTools, 'settingsOf'> {
  readonly ledger: Pick<DiscoveryLedger, 'getSource' | 'putSource'>
  readonly now: () => number
  /** An id for what is decided now; it sorts by time. */
  readonly newId: (now: number) => string
}

export function sourceKeeper(tools: KeepTools): KeepSource {
  const { ledger, settingsOf } = tools
  const kept = new Map<string, string>()
  return async (seen, isFresh = false) => {
    const name = sourceName(seen.source)
    if (!isFresh && kept.get(name) === textOf(seen)) return []
    const before = await ledger.getSource(seen.source)
    // What was read some seconds ago, as a sweep does, must not overwrite what another one has read since.
    const isDoubtful = before !== undefined && !isKept(nextOf(seen, before).after, before)
    const [settings = seen] = isDoubtful ? await settingsOf([seen.source], true) : [seen]
    const { after, dropped } = nextOf(settings, before)
    const isNews = after.told !== undefined && after.told !== before?.told
    if (!isKept(after, before)) await ledger.putSource(after, isNews ? [problemEntry(settings, tools)] : [])
    kept.set(name, textOf(settings))
    return dropped
  }
}

const textOf = ({ problems, publications }: DiscoverySettings) => JSON.stringify([publications, problems])

const isKept = (after: SourceRecord, before: SourceRecord | undefined): boolean =>
  isDeepStrictEqual(after, before ?? { source: after.source, targets: [] })

/**
 * A source as it is kept next, and the targets that it asks for no more. As long as settings have problems it is not known
 * what they mean to drop; and where they name no target, of which that could be told, it is told of the source.
 */
function nextOf(
  { problems, publications, source }: DiscoverySettings,
  before: SourceRecord | undefined,
): { readonly after: SourceRecord; readonly dropped: readonly Target[] } {
  const asked = new Set(publications.map(({ target }) => targetName(target)))
  const dropped = (before?.targets ?? []).filter((target) => !asked.has(targetName(target)))
  const targets = [...targetsOf(publications), ...(problems.length ? dropped : [])]
  const after = {
    source,
    targets,
    ...(publications.length && { publications }),
    ...(problems.length && !targets.length && { told: problems.join(' ') }),
  }
  return { after, dropped }
}

function problemEntry({ problems, source }: DiscoverySettings, { newId, now }: KeepTools): DecisionEntry {
  const at = now()
  const told = problems.join(' ')
  return {
    cluster: source.cluster,
    service: source.group.replace(/^service:/, ''),
    id: `${newId(at)}.0`,
    at,
    kind: 'skip',
    reason: 'invalid-settings',
    facts: { problems: told },
    sentence: `Nothing of ${sourceName(source)} is found by name, because its settings have problems. ${told}`,
  }
}
