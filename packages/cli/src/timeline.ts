/**
 * One deployment's story: the milestones that the ledger has of it, with what was decided about its service until the
 * next deployment took over. Pure.
 */
import type { DecisionEntry, DeploymentEntry } from '@capstan/aws'
import { formatDuration } from '@capstan/core/duration.ts'

/** Something that happened to a deployment. */
export interface Moment {
  /** Milliseconds since the epoch. */
  readonly at: number
  /** After the deployment was intended (ms). */
  readonly afterMs: number
  readonly what: string
  /** Who did it: ECS, Capstan, or a person. */
  readonly by: string
  readonly note: string
}

/** Words for the decisions that are part of a deployment's story; the others are told by its milestones. */
const WORDS: Readonly<Record<string, string>> = {
  bake: 'watched',
  verify: 'verified',
  hold: 'held',
  clear: 'recovered',
  'roll-back': 'rolled back',
  pause: 'paused',
  resume: 'resumed',
  release: 'released',
}

/** The moments in the order of time; `decisions` are the service's, in any order. */
export function timelineOf(deployment: DeploymentEntry, decisions: readonly DecisionEntry[]): Moment[] {
  const { id, intendedAt, timeline } = deployment
  const begun = decisions.find(({ kind, deployment: of }) => isBeginning(kind) && of === id)
  const milestones = timeline.map(({ at, what, note }) => ({
    at,
    what,
    by: what === 'intended' ? authorOf(begun) : BY_ECS.has(what) ? 'ECS' : 'Capstan',
    note: note ?? (what === 'intended' ? (begun?.sentence ?? '') : ''),
  }))
  const told = decisionsDuring(id, decisions).flatMap((one) => {
    const what = WORDS[one.kind]
    return what ? [{ at: one.at, what, by: authorOf(one), note: one.sentence }] : []
  })
  return [...milestones, ...told]
    .toSorted((a, b) => a.at - b.at)
    .map((moment) => ({ ...moment, afterMs: moment.at - intendedAt }))
}

/** The rollback that went back from a deployment, where that was what ended it; `decisions` of any service. */
export function rollbackOf(
  { cluster, id, service }: Pick<DeploymentEntry, 'cluster' | 'id' | 'service'>,
  decisions: readonly DecisionEntry[],
): DecisionEntry | undefined {
  const own = decisions.filter((one) => one.cluster === cluster && one.service === service)
  const next = nextBeginning(id, own)
  return next?.kind === 'roll-back' ? next : undefined
}

/** How long after the beginning: `+0.8s`, `+1m3s`. */
export function formatOffset(afterMs: number): string {
  if (afterMs < 60_000) return `+${(Math.max(afterMs, 0) / 1000).toFixed(1)}s`
  return `+${formatDuration(Math.round(afterMs / 1000) * 1000)}`
}

const BY_ECS = new Set(['started', 'completed', 'failed'])

const isBeginning = (kind: string): boolean => kind === 'deploy' || kind === 'roll-back'

const authorOf = (entry: DecisionEntry | undefined): string => String(entry?.facts.by ?? 'Capstan')

/** Ids sort by time, a decision's with those of the deployment that it began. */
function nextBeginning(id: string, decisions: readonly DecisionEntry[]): DecisionEntry | undefined {
  return decisions
    .filter((one) => isBeginning(one.kind) && one.deployment !== id && one.id > id)
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))[0]
}

/** What was decided from the deployment's beginning until the next one's; a rollback is the end of what it undoes. */
function decisionsDuring(id: string, decisions: readonly DecisionEntry[]): DecisionEntry[] {
  const next = nextBeginning(id, decisions)
  return decisions.filter((one) => {
    if (one.id < id || (one.deployment === id && isBeginning(one.kind))) return false
    return next === undefined || one.id < next.id || (one === next && one.kind === 'roll-back')
  })
}
