/** When a mute rule mutes: windows that begin by `cron(…)` or `at(…)` in a time zone. Pure. */
import { Cron } from 'croner'

/** The parts of a mute rule that say when. */
export interface MuteSchedule {
  readonly expression: string
  readonly duration: string
  readonly timezone?: string
  readonly startAt?: number
  readonly expireAt?: number
}

const MINUTE_MS = 60_000
/** API Reference, Schedule: from one minute to 15 days. */
const SHORTEST_MS = MINUTE_MS
const LONGEST_MS = 15 * 24 * 60 * MINUTE_MS

/** The length of an ISO 8601 duration of days, hours and minutes, in milliseconds; `undefined` if it is not valid. */
export function durationMs(text: string): number | undefined {
  const parts = /^P(?=\d|T\d)(?:(\d{1,2})D)?(?:T(?=\d)(?:(\d{1,3})H)?(?:(\d{1,5})M)?)?$/.exec(text)
  if (!parts) return undefined
  const [days, hours, minutes] = [1, 2, 3].map((index) => Number(parts[index] ?? 0)) as [
    number,
    number,
    number,
  ]
  const length = ((days * 24 + hours) * 60 + minutes) * MINUTE_MS
  return length >= SHORTEST_MS && length <= LONGEST_MS ? length : undefined
}

/** Whether the rule mutes once, or again and again; `undefined` if its expression is not valid. */
export function muteType({ expression, timezone }: MuteSchedule): 'ONE_TIME' | 'RECURRING' | undefined {
  if (!cronOf(expression, timezone)) return undefined
  return expression.startsWith('at(') ? 'ONE_TIME' : 'RECURRING'
}

/** Five fields, or one moment. `undefined` if it is not valid, or the time zone is none. */
function cronOf(expression: string, timezone = 'UTC'): Cron | undefined {
  const fields = /^cron\(([\dA-Za-z*,\s-]+)\)$/.exec(expression)?.[1]?.trim()
  const moment = /^at\((\d{4}-\d\d-\d\dT\d\d:\d\d)\)$/.exec(expression)?.[1]
  const isCron = fields !== undefined && fields.split(/\s+/).length === 5
  if (!isCron && moment === undefined) return undefined
  try {
    const cron = new Cron(isCron ? fields : `${moment}:00`, { timezone, mode: isCron ? '5-part' : 'auto' })
    // A time zone that is none is only found when it is needed.
    cron.nextRun(new Date(0))
    return cron
  } catch {
    return undefined
  }
}

/**
 * API Reference, GetAlarmMuteRule: ACTIVE while a window is open, EXPIRED after its expire date (or the one window of an
 * `at` rule), else SCHEDULED.
 */
export function muteStatus(schedule: MuteSchedule, now: number): 'ACTIVE' | 'SCHEDULED' | 'EXPIRED' {
  const { startAt = Number.NEGATIVE_INFINITY, expireAt = Number.POSITIVE_INFINITY } = schedule
  if (now >= expireAt) return 'EXPIRED'
  const cron = cronOf(schedule.expression, schedule.timezone)
  const length = durationMs(schedule.duration) ?? 0
  // The window that is open now began in the time of its length before now.
  const began = cron?.nextRun(new Date(now - length))?.getTime()
  if (began === undefined) return 'EXPIRED'
  return began <= now && now >= startAt ? 'ACTIVE' : 'SCHEDULED'
}
