/** `npm run bench`: measures, prints a table, and fails where a limit is passed. An argument names one measurement. */
import Table from 'cli-table3'
import type { Measured } from './measure.ts'

const measurements: Record<string, () => Promise<Measured[]>> = {
  start: async () => (await import('./start.ts')).measureStart(),
  push: async () => (await import('./push.ts')).measurePush(),
  proxy: async () => (await import('./proxy.ts')).measureProxy(),
  dns: async () => (await import('./dns.ts')).measureDns(),
  rollback: async () => (await import('./rollback.ts')).measureRollback(),
  outage: async () => (await import('./outage.ts')).measureOutage(),
  alarms: async () => (await import('./alarms.ts')).measureAlarms(),
  discovery: async () => (await import('./discovery.ts')).measureDiscovery(),
  costs: async () => (await import('./costs.ts')).measureCosts(),
  warm: async () => (await import('./warm.ts')).measureWarm(),
  bundle: async () => (await import('./bundle.ts')).measureBundle(),
}

const wanted = process.argv[2]
if (wanted && !measurements[wanted]) {
  console.error(`There is no measurement '${wanted}'; there are ${Object.keys(measurements).join(', ')}.`)
  process.exit(2)
}

const results: Measured[] = []
for (const [name, measure] of Object.entries(measurements)) {
  if (wanted && wanted !== name) continue
  console.error(`Measuring ${name} …`)
  results.push(...(await measure()))
}

const passed = ({ value, limit = Number.POSITIVE_INFINITY, least = Number.NEGATIVE_INFINITY }: Measured) =>
  value <= limit && value >= least
const table = new Table({
  head: ['what', 'measured', 'limit', 'peer', 'ratio', ''],
  style: { head: [], border: [] },
})
const show = (value: number, unit: string) =>
  `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ${unit}`.trim()
for (const one of results) {
  const { what, value, unit, limit, least, peer } = one
  const bounds = [
    ...(limit === undefined ? [] : [`at most ${show(limit, unit)}`]),
    ...(least === undefined ? [] : [`at least ${show(least, unit)}`]),
  ]
  table.push([
    what,
    show(value, unit),
    bounds.join(', '),
    peer ? `${show(peer.value, unit)} ${peer.name}` : '',
    peer ? `${(value / peer.value).toFixed(2)}` : '',
    passed(one) ? 'ok' : 'NOT WITHIN THE LIMIT',
  ])
}
console.log(table.toString())
process.exitCode = results.every(passed) ? 0 : 1
