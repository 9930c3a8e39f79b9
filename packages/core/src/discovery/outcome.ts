/** Puts what a pass found into decisions: what is done, by its reason, and what is left undone, with the facts. */
import type { Change, Changes, Outlook } from './changes.ts'
import { policyOf } from './changes.ts'
import type { DeregisterReason, DiscoveryDecision, DiscoverySkipReason, RegisterReason } from './decision.ts'
import { quotaOf } from './record.ts'
import type { DiscoveryRecord, NameView, OwnedRecord } from './view.ts'
import type { Candidate } from './want.ts'

type Facts = Record<string, string | number>

const REGISTER: readonly RegisterReason[] = ['serving', 'missing', 'changed', 'marked']
const DEREGISTER: readonly DeregisterReason[] = [
  'stopping',
  'unhealthy',
  'gone',
  'surplus',
  'released',
  'replaced',
]
/** No more of them are named in one sentence. */
const MOST_NAMED = 5

/** What is written and deleted, one decision for each reason. */
export function writesTold({ target }: NameView, changes: readonly Change[]): DiscoveryDecision[] {
  const writes = (reason: RegisterReason | DeregisterReason) =>
    changes.filter((each) => each.reason === reason).map(({ write }) => write)
  const facts = (of: ReturnType<typeof writes>): Facts => ({
    tasks: new Set(of.flatMap(({ task }) => task ?? [])).size,
    records: named(of.map(({ record }) => record)),
  })
  return [
    ...REGISTER.map((reason) => ({ kind: 'register' as const, reason, writes: writes(reason) })),
    ...DEREGISTER.map((reason) => ({ kind: 'deregister' as const, reason, writes: writes(reason) })),
  ].flatMap((each) => (each.writes.length > 0 ? [{ ...each, target, facts: facts(each.writes) }] : []))
}

export function adoptionTold({ target }: NameView, records: readonly OwnedRecord[]): DiscoveryDecision[] {
  if (records.length === 0) return []
  return [{ kind: 'adopt', reason: 'requested', target, records, facts: { records: named(records) } }]
}

/** What is left undone, and why. */
export function skipsTold(outlook: Outlook, changes: Changes): DiscoveryDecision[] {
  const { view } = outlook
  const { overflows, hindering, forbidden, unclear } = changes
  const facts: Partial<Record<DiscoverySkipReason, Facts | undefined>> = {
    'invalid-settings':
      view.problems.length > 0
        ? { problems: view.problems.join(' '), ...(unclear.length > 0 && { stay: unclear.length }) }
        : undefined,
    ...unserved(outlook, changes),
    'foreign-record': foreignFacts(hindering, outlook.ofEcs),
    'over-quota': overflowFacts(view, overflows),
    policy:
      forbidden.length > 0
        ? { policy: policyOf(view), records: named(forbidden.map(({ write }) => write.record)) }
        : undefined,
  }
  return SKIPS.flatMap((reason) => {
    const of = facts[reason]
    return of === undefined ? [] : [skipOf(view, reason, of)]
  })
}

const SKIPS: readonly DiscoverySkipReason[] = [
  'invalid-settings',
  'foreign-record',
  'all-unhealthy',
  'no-task',
  'not-ready',
  'over-quota',
  'policy',
]

export function skipOf({ target }: NameView, reason: DiscoverySkipReason, facts: Facts): DiscoveryDecision {
  return { kind: 'skip', reason, target, facts }
}

function foreignFacts(
  hindering: readonly DiscoveryRecord[],
  ofEcs: readonly DiscoveryRecord[],
): Facts | undefined {
  if (hindering.length + ofEcs.length === 0) return undefined
  return {
    ...(hindering.length > 0 && { records: named(hindering) }),
    ...(ofEcs.length > 0 && { ecs: named(ofEcs) }),
  }
}

/** Why nobody is found there, or somebody is missing. */
function unserved(
  { candidates, view }: Outlook,
  { standing }: Changes,
): Partial<Record<DiscoverySkipReason, Facts | undefined>> {
  if (view.sources.length === 0) return {}
  const stay = new Set(standing.flatMap(({ task }) => task ?? []))
  const waiting = candidates.filter(
    ({ standing: { kind }, task }) => kind === 'not-ready' && !stay.has(task.id),
  )
  const isServed = candidates.some(({ standing: { kind } }) => kind === 'serving')
  const unhealthy = candidates.filter(({ standing: { kind } }) => kind === 'unhealthy').length
  const kept = standing.length > 0 ? { stay: named(standing) } : {}
  return {
    'all-unhealthy':
      !isServed && stay.size > 0 ? { tasks: stay.size, ...kept, why: whyOf(candidates) } : undefined,
    'no-task':
      !isServed && stay.size === 0 && waiting.length === 0
        ? { ...(unhealthy > 0 && { unhealthy }), ...kept }
        : undefined,
    'not-ready': waiting.length > 0 ? { tasks: waiting.length, why: whyOf(waiting) } : undefined,
  }
}

function whyOf(candidates: readonly Candidate[]): string {
  const whys = candidates.flatMap(({ standing }) => ('why' in standing ? [standing.why] : []))
  return [...new Set(whys)].toSorted().join(', ')
}

function overflowFacts({ place }: NameView, overflows: Changes['overflows']): Facts | undefined {
  if (overflows.length === 0) return undefined
  const quota = quotaOf(place)
  const each = overflows.map(({ asked, room, type }) => `${room} of ${asked} ${type}`)
  const others = quota - Math.min(...overflows.map(({ room }) => room))
  return { found: each.toSorted().join(', '), quota, ...(others > 0 && { others }) }
}

/**
 * Whether a pass was hindered by something that the ledger does not know of, so that the next one has to read what is
 * there as well: else it would try in vain what this one left.
 */
export function isHinderedBy(decisions: readonly DiscoveryDecision[]): boolean {
  return decisions.some(
    ({ facts, reason }) =>
      (reason === 'foreign-record' && facts.records !== undefined) ||
      (reason === 'over-quota' && facts.others !== undefined),
  )
}

/** Records as a person names them, the first few. */
function named(records: readonly DiscoveryRecord[]): string {
  const names = [...new Set(records.map(nameOne))].toSorted()
  const more = names.length - MOST_NAMED
  return `${names.slice(0, MOST_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

function nameOne({ name, type, values }: DiscoveryRecord): string {
  if (type !== 'INSTANCE') return `${type} ${name} ${values.join(' ')}`
  const told = values
    .filter((value) => value.startsWith('AWS_INSTANCE_'))
    .map((value) => value.replace(/^.*?=/, ''))
  return [name, ...told].join(' ')
}
