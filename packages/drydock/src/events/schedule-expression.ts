/** Schedule expressions: `rate(5 minutes)` and EventBridge's six-field `cron(…)`, in UTC. */
import { Cron } from 'croner'

/** Says when a schedule fires next after a time (milliseconds since the epoch); `undefined` if never again. */
export type NextFire = (after: number) => number | undefined

const UNITS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 }

/**
 * Compiles a schedule expression; `undefined` if it is not valid.
 * Source: EventBridge User Guide, "Setting a schedule pattern for scheduled rules".
 */
export function compileSchedule(expression: string): NextFire | undefined {
  const [, kind, text = ''] = /^(rate|cron)\((.*)\)$/.exec(expression) ?? []
  if (kind === 'rate') return compileRate(text)
  return kind === 'cron' ? compileCron(text) : undefined
}

/** A singular unit for 1, a plural one for more. */
function compileRate(text: string): NextFire | undefined {
  const [, digits, unit = '', plural] = /^([1-9]\d*) +(minute|hour|day)(s?)$/.exec(text) ?? []
  const count = Number(digits)
  if (!digits || (count === 1) === (plural === 's')) return undefined
  const interval = count * (UNITS[unit] ?? 0)
  return (after) => after + interval
}

/** What each field is made of; the values' ranges are checked by croner, which also knows wilder things. */
const FIELDS = [
  /^[\d,*/-]+$/,
  /^[\d,*/-]+$/,
  /^(\?|[\d,*/LW-]+)$/,
  /^[\dA-Z,*/-]+$/i,
  /^(\?|[1-7A-Z,*/#-]+)$/i,
  /^(\*|(19[7-9]|2[01]\d)\d)([,/-](\d{1,4}))*$/,
]

/** Either the day of the month or that of the week is given, and the other is `?`. */
function compileCron(text: string): NextFire | undefined {
  const fields = text.trim().split(/\s+/)
  const [, , dayOfMonth, , dayOfWeek] = fields
  if (fields.length !== 6 || (dayOfMonth === '?') === (dayOfWeek === '?')) return undefined
  if (!FIELDS.every((field, index) => field.test(fields[index] ?? ''))) return undefined
  const cron = parse(`0 ${fields.join(' ')}`)
  return cron && ((after) => cron.nextRun(new Date(after))?.getTime())
}

function parse(pattern: string): Cron | undefined {
  try {
    // Numbers of weekdays from 1 for Sunday, and 5/15 for "from 5 on, every 15", as EventBridge has them.
    const options = {
      timezone: 'UTC',
      mode: '7-part',
      alternativeWeekdays: true,
      sloppyRanges: true,
    } as const
    return new Cron(pattern, options)
  } catch {
    return undefined
  }
}
