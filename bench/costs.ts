/**
 * What AWS would bill: a quiet minute, and a delivery from push to verified, with the real doors on virtual time; held to the
 * counts that docs/costs.md is made of. `npm run bench -- costs --write` takes over what is counted now.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import type { Counted } from './costs/bill.ts'
import { countFleet } from './costs/fleet.ts'
import { billTable, countsTable, FLEET, fitted } from './costs/page.ts'
import type { Measured } from './measure.ts'

const FILE = new URL('./costs/counts.json', import.meta.url)
/** Larger fleets follow from these: what is counted grows by the service. */
const SIZES = [10, 100]
/** How much more of anything is let pass. */
const TOLERANCE = 1.1

/** Counts both fleets. Each count may be a tenth more than the committed one, beside a handful. */
export async function measureCosts(): Promise<Measured[]> {
  const counted: Counted[] = []
  for (const size of SIZES) counted.push(await countFleet(size))
  if (process.argv.includes('--write')) writeFileSync(FILE, `${JSON.stringify(counted, null, 2)}\n`)
  const all = fitted(counted)
  console.error(
    [countsTable(all, 'quietMinute'), countsTable(all, 'delivery'), billTable(all, FLEET)].join('\n\n'),
  )
  const committed: Counted[] = JSON.parse(readFileSync(FILE, 'utf8'))
  return counted.flatMap((now, index) => compared(now, committed[index] ?? now))
}

function compared(now: Counted, before: Counted): Measured[] {
  const limit = (count: number) => Math.ceil(count * TOLERANCE) + 5
  const of = (stretch: 'quietMinute' | 'delivery', key: 'calls' | 'reads' | 'writes', what: string) => ({
    what: `${what}, ${now.services} services`,
    value: now[stretch][key],
    unit: '',
    limit: limit(before[stretch][key]),
  })
  return [
    of('quietMinute', 'calls', 'AWS calls of a quiet minute'),
    of('quietMinute', 'reads', 'read units of a quiet minute'),
    of('delivery', 'calls', 'AWS calls of a delivery'),
    of('delivery', 'writes', 'write units of a delivery'),
  ]
}
