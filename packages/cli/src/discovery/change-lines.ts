/** What a pass would change at a name, a line for each record, as people read a diff: pure. */
import type { DiscoveryDecision, RecordWrite } from '@capstan/core/discovery/decision.ts'
import type { DiscoveryRecord } from '@capstan/core/discovery/view.ts'

const SIGNS: Readonly<Record<RecordWrite['action'], string>> = { create: '+', upsert: '~', delete: '-' }

/**
 * A line for each change, in the order in which they are decided: `=` takes a record over as it is, `+` makes one, `~`
 * writes one of ours again, `-` deletes one.
 */
export function changeLines(decisions: readonly DiscoveryDecision[]): string[] {
  return decisions.flatMap(linesOf)
}

function linesOf(decision: DiscoveryDecision): string[] {
  switch (decision.kind) {
    case 'adopt':
      return decision.records.map((record) => `= ${formatRecord(record)}`)
    case 'register':
    case 'deregister':
      return decision.writes.map(({ action, record }) => `${SIGNS[action]} ${formatRecord(record)}`)
    case 'skip':
      return []
  }
}

/** A record set as a zone file has it, with its set identifier behind it; an instance by its id and attributes. */
export function formatRecord({ name, type, setIdentifier, ttl, values }: DiscoveryRecord): string {
  if (type === 'INSTANCE') return `${name} ${values.join(' ')}`
  const id = setIdentifier === undefined ? '' : ` (${setIdentifier})`
  const told = values.length ? values.join(' ') : 'alias'
  return `${name} ${ttl === undefined ? '' : `${ttl} `}${type} ${told}${id}`
}
