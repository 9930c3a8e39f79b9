/** What periods, statistics and units may be. */
import { StandardUnit } from '@aws-sdk/client-cloudwatch'
import { assertOneOf, invalidValue, missingParameter, unsupported } from './errors.ts'
import { isStatistic, percentileOf } from './statistics.ts'

/** API Reference, GetMetricData: 1, 5, 10, 20, 30, or any multiple of 60 seconds. */
export function assertPeriod(period: number | undefined): void {
  if (period === undefined) throw missingParameter('Period')
  if (!isPeriod(period))
    throw invalidValue('The parameter Period must be 1, 5, 10, 20, 30, or a multiple of 60.')
}

function isPeriod(period: number): boolean {
  return [1, 5, 10, 20, 30].includes(period) || (Number.isInteger(period) && period > 0 && period % 60 === 0)
}

/** Throws for a statistic that is none, and for those (trimmed means and the like) that this engine does not work out. */
export function assertStat(stat: string): void {
  if (isStatistic(stat) || percentileOf(stat) !== undefined) return
  if (/^(IQM|(tm|wm|tc|ts|TM|WM|TC|TS|PR)(\d|\())/.test(stat)) throw unsupported(`The statistic ${stat}`)
  throw invalidValue(`The value ${stat} for parameter Stat is not supported.`)
}

export function assertUnit(unit: string | undefined): void {
  assertOneOf('unit', unit, Object.values(StandardUnit))
}
