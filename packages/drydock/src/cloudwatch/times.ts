/** Times as CloudWatch writes them; all are given in milliseconds since the epoch and written in UTC. */

/** `2026-01-01T00:00:00.000+0000`, in events and reason data. */
export function awsTime(at: number): string {
  return new Date(at).toISOString().replace('Z', '+0000')
}

/** `31/12/26 23:59:00`, in reasons. */
export function shortTime(at: number): string {
  const [date = '', time = ''] = new Date(at).toISOString().split('T')
  const [year = '', month, day] = date.split('-')
  return `${day}/${month}/${year.slice(2)} ${time.slice(0, 8)}`
}

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]

/** `Friday 04 August, 2023 12:54:46 UTC`, in reasons of composite alarms. */
export function longTime(at: number): string {
  const date = new Date(at)
  const day = String(date.getUTCDate()).padStart(2, '0')
  const month = MONTHS[date.getUTCMonth()]
  const time = date.toISOString().slice(11, 19)
  return `${WEEKDAYS[date.getUTCDay()]} ${day} ${month}, ${date.getUTCFullYear()} ${time} UTC`
}
