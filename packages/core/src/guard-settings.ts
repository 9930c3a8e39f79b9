/**
 * The settings of the guard: read from the config file (for all services, and for one) and from a service's tags, and
 * put together. Nothing here throws: what is wrong becomes a sentence that says what to write, and the default holds.
 */
import { formatDuration, parseDuration } from './duration.ts'
import { messageOf } from './failure.ts'
import { nearest } from './nearest.ts'
import { globProblem } from './pattern.ts'
import type { Problem } from './problem.ts'
import type { Guard } from './settings.ts'

/** The guard of one service or of all, as the config file has it. Durations as `30s`, `10m`, `7d`. */
export interface GuardConfig {
  readonly mode?: Guard['mode']
  readonly bake?: string
  readonly watch?: string
  readonly dwell?: string
  readonly alarms?: readonly string[]
  readonly crashes?: number
  readonly minimumRequests?: number
  readonly share?: number
  readonly period?: string
}

/** What one source asks for; what it leaves out it does not speak of. */
export interface GuardWish {
  readonly wish: Partial<Guard>
  /** Their paths begin with `guard`. */
  readonly problems: readonly Problem[]
}

/** What holds where nothing else is said. */
export const DEFAULT_GUARD: Guard = {
  mode: 'watch',
  bakeMs: 600_000,
  watchMs: 604_800_000,
  dwellMs: 60_000,
  alarms: [],
  crashes: 3,
  minimumRequests: 1,
  share: 0.2,
  periodMs: 60_000,
}

const MODES = ['auto', 'watch', 'off'] as const
/** No more globs than this are matched against every alarm. */
const MOST_ALARMS = 20
const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

/** Reads one setting: the part of the guard that it gives, or the end of a sentence about why it cannot be read. */
type Reader = (input: unknown) => Partial<Guard> | string

const READERS: Readonly<Record<keyof GuardConfig, Reader>> = {
  mode: (input) => {
    const mode = MODES.find((each) => each === input)
    return mode === undefined ? `cannot be ${shown(input)}; write ${choices()}` : { mode }
  },
  bake: (input) => duration(input, 7 * DAY_MS, (bakeMs) => ({ bakeMs })),
  watch: (input) => duration(input, 90 * DAY_MS, (watchMs) => ({ watchMs })),
  dwell: (input) => duration(input, DAY_MS, (dwellMs) => ({ dwellMs })),
  alarms: readAlarms,
  crashes: (input) => whole(input, 1, (crashes) => ({ crashes })),
  minimumRequests: (input) => whole(input, 0, (minimumRequests) => ({ minimumRequests })),
  share: (input) =>
    typeof input === 'number' && input > 0 && input <= 1
      ? { share: input }
      : `cannot be ${shown(input)}; write a share such as 0.2`,
  period: (input) => {
    const read = duration(input, HOUR_MS, (periodMs) => ({ periodMs }))
    return typeof read === 'string' || isPeriod(read.periodMs ?? 0)
      ? read
      : `cannot be ${shown(input)}; write 10s, 20s, 30s or whole minutes`
  },
}

const KEYS = Object.keys(READERS)

/** Reads `guard` of the config file or of one of its entries; `where` begins the sentences about it. */
export function readGuard(input: unknown, where: string): GuardWish {
  if (input === undefined) return { wish: {}, problems: [] }
  if (typeof input === 'string') return collect({ mode: input }, () => `${where}: guard`)
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    const sentence = `${where}: guard cannot be ${shown(input)}; write ${choices()}, or { bake: '10m' }.`
    return { wish: {}, problems: [{ path: ['guard'], sentence }] }
  }
  return collect(input, (key) => `${where}: guard.${key}`)
}

/** Reads the tags `capstan:bake` and `capstan:guard`. They enrol nothing: beside other tags or a config entry they count. */
export function readGuardTags(tags: Readonly<Record<string, string>>): GuardWish {
  const { 'capstan:bake': bake, 'capstan:guard': mode } = tags
  const input = { ...(bake !== undefined && { bake }), ...(mode !== undefined && { mode: mode.trim() }) }
  return collect(input, (key) => `The tag ${tagOf(key)}`)
}

