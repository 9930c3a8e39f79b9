/**
 * Freezes: times in which nothing is delivered, to everything, a cluster or a service. One is there until it is removed,
 * or for a while, or in windows that a recurrence rule begins. One that cannot be read holds until it is put right.
 */
import { isTimeZone, parseCivil } from './civil-time.ts'
import { formatDuration, parseDuration } from './duration.ts'
import { messageOf } from './failure.ts'
import { type Problem, sentencesOf, within } from './problem.ts'
import { MOST_TIMES, momentOf, parseRecurrence, type Recurrence } from './recurrence.ts'
import { nameOf } from './service-key.ts'
import { unknownKeys } from './unknown-keys.ts'
import type { ActiveFreeze, ServiceKey } from './view.ts'

/** A freeze as the config file has it: windows by `rule`, or one from `start` on. */
export interface FreezeConfig {
  /** `all`, a cluster, or `cluster/service`. */
  readonly scope: string
  readonly reason: string
  /** A recurrence rule (RFC 5545), such as `FREQ=WEEKLY;BYDAY=FR;BYHOUR=16`. */
  readonly rule?: string
  /** Local time, such as `2026-12-20T18:00`. */
  readonly start?: string
  /** How long a window is, such as `64h`; time that passes, whatever clocks are set to. */
  readonly duration: string
  /** Of the IANA database, such as `Europe/Berlin`; `UTC` if left out. */
  readonly timeZone?: string
}

/** A freeze of the ledger or of the config file. */
export interface Freeze {
  readonly id: string
  readonly scope: string
  readonly reason: string
  readonly by: string
  /** When it begins to hold (ms); absent: it always did. */
  readonly at?: number
  /** When it is over for good (ms). */
  readonly until?: number
  readonly rule?: string
  readonly start?: string
  readonly duration?: string
  readonly timeZone?: string
}

interface Window {
  /** In ms; absent: as long as anyone can see. */
  readonly until?: number
}

const DAY_MS = 86_400_000
const LONGEST_DAYS = 31
const CONFIG_KEYS = ['scope', 'reason', 'rule', 'start', 'duration', 'timeZone']
/** Occurrences that are looked at for one freeze: those whose window may hold now, and as many that may go on from it. */
const MOST_OCCURRENCES = 2 * (LONGEST_DAYS + 1) * MOST_TIMES

/** The freezes that hold for a service now. `until` is the end of the window, and of those that go on from it. */
export function activeFreezes(freezes: readonly Freeze[], service: ServiceKey, now: number): ActiveFreeze[] {
  return freezes.flatMap((freeze) => {
    const { id, scope, reason, by } = freeze
    if (!concerns(scope, service) || now < (freeze.at ?? now) || now >= (freeze.until ?? Infinity)) return []
    const [problem] = problemsOfFreeze(freeze)
    if (problem !== undefined) return [{ id, scope, by, reason: `${reason} (${problem})` }]
    const window = windowAt(freeze, now)
    if (window === undefined) return []
    const until = Math.min(window.until ?? Infinity, freeze.until ?? Infinity)
    return [{ id, scope, reason, by, ...(until !== Infinity && { until }) }]
  })
}

/** What is wrong with a freeze, in sentences that say what to write instead. */
export function problemsOfFreeze(freeze: Omit<Freeze, 'id' | 'by'>): string[] {
  return sentencesOf(problemsIn(freeze, 'The freeze'))
}

/** What is wrong with a freeze, by its keys; `where` begins the sentences about it. */
function problemsIn(freeze: Omit<Freeze, 'id' | 'by'>, where: string): Problem[] {
  const { scope, reason, rule, start, duration, timeZone } = freeze
  const isScope = /^[A-Za-z0-9_-]{1,255}(?:\/[A-Za-z0-9_-]{1,255})?$/.test(scope)
  const needsDuration = rule !== undefined || start !== undefined
  const problems: Ending[] = []
  if (!isScope) problems.push(['scope', `scope "${scope}" is none; write all, a cluster, or cluster/service`])
  if (reason.trim() === '') problems.push(['reason', 'it says no reason; write one'])
  if (needsDuration && duration === undefined)
    problems.push(['duration', 'it says no duration; write one, such as 64h'])
  if (duration !== undefined) problems.push(...durationProblems(duration).map(about('duration')))
  if (!needsDuration && duration !== undefined)
    problems.push(['duration', 'its duration has no beginning; write rule or start'])
  if (timeZone !== undefined && !isTimeZone(timeZone))
    problems.push(['timeZone', `there is no time zone "${timeZone}"; write one such as Europe/Berlin`])
  const found = problems.length === 0 ? timeProblems(freeze) : []
  return [...problems, ...found].map(([key, ending]) => {
    return { path: [key], sentence: `${where} cannot be read: ${ending}.` }
  })
}

