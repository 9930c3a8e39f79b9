/** Durations as people write them: `30s`, `10m`, `1h30m`, `7d`. Strict: what has no unit or a strange one is refused. */
import { Failure } from './failure.ts'

const UNITS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const
type Unit = keyof typeof UNITS

const PART = /(\d{1,9}(?:\.\d{1,3})?)\s?(ms|[dhms])/y
/** Longer than anyone waits; ten years. */
const LONGEST_MS = 3650 * UNITS.d

/**
 * Milliseconds of `text`: numbers with the units d, h, m, s and ms, from the largest to the smallest, each once.
 * Throws `Failure` INVALID_CONFIG with a message that reads on from the name of the setting.
 */
export function parseDuration(text: string): number {
  const parts = partsOf(text.trim())
  if (parts === undefined || !descends(parts.map(({ unit }) => unit))) throw refused(text)
  const total = Math.round(parts.reduce((sum, { count, unit }) => sum + count * UNITS[unit], 0))
  if (total > LONGEST_MS)
    throw new Failure('INVALID_CONFIG', `"${text}" is longer than ten years; write less`)
  return total
}

/** The shortest way to write a duration: `90s` is `1m30s`, nothing is `0s`. */
export function formatDuration(lengthMs: number): string {
  let rest = Math.max(0, Math.round(lengthMs))
  const parts = unitNames().flatMap((unit) => {
    const count = Math.floor(rest / UNITS[unit])
    rest -= count * UNITS[unit]
    return count > 0 ? [`${count}${unit}`] : []
  })
  return parts.join('') || '0s'
}

function partsOf(text: string): { count: number; unit: Unit }[] | undefined {
  const parts: { count: number; unit: Unit }[] = []
  let at = 0
  while (at < text.length) {
    PART.lastIndex = at
    const found = PART.exec(text)
    const unit = unitNames().find((name) => name === found?.[2])
    if (found === null || unit === undefined) return undefined
    parts.push({ count: Number(found[1]), unit })
    at = PART.lastIndex
    if (text[at] === ' ') at++
  }
  return parts.length > 0 ? parts : undefined
}

function descends(units: readonly Unit[]): boolean {
  return units.every((unit, index) => {
    const before = units[index - 1]
    return before === undefined || UNITS[before] > UNITS[unit]
  })
}

function unitNames(): Unit[] {
  return ['d', 'h', 'm', 's', 'ms']
}

function refused(text: string): Failure {
  const meant = /^\d+$/.test(text.trim()) ? `${text.trim()}s or ${text.trim()}m` : '30s, 10m, 2h, 1h30m or 7d'
  return new Failure('INVALID_CONFIG', `"${text}" is no duration; write ${meant}`)
}
