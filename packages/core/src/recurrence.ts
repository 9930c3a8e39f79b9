/**
 * Reads recurrence rules (RFC 5545, section 3.3.10) with an IANA time zone, as far as a window of days or hours needs
 * them: DAILY to YEARLY, by month, day and time. What is left out is refused with what to write instead. The rule
 * becomes a cron pattern, whose library knows the time zones; INTERVAL and UNTIL are counted here.
 */
import { Cron } from 'croner'
import { type Civil, civilReader, parseCivil, parseUntil, periodsBetween } from './civil-time.ts'
import { nearest } from './nearest.ts'

/** A rule that can be followed. */
export interface Recurrence {
  /** The first occurrence after a moment (both ms since the epoch); `undefined` when there is none any more. */
  readonly after: (moment: number) => number | undefined
  /** Whether an occurrence of the pattern is one of the rule: not before its start, after its UNTIL or between intervals. */
  readonly counts: (occurrence: number) => boolean
}

type Frequency = 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY'

/** The parts of a rule, read; lists are empty where the rule does not say. */
interface Parts {
  readonly frequency: Frequency
  readonly interval: number
  readonly months: readonly number[]
  readonly monthDays: readonly number[]
  readonly days: readonly { readonly day: string; readonly nth: number | undefined }[]
  readonly hours: readonly number[]
  readonly minutes: readonly number[]
  readonly weekStart: string
  readonly until: string | undefined
}

/** Occurrences on one day; with the length of a window this bounds the work of a look. */
export const MOST_TIMES = 12
const FREQUENCIES = ['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'] as const
const DAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA']
const KEYS = ['FREQ', 'INTERVAL', 'UNTIL', 'BYMONTH', 'BYMONTHDAY', 'BYDAY', 'BYHOUR', 'BYMINUTE', 'WKST']

/** Parts of RFC 5545 that are not followed, with what to write instead. */
const INSTEAD: Readonly<Record<string, string>> = {
  COUNT: 'UNTIL',
  BYSETPOS: 'an ordinal in BYDAY, such as BYDAY=-1FR',
  BYSECOND: 'BYMINUTE; a window begins at a full minute',
  BYYEARDAY: 'BYMONTH and BYMONTHDAY',
  BYWEEKNO: 'BYMONTH and BYDAY',
}

/**
 * Reads a rule; an array of sentences' ends if it cannot be followed. `start` is local, without an offset; what the rule
 * does not say (weekday, day, time) is taken from it, and an INTERVAL is counted from it.
 */
export function parseRecurrence(input: {
  readonly rule: string
  readonly start: string | undefined
  readonly timeZone: string
}): Recurrence | readonly string[] {
  const start = input.start === undefined ? undefined : parseCivil(input.start)
  if (input.start !== undefined && start === undefined)
    return [`start "${input.start}" is no local time; write 2026-01-31T16:00`]
  const read = readParts(input.rule)
  if (Array.isArray(read)) return read
  const problems = [...missing(read, start), ...misplaced(read)]
  if (problems.length > 0) return problems
  const cron = cronOf(patternOf(read, start), input.timeZone)
  if (cron?.nextRun(new Date(0)) === null) return ['the rule has no occurrence; no month has such a day']
  if (cron === undefined) return ['the rule cannot be followed; check its BYDAY']
  return recurrence(read, cron, start, input.timeZone)
}

/** The moment of a local time, in ms. In the gap of a time change it is the gap's end, in the overlap the first. */
export function momentOf(text: string, timeZone: string): number | undefined {
  const civil = parseCivil(text)
  if (civil === undefined) return undefined
  const { year, month, day, hour, minute } = civil
  return cronOf(`0 ${minute} ${hour} ${day} ${month} * ${year}`, timeZone)?.nextRun(new Date(0))?.getTime()
}

