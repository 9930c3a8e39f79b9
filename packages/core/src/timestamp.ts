/** Reads the times that people put into tags. All of them are UTC; a tag cannot hold an offset. */

// Date: 20250131, 2025-01-31, 2025.01.31, 2025_01_31; the time after T, t, `-`, `_`, `.` or nothing:
// 1015, 101500, 10-15, 10-15-00, 10.15.00, 10_15_00, with a fraction of a second and a Z at will.
const CALENDAR =
  /^(\d{4})([-._]?)(\d{2})\2(\d{2})(?:[Tt._-]?(\d{2})([-._]?)(\d{2})(?:\6(\d{2})(?:[._](\d{1,9}))?)?)?[Zz]?$/
const UNIX_SECONDS = /^\d{10}$/
const UNIX_MILLISECONDS = /^\d{13}$/

/** Milliseconds since the epoch; `undefined` for what is no time, such as the 31st of June. */
export function parseTimestamp(text: string): number | undefined {
  if (UNIX_SECONDS.test(text)) return Number(text) * 1000
  if (UNIX_MILLISECONDS.test(text)) return Number(text)
  const parts = CALENDAR.exec(text)
  if (parts === null) return undefined
  const [, year, , month, day, hour = '0', , minute = '0', second = '0', fraction = '0'] = parts
  return calendarTime([year, month, day, hour, minute, second].map(Number), Number(`0.${fraction}`))
}

function calendarTime(parts: readonly number[], fraction: number): number | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
  if (hour > 23 || minute > 59 || second > 59) return undefined
  const midnight = Date.UTC(year, month - 1, day)
  const date = new Date(midnight)
  // Date.UTC carries the 31st of June over to July; a year below 100 becomes one of the 20th century.
  const real = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  if (!real) return undefined
  return midnight + ((hour * 60 + minute) * 60 + second) * 1000 + Math.floor(fraction * 1000)
}
