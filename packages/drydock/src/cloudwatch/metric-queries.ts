/** Metrics are read: GetMetricData and GetMetricStatistics. */
import type * as client from '@aws-sdk/client-cloudwatch'
import type { Datapoint, MetricDataResult } from '@aws-sdk/client-cloudwatch'
import type { Handlers } from '../wire/handlers.ts'
import { dimensionsOf } from './dimensions.ts'
import { assertOneOf, assertRange, invalidCombination, invalidValue, missingParameter } from './errors.ts'
import { type Grid, summariesOf, unitsIn } from './metric.ts'
import { assertPeriod, assertStat, assertUnit } from './metric-rules.ts'
import { parseToken, tokenOf } from './paging.ts'
import { datapointsOfQuery, parseQueries, periodOf } from './queries.ts'
import type { CloudwatchOperation, MathQuery } from './state.ts'
import { type Summary, statisticOf } from './statistics.ts'

/** API Reference: GetMetricData, GetMetricStatistics. */
const MOST_QUERIES = 500
const MOST_DATAPOINTS = 100_800
const MOST_STATISTICS_DATAPOINTS = 1440
/** More periods than this in one request, over all its queries, would only fill memory. */
const MOST_PERIODS = 2_000_000

export const metricQueryOperations = {
  GetMetricData(input, context) {
    const { MetricDataQueries = [], StartTime, EndTime, NextToken, MaxDatapoints = MOST_DATAPOINTS } = input
    if (!MetricDataQueries.length || MetricDataQueries.length > MOST_QUERIES)
      throw invalidValue(`The collection MetricDataQueries must have a size of 1 to ${MOST_QUERIES}.`)
    assertRange('maxDatapoints', MaxDatapoints, 1, MOST_DATAPOINTS)
    assertOneOf('scanBy', input.ScanBy, ['TimestampAscending', 'TimestampDescending'])
    const queries = parseQueries(MetricDataQueries, context.accountId)
    const shown = queries.filter(({ returnData }) => returnData)
    if (!shown.length) throw invalidValue('At least one of the metric data queries must return data.')
    const isAscending = input.ScanBy === 'TimestampAscending'
    const grids = shown.map((query) => gridOf(StartTime, EndTime, periodFor(query, queries)))
    if (grids.reduce((sum, { count }) => sum + count, 0) * queries.length > MOST_PERIODS * shown.length)
      throw invalidValue('The time range has too many periods.')
    const all = shown.map((query, index) => {
      const grid = grids[index] ?? { start: 0, periodMs: 1, count: 0 }
      const points = datapointsOfQuery(context.state, query, queries, grid).filter(
        (each) => each !== undefined,
      )
      return { query, points: isAscending ? points : points.reverse() }
    })
    return pages(all, NextToken === undefined ? 0 : parseToken(NextToken), MaxDatapoints)
  },

  GetMetricStatistics(input, { state }) {
    const { Namespace: namespace = '', MetricName: name = '', Period, Unit } = input
    const { Statistics = [], ExtendedStatistics = [] } = input
    if (!Statistics.length && !ExtendedStatistics.length)
      throw invalidCombination(
        'At least one of the parameters Statistics and ExtendedStatistics must be specified.',
      )
    assertPeriod(Period)
    assertUnit(Unit)
    for (const stat of [...Statistics, ...ExtendedStatistics]) assertStat(stat)
    const grid = gridOf(input.StartTime, input.EndTime, Period ?? 60)
    if (grid.count > MOST_STATISTICS_DATAPOINTS)
      throw invalidCombination(
        `You have requested up to ${grid.count} datapoints, which exceeds the limit of ${MOST_STATISTICS_DATAPOINTS}. You may reduce the datapoints requested by increasing Period, or decreasing the time range.`,
      )
    const named = { namespace, name, dimensions: dimensionsOf(input.Dimensions) }
    const units = unitsIn(state, named, grid).filter((unit) => Unit === undefined || unit === Unit)
    const Datapoints = units.flatMap((unit) =>
      summariesOf(state, named, grid, unit).flatMap((summary, index) => {
        if (!summary?.count) return []
        const at = grid.start + index * grid.periodMs
        return [viewOf(at, unit, summary, Statistics, ExtendedStatistics)]
      }),
    )
    return { Label: name, Datapoints }
  },
} satisfies Partial<Handlers<typeof client, CloudwatchOperation>>

/** The period of a line: its own, or that of the metrics it is made of. */
function periodFor(query: MathQuery, all: readonly MathQuery[]): number {
  const period = periodOf(query, all)
  if (period === undefined) throw invalidValue(`The expression ${query.id} is made of no metric.`)
  return period
}

/**
 * The periods from the start, rounded down (to the minute, or the period where that is shorter), until before the end.
 * API Reference, GetMetricStatistics: StartTime is inclusive and rounded down, EndTime exclusive.
 */
function gridOf(start: Date | undefined, end: Date | undefined, periodSeconds: number): Grid {
  if (!start) throw missingParameter('StartTime')
  if (!end) throw missingParameter('EndTime')
  if (start >= end) throw invalidValue('The parameter StartTime must be less than the parameter EndTime.')
  const periodMs = periodSeconds * 1000
  const step = Math.min(periodMs, 60_000)
  const from = Math.floor(start.getTime() / step) * step
  const count = Math.ceil((end.getTime() - from) / periodMs)
  return { start: from, periodMs, count }
}

interface Found {
  readonly query: MathQuery
  readonly points: readonly { readonly at: number; readonly value: number }[]
}

/** The results from the datapoint `from` on, `most` datapoints at once. */
function pages(all: readonly Found[], from: number, most: number) {
  let skip = from
  let room = most
  const MetricDataResults = all.map(({ query, points }): MetricDataResult => {
    const rest = points.slice(skip)
    skip = Math.max(0, skip - points.length)
    const shown = rest.slice(0, room)
    room -= shown.length
    return {
      Id: query.id,
      Label: query.label ?? query.metricStat?.name ?? query.id,
      Timestamps: shown.map(({ at }) => new Date(at)),
      Values: shown.map(({ value }) => value),
      StatusCode: shown.length < rest.length ? 'PartialData' : 'Complete',
    }
  })
  const total = all.reduce((sum, { points }) => sum + points.length, 0)
  return { MetricDataResults, Messages: [], ...(from + most < total && { NextToken: tokenOf(from + most) }) }
}

function viewOf(
  at: number,
  unit: string,
  summary: Summary,
  statistics: readonly string[],
  extended: readonly string[],
): Datapoint {
  const known = (stats: readonly string[]) =>
    Object.fromEntries(
      stats.flatMap((stat) => {
        const value = statisticOf(summary, stat)
        return value === undefined ? [] : [[stat, value]]
      }),
    )
  return {
    Timestamp: new Date(at),
    ...known(statistics),
    ...(extended.length && { ExtendedStatistics: known(extended) }),
    Unit: unit as NonNullable<Datapoint['Unit']>,
  }
}