function recurrence(parts: Parts, cron: Cron, start: Civil | undefined, timeZone: string): Recurrence {
  const civilOf = civilReader(timeZone)
  const isWithin = parts.until === undefined ? undefined : parseUntil(parts.until)
  const counts = (occurrence: number) => {
    const civil = civilOf(occurrence)
    if (isWithin?.(occurrence, civil) === false) return false
    if (start === undefined) return true
    if (civil.text < start.text) return false
    const weekStart = DAYS.indexOf(parts.weekStart)
    return periodsBetween(start, civil, parts.frequency, weekStart) % parts.interval === 0
  }
  return { after: (moment) => cron.nextRun(new Date(moment))?.getTime(), counts }
}

function cronOf(pattern: string, timezone: string): Cron | undefined {
  try {
    return new Cron(pattern, { timezone, paused: true, domAndDow: true, fixedTimeRule: 'no-wildcard' })
  } catch {
    return undefined
  }
}

function readParts(rule: string): Parts | string[] {
  const problems: string[] = []
  const values = new Map<string, string>()
  for (const part of rule
    .trim()
    .toUpperCase()
    .replace(/^RRULE:/, '')
    .split(';')) {
    const [key = '', value = ''] = part.split('=', 2)
    if (INSTEAD[key] !== undefined) problems.push(`${key} is not followed; write ${INSTEAD[key]}`)
    else if (!KEYS.includes(key)) problems.push(unknownPart(key))
    else if (values.has(key)) problems.push(`${key} stands twice; write it once`)
    else values.set(key, value)
  }
  const frequency = FREQUENCIES.find((each) => each === values.get('FREQ'))
  if (frequency === undefined) problems.push(badFrequency(values.get('FREQ')))
  const numbers = (key: string, from: number, to: number) => readNumbers(values, key, [from, to], problems)
  const parts = {
    frequency: frequency ?? 'DAILY',
    interval: numbers('INTERVAL', 1, 1000)[0] ?? 1,
    months: numbers('BYMONTH', 1, 12),
    monthDays: numbers('BYMONTHDAY', -1, 31),
    days: readDays(values.get('BYDAY'), problems),
    hours: numbers('BYHOUR', 0, 23),
    minutes: numbers('BYMINUTE', 0, 59),
    weekStart: values.get('WKST') ?? 'MO',
    until: values.get('UNTIL'),
  }
  if (!DAYS.includes(parts.weekStart)) problems.push(`WKST cannot be ${parts.weekStart}; write MO or SU`)
  if (parts.until !== undefined && parseUntil(parts.until) === undefined)
    problems.push(`UNTIL cannot be ${parts.until}; write 20261231 or 20261231T235959Z`)
  return problems.length > 0 ? problems : parts
}

function unknownPart(key: string): string {
  return key === ''
    ? 'the rule is empty or has an empty part; write FREQ=WEEKLY;BYDAY=FR;BYHOUR=16'
    : `${key} is no part of a rule; write ${nearest(key, KEYS) ?? `one of ${KEYS.join(', ')}`}`
}

function badFrequency(frequency: string | undefined): string {
  if (frequency === undefined) return `the rule says no FREQ; write one of ${FREQUENCIES.join(', ')}`
  if (['SECONDLY', 'MINUTELY', 'HOURLY'].includes(frequency))
    return `FREQ=${frequency} begins windows too often; write FREQ=DAILY with BYHOUR`
  return `FREQ cannot be ${frequency}; write ${nearest(frequency, FREQUENCIES) ?? FREQUENCIES.join(', ')}`
}

function readNumbers(
  values: ReadonlyMap<string, string>,
  key: string,
  [from, to]: readonly [number, number],
  problems: string[],
): number[] {
  const value = values.get(key)
  if (value === undefined) return []
  const numbers = value.split(',').map((each) => (/^[+-]?\d{1,4}$/.test(each) ? Number(each) : Number.NaN))
  const isGood = (number: number) => number >= from && number <= to && !(from < 0 && number === 0)
  if (numbers.every(isGood)) return [...new Set(numbers)].sort((a, b) => a - b)
  const last = from < 0 ? `1 to ${to}, or -1 for the last` : `${from} to ${to}`
  problems.push(`${key} cannot be ${value}; write numbers from ${last}`)
  return []
}