/** The key that a problem is about, and the end of a sentence. */
type Ending = readonly [key: string, ending: string]

const about =
  (key: string) =>
  (ending: string): Ending => [key, ending]

/** Reads `freezes` of the config file, in the order of the file. */
export function readFreezes(input: unknown): { readonly freezes: Freeze[]; readonly problems: Problem[] } {
  if (input === undefined) return { freezes: [], problems: [] }
  const list: readonly unknown[] = Array.isArray(input) ? input : []
  const problems: Problem[] = []
  if (!Array.isArray(input))
    problems.push({
      path: ['freezes'],
      sentence: 'The config file: freezes is a list; write [{ scope: … }].',
    })
  const freezes = list.flatMap((each, index) => {
    const where = `The config file: freezes[${index}]`
    if (typeof each !== 'object' || each === null) {
      problems.push({
        path: ['freezes', index],
        sentence: `${where} is no object; write { scope: 'all', rule: …, duration: …, reason: … }.`,
      })
      return []
    }
    const freeze = freezeOf(each, index)
    const found = [...unknownKeys(each, CONFIG_KEYS, where), ...problemsIn(freeze, where)]
    problems.push(...within(['freezes', index], found))
    return [freeze]
  })
  return { freezes, problems }
}

function freezeOf(entry: object, index: number): Freeze {
  const fields = new Map<string, unknown>(Object.entries(entry))
  const text = (key: string) => {
    const value = fields.get(key)
    if (value === undefined || typeof value === 'string') return value
    return typeof value === 'number' ? String(value) : ''
  }
  const optional = ['rule', 'start', 'duration', 'timeZone'].flatMap((key) => {
    const value = text(key)
    return value === undefined ? [] : [[key, value] as const]
  })
  // A window without a time would hold for ever, which a file cannot mean.
  const known = optional.some(([key]) => key === 'rule' || key === 'start')
    ? optional
    : [['rule', ''] as const, ...optional]
  return {
    id: `config-${index + 1}`,
    scope: text('scope') ?? '',
    reason: text('reason') ?? '',
    by: 'config',
    ...Object.fromEntries(known),
  }
}

function concerns(scope: string, service: ServiceKey): boolean {
  // A scope that names nothing there could be is read as everything: it was meant to keep something back.
  const isScope = /^[^/]+(?:\/[^/]+)?$/.test(scope)
  return !isScope || scope === 'all' || scope === service.cluster || scope === nameOf(service)
}

function durationProblems(duration: string): string[] {
  try {
    const length = parseDuration(duration)
    if (length < 60_000) return [`duration ${duration} is too short; write at least 1m`]
    const most = LONGEST_DAYS * DAY_MS
    return length > most ? [`duration ${duration} is too long; write at most ${formatDuration(most)}`] : []
  } catch (error) {
    return [`duration ${messageOf(error)}`]
  }
}

function timeProblems(freeze: Omit<Freeze, 'id' | 'by'>): readonly Ending[] {
  const { rule, start, timeZone = 'UTC' } = freeze
  if (start !== undefined && parseCivil(start) === undefined)
    return [['start', `start "${start}" is no local time; write 2026-01-31T16:00`]]
  if (rule === undefined) return []
  const read = parseRecurrence({ rule, start, timeZone })
  return 'after' in read ? [] : read.map(about('rule'))
}

/** The window that holds now, if one does. */
function windowAt({ rule, start, duration, timeZone = 'UTC' }: Freeze, now: number): Window | undefined {
  if (duration === undefined) return {}
  const length = parseDuration(duration)
  if (rule === undefined) {
    const begin = start === undefined ? undefined : momentOf(start, timeZone)
    return begin !== undefined && begin <= now && now < begin + length ? { until: begin + length } : undefined
  }
  const read = parseRecurrence({ rule, start, timeZone })
  return 'after' in read ? recurringWindow(read, length, now) : {}
}

/**
 * The window of a rule that holds now, with those that begin before it ends. Windows that follow each other beyond what
 * is looked at have no end that is told.
 */
function recurringWindow({ after, counts }: Recurrence, length: number, now: number): Window | undefined {
  let until: number | undefined
  // A window that holds now began within its length before now.
  let begin = after(now - length)
  for (let seen = 0; seen < MOST_OCCURRENCES; seen++) {
    if (begin === undefined || begin > (until ?? now)) return until === undefined ? undefined : { until }
    if (counts(begin)) until = begin + length
    begin = after(begin)
  }
  return {}
}
