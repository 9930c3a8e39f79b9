/** Keeps what the ledger says of sources in step with what they ask for: their targets, and what is wrong with their settings. */
import { sourceName, targetName } from '@capstan/core/discovery/names.ts'
import type { DiscoverySettings, Target } from '@capstan/core/discovery/view.ts'
import type { DecisionEntry } from '../ledger/rows.ts'
import type { DiscoveryLedger, SourceRecord } from './ledger.ts'
import { targetsOf, targetsText } from './views.ts'

/**
 * Writes a source's targets down where they are others than before. Resolves with those that it asks for no more. Unless
 * told, what this process has written itself is not read again.
 */
export type KeepSource = (settings: DiscoverySettings, isFresh?: boolean) => Promise<readonly Target[]>

export interface KeepTools {
  readonly ledger: Pick<DiscoveryLedger, 'getSource' | 'putSource'>
  readonly now: () => number
  /** An id for what is decided now; it sorts by time. */
  readonly newId: (now: number) => string
}

export function sourceKeeper(tools: KeepTools): KeepSource {
  const { ledger } = tools
  const kept = new Map<string, string>()
  return async (settings, isFresh = false) => {
    const { problems, publications, source } = settings
    const name = sourceName(source)
    const essence = JSON.stringify([targetsText(targetsOf(publications)), problems])
    if (!isFresh && kept.get(name) === essence) return []
    const before = await ledger.getSource(source)
    const asked = new Set(publications.map(({ target }) => targetName(target)))
    const dropped = (before?.targets ?? []).filter((target) => !asked.has(targetName(target)))
    const after = sourceAfter(settings, dropped)
    const isNews = after.told !== undefined && after.told !== before?.told
    if (essenceOf(after) !== essenceOf(before))
      await ledger.putSource(after, isNews ? [problemEntry(settings, tools)] : [])
    kept.set(name, essence)
    return dropped
  }
}

/**
 * A source as it is kept. As long as settings have problems it is not known what they mean to drop; and where they name no
 * target, of which that could be told, it is told of the source.
 */
function sourceAfter(
  { problems, publications, source }: DiscoverySettings,
  dropped: readonly Target[],
): SourceRecord {
  const targets = [...targetsOf(publications), ...(problems.length ? dropped : [])]
  return { source, targets, ...(problems.length && !targets.length && { told: problems.join(' ') }) }
}

const essenceOf = (record: Omit<SourceRecord, 'source'> = { targets: [] }): string =>
  `${targetsText(record.targets)} ${record.told ?? ''}`

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