function readDays(value: string | undefined, problems: string[]): Parts['days'] {
  if (value === undefined) return []
  return value.split(',').flatMap((each) => {
    const [, nth, day = ''] = /^([+-]?\d)?([A-Z]{2})$/.exec(each) ?? []
    const number = nth === undefined ? undefined : Number(nth)
    const isGood = number === undefined || number === -1 || (number >= 1 && number <= 5)
    if (DAYS.includes(day) && isGood) return [{ day, nth: number }]
    problems.push(`BYDAY cannot be ${each}; write MO to SU, 1MO to 5MO, or -1FR for the last`)
    return []
  })
}

/** What the rule leaves to `start` where there is none. */
function missing(
  { frequency, interval, months, monthDays, days }: Parts,
  start: Civil | undefined,
): string[] {
  if (start !== undefined) return []
  const saysDay = days.length > 0 || monthDays.length > 0
  if (interval > 1)
    return ['INTERVAL is counted from a start, which is missing; write start as 2026-01-31T16:00']
  if (frequency === 'DAILY' || saysDay) return []
  if (frequency === 'WEEKLY') return ['the rule says no weekday; write BYDAY=FR']
  if (frequency === 'YEARLY' && months.length === 0)
    return ['the rule says no day; write BYMONTH and BYMONTHDAY']
  return ['the rule says no day; write BYMONTHDAY=1 or BYDAY=1MO']
}

/** Parts that RFC 5545 does not allow together, and rules that begin too many windows a day. */
function misplaced({ frequency, months, monthDays, days, hours, minutes }: Parts): string[] {
  const ordinal = days.some(({ nth }) => nth !== undefined)
  const ofMonth = frequency === 'MONTHLY' || (frequency === 'YEARLY' && months.length > 0)
  const times = Math.max(1, hours.length) * Math.max(1, minutes.length)
  return [
    ...(ordinal && !ofMonth
      ? ['an ordinal in BYDAY is of a month; write FREQ=MONTHLY, or BYMONTH beside it']
      : []),
    ...(frequency === 'WEEKLY' && monthDays.length > 0
      ? ['BYMONTHDAY is not of a week; write FREQ=MONTHLY']
      : []),
    ...(times > MOST_TIMES ? [`the rule begins ${times} windows a day; write at most ${MOST_TIMES}`] : []),
  ]
}

/** The rule as a cron pattern of second, minute, hour, day of the month, month and weekday; day and weekday both hold. */
function patternOf(parts: Parts, start: Civil | undefined): string {
  const { frequency, hours, minutes } = parts
  const saysDay = parts.days.length > 0 || parts.monthDays.length > 0
  const byStart = (applies: boolean, value: number | undefined) =>
    applies && value !== undefined ? [value] : []
  const ofYear = frequency === 'YEARLY'
  const months = parts.months.length > 0 ? parts.months : byStart(ofYear && !saysDay, start?.month)
  const monthDays = saysDay ? parts.monthDays : byStart(ofYear || frequency === 'MONTHLY', start?.day)
  const weekdays = saysDay
    ? parts.days.map(
        ({ day, nth }) => `${DAYS.indexOf(day)}${nth === undefined ? '' : nth < 0 ? '#L' : `#${nth}`}`,
      )
    : byStart(frequency === 'WEEKLY', start?.weekday)
  const list = (values: readonly (string | number)[]) => (values.length > 0 ? values.join(',') : '*')
  return [
    '0',
    list(minutes.length > 0 ? minutes : [start?.minute ?? 0]),
    list(hours.length > 0 ? hours : [start?.hour ?? 0]),
    list(monthDays.map((day) => (day < 0 ? 'L' : day))),
    list(months),
    list(weekdays),
  ].join(' ')
}
