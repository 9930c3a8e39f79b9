/** Local times without an offset, as calendars and clocks on the wall show them; days and weeks between them. */

/** A local time to the minute. */
export interface Civil {
  readonly year: number
  /** 1 to 12. */
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  /** 0 is Sunday. */
  readonly weekday: number
  /** `2026-01-31T16:00:00`: sorts as time does. */
  readonly text: string
}

const DAY_MS = 86_400_000

/** Reads `2026-01-31`, `2026-01-31T16:00` or with seconds, which do not count; `undefined` for what no calendar has. */
export function parseCivil(text: string): Civil | undefined {
  const parts = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::\d\d)?)?$/.exec(text.trim())
  if (parts === null) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = parts.slice(1).map((part) => Number(part ?? 0))
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute))
  const isReal =
    year >= 1970 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60
  return isReal ? civilOf(date) : undefined
}

/** Reads moments (ms since the epoch) as local times of an IANA time zone. */
export function civilReader(timeZone: string): (moment: number) => Civil {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'iso8601',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  })
  return (moment) => {
    const parts = new Map(format.formatToParts(moment).map(({ type, value }) => [type, Number(value)]))
    const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0
    return civilOf(
      new Date(Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'))),
    )
  }
}

/** Whether the text names a time zone of the IANA database; offsets are none, they do not know of summer. */
export function isTimeZone(text: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(text)) return false
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: text }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

/**
 * Reads UNTIL of a recurrence rule (RFC 5545, section 3.3.10): a date or a local time, which is compared with the local
 * time of an occurrence, or a time in UTC. All of them are still within.
 */
export function parseUntil(text: string): ((moment: number, civil: Civil) => boolean) | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z)?)?$/.exec(text)
  if (parts === null) return undefined
  const [, year, month, day, hour, minute, second, utc] = parts
  const date = `${year}-${month}-${day}`
  const time = hour === undefined ? '23:59:59' : `${hour}:${minute}:${second}`
  if (parseCivil(`${date}T${time}`) === undefined) return undefined
  if (utc === undefined) return (_, civil) => civil.text <= `${date}T${time}`
  const last = Date.parse(`${date}T${time}Z`)
  return (moment) => moment <= last
}

/** How many days, weeks, months or years lie between the periods of two local times; `weekStart` 0 is Sunday. */
export function periodsBetween(
  from: Civil,
  to: Civil,
  period: 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY',
  weekStart: number,
): number {
  if (period === 'YEARLY') return to.year - from.year
  if (period === 'MONTHLY') return (to.year - from.year) * 12 + to.month - from.month
  if (period === 'DAILY') return dayNumber(to) - dayNumber(from)
  const weekOf = (civil: Civil) => dayNumber(civil) - ((civil.weekday - weekStart + 7) % 7)
  return (weekOf(to) - weekOf(from)) / 7
}

function dayNumber({ year, month, day }: Civil): number {
  return Date.UTC(year, month - 1, day) / DAY_MS
}

/** The local time that a date shows in UTC. */
function civilOf(date: Date): Civil {
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    weekday: date.getUTCDay(),
    text: date.toISOString().slice(0, 19),
  }
}
