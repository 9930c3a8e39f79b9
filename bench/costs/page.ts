/** The tables of docs/costs.md, made of the committed counts: `npm run bench -- costs` prints them. */
import { billOf, type Counted, type Counts, type Fleet, monthOf, totalOf } from './bill.ts'

/** Of the stack: alarms are three for each of two sweeps, two for each of six other doors, and two of queues. */
export const FLEET: Fleet = { deliveriesPerDay: 20, alarms: 20, dashboards: 1 }
/** Told beside those that were counted. */
const LARGE = 1000

/** The two that were counted, and the large one that lies on a line through them. */
export function fitted([small, middle]: readonly Counted[]): Counted[] {
  if (!small || !middle) throw new TypeError('Two sizes have to be counted')
  const along = (a: number, b: number) =>
    Math.max(0, b + ((b - a) / (middle.services - small.services)) * (LARGE - middle.services))
  const stretch = (name: 'quietMinute' | 'delivery'): Counts => {
    const [a, b] = [small[name], middle[name]]
    return {
      invocations: along(a.invocations, b.invocations),
      calls: along(a.calls, b.calls),
      reads: along(a.reads, b.reads),
      writes: along(a.writes, b.writes),
      queueRequests: along(a.queueRequests, b.queueRequests),
      metricsRead: along(a.metricsRead, b.metricsRead),
      metricCalls: along(a.metricCalls, b.metricCalls),
      events: along(a.events, b.events),
      logBytes: along(a.logBytes, b.logBytes),
    }
  }
  const large = {
    ...middle,
    services: LARGE,
    quietMinute: stretch('quietMinute'),
    delivery: stretch('delivery'),
    tableBytes: along(small.tableBytes, middle.tableBytes),
  }
  return [small, middle, large]
}

const number = (value: number): string =>
  value.toLocaleString('en-US', { maximumFractionDigits: value < 100 ? 1 : 0 })
const dollars = (value: number): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
const head = (cells: readonly string[]): string[] => [
  row(cells),
  row(cells.map((_, index) => (index ? '--:' : '---'))),
]
const sizes = (all: readonly Counted[]): string[] => all.map(({ services }) => `${number(services)} services`)

const COUNTED: Readonly<Record<keyof Counts, string>> = {
  invocations: 'invocations of functions',
  calls: 'AWS calls',
  reads: 'read request units',
  writes: 'write request units',
  queueRequests: 'requests of SQS',
  metricsRead: 'metrics read',
  metricCalls: 'other requests of CloudWatch',
  events: 'own events',
  logBytes: 'bytes of log',
}

/** What was counted of a stretch of time, at each size. */
export function countsTable(all: readonly Counted[], stretch: 'quietMinute' | 'delivery'): string {
  const lines = keysOf(COUNTED).map((key) =>
    row([COUNTED[key], ...all.map((counted) => number(counted[stretch][key]))]),
  )
  return [...head(['', ...sizes(all)]), ...lines].join('\n')
}

const keysOf = <K extends string>(record: Readonly<Record<K, unknown>>): K[] => Object.keys(record) as K[]

/** The bill of a month, at each size, its largest lines first. */
export function billTable(all: readonly Counted[], fleet: Fleet): string {
  const bills = all.map((counted) => billOf(counted, fleet))
  const last = bills.at(-1) ?? []
  const order = last.toSorted((a, b) => b.dollars - a.dollars).map(({ what }) => what)
  const lines = order.map((what) =>
    row([what, ...bills.map((bill) => dollars(bill.find((line) => line.what === what)?.dollars ?? 0))]),
  )
  const each = all.map(({ services }, index) => dollars(totalOf(bills[index] ?? []) / services))
  return [
    ...head(['$ a month', ...sizes(all)]),
    ...lines,
    row(['**together**', ...bills.map((bill) => `**${dollars(totalOf(bill))}**`)]),
    row(['for each service', ...each]),
  ].join('\n')
}

/** What happens in a month, at each size. */
export function monthTable(all: readonly Counted[], fleet: Fleet): string {
  const months = all.map((counted) => monthOf(counted, fleet))
  const lines = keysOf(COUNTED).map((key) =>
    row([COUNTED[key], ...months.map((month) => `${number(month[key] / 1e6)} M`)]),
  )
  return [...head(['in a month', ...sizes(all)]), ...lines].join('\n')
}