/**
 * The guard of one service: what the service's own entry and tags say, over what the config file says for all, over the
 * defaults. Entry and tags may both speak of a setting only if they say the same.
 */
export function mergeGuard(input: {
  readonly name: string
  readonly all?: Partial<Guard> | undefined
  readonly entry?: Partial<Guard>
  readonly tags?: Partial<Guard>
}): { readonly guard: Guard; readonly problems: readonly Problem[] } {
  const { name, all, entry = {}, tags = {} } = input
  const guard = { ...DEFAULT_GUARD, ...all, ...tags, ...entry }
  const differ = (key: 'mode' | 'bakeMs') =>
    entry[key] !== undefined && tags[key] !== undefined && entry[key] !== tags[key]
  const problems = [
    ...(differ('mode') ? [conflict('capstan:guard', 'mode', name)] : []),
    ...(differ('bakeMs') ? [conflict('capstan:bake', 'bake', name)] : []),
  ]
  if (guard.watchMs >= guard.bakeMs) return { guard, problems }
  const sentence = `The guard of ${name} watches for ${formatDuration(guard.watchMs)}, which is shorter than its bake of ${formatDuration(guard.bakeMs)}; write a longer guard.watch.`
  return { guard, problems: [...problems, { path: ['guard', 'watch'], sentence }] }
}

function collect(input: object, where: (key: string) => string): GuardWish {
  let wish: Partial<Guard> = {}
  const problems: Problem[] = []
  for (const [key, value] of Object.entries(input)) {
    const reader = Object.entries(READERS).find(([name]) => name === key)?.[1]
    const read = reader === undefined ? unknownKey(key) : value === undefined ? {} : reader(value)
    if (typeof read === 'string') problems.push({ path: ['guard', key], sentence: `${where(key)} ${read}.` })
    else wish = { ...wish, ...read }
  }
  return { wish, problems }
}

function unknownKey(key: string): string {
  return `is unknown; write ${nearest(key, KEYS) ?? `one of ${KEYS.join(', ')}`}`
}

function duration(input: unknown, most: number, make: (lengthMs: number) => Partial<Guard>) {
  if (typeof input !== 'string') return `cannot be ${shown(input)}; write a duration such as '10m'`
  try {
    const length = parseDuration(input)
    return length > most ? `cannot be ${input}; write at most ${formatDuration(most)}` : make(length)
  } catch (error) {
    return `cannot be read: ${messageOf(error)}`
  }
}

function whole(input: unknown, least: number, make: (count: number) => Partial<Guard>) {
  return typeof input === 'number' && Number.isInteger(input) && input >= least && input <= 1_000_000
    ? make(input)
    : `cannot be ${shown(input)}; write a whole number from ${least} on`
}

/** What CloudWatch takes as an alarm's period (API reference: PutMetricAlarm). */
function isPeriod(lengthMs: number): boolean {
  return [10_000, 20_000, 30_000].includes(lengthMs) || (lengthMs > 0 && lengthMs % 60_000 === 0)
}

function readAlarms(input: unknown): Partial<Guard> | string {
  if (!Array.isArray(input)) return "is a list of alarm names or globs; write ['web-*']"
  const globs: string[] = []
  for (const each of input) {
    if (typeof each !== 'string') return "holds something that is not text; write ['web-*']"
    const problem = globProblem(each)
    if (problem !== undefined) return `holds the glob ${each}, which ${problem}`
    globs.push(each)
  }
  return globs.length > MOST_ALARMS
    ? `has ${globs.length} globs; write at most ${MOST_ALARMS}`
    : { alarms: globs }
}

function conflict(tag: string, key: string, name: string): Problem {
  const sentence = `The tag ${tag} and guard.${key} of the entry "${name}" say different things; remove one of them.`
  return { path: ['guard', key], sentence }
}

function tagOf(key: string): string {
  return key === 'mode' ? 'capstan:guard' : `capstan:${key}`
}

function choices(): string {
  return MODES.map((mode) => `'${mode}'`)
    .join(', ')
    .replace(/, ([^,]*)$/, ' or $1')
}

function shown(input: unknown): string {
  if (typeof input === 'string') return `"${input}"`
  if (Array.isArray(input)) return 'a list'
  return typeof input === 'object' && input !== null ? 'an object' : String(input)
}
