/** The lines of a metric math, worked out together: which there are, and that they are sound. */
import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch'
import { dimensionsOf } from './dimensions.ts'
import { invalid, invalidValue, unsupported } from './errors.ts'
import { ExpressionError, idsOf, parseExpression } from './expression.ts'
import { calculate, type Series } from './math.ts'
import { type Datapoint, datapointsOf, type Grid } from './metric.ts'
import { assertPeriod, assertStat, assertUnit } from './metric-rules.ts'
import type { CloudwatchState, MathQuery, MetricStat } from './state.ts'

const ID = /^[a-z][A-Za-z0-9_]{0,254}$/

/**
 * Reads and checks queries, whether each of them can be worked out included. Throws ValidationException.
 * Source: API Reference, MetricDataQuery.
 */
export function parseQueries(queries: readonly MetricDataQuery[], accountId: string): MathQuery[] {
  const parsed = queries.map((query) => parseQuery(query, accountId))
  const ids = new Set(parsed.map(({ id }) => id))
  if (ids.size < parsed.length) throw invalid('The IDs of the metric data queries must be unique.')
  for (const query of parsed) assertExpression(query, parsed, [])
  return parsed
}

function parseQuery(query: MetricDataQuery, accountId: string): MathQuery {
  const { Id: id = '', Expression: expression, MetricStat: stat, Label: label, ReturnData = true } = query
  if (!ID.test(id))
    throw invalid(
      `The value ${id} for Id must begin with a lower-case letter and have only letters, digits and _.`,
    )
  if ((expression === undefined) === (stat === undefined))
    throw invalid(`The metric data query ${id} must have either Expression or MetricStat.`)
  if (query.AccountId !== undefined && query.AccountId !== accountId)
    throw unsupported(`Metrics of another account (${query.AccountId})`)
  return {
    id,
    returnData: ReturnData,
    ...(label !== undefined && { label }),
    ...(expression !== undefined && { expression }),
    ...(stat && { metricStat: parseStat(stat) }),
  }
}

function parseStat({
  Metric,
  Period,
  Stat = '',
  Unit,
}: NonNullable<MetricDataQuery['MetricStat']>): MetricStat {
  const { Namespace: namespace, MetricName: name, Dimensions } = Metric ?? {}
  if (!namespace || !name) throw invalid('MetricStat needs a Metric with Namespace and MetricName.')
  assertPeriod(Period)
  assertStat(Stat)
  assertUnit(Unit)
  const unit = Unit && { unit: Unit }
  return {
    namespace,
    name,
    dimensions: dimensionsOf(Dimensions),
    periodSeconds: Period ?? 0,
    stat: Stat,
    ...unit,
  }
}

/** What an expression names is there, and does not come back to itself. */
function assertExpression(query: MathQuery, all: readonly MathQuery[], path: readonly string[]): void {
  if (query.expression === undefined) return
  if (path.includes(query.id)) throw invalid(`The expression ${query.id} refers to itself.`)
  const refused = (reason: string) => invalid(`Error in expression '${query.id}': ${reason}`)
  const ids = attempt(() => idsOf(parseExpression(query.expression ?? '')), refused)
  for (const id of ids) {
    const next = all.find((other) => other.id === id)
    if (!next) throw refused(`Unknown identifier ${id}`)
    assertExpression(next, all, [...path, query.id])
  }
  if (!path.length) rehearse(query, all, refused)
}

/** Works the expression out over no data, so that what cannot be worked out is refused now. */
function rehearse(query: MathQuery, all: readonly MathQuery[], refused: (reason: string) => Error): void {
  const nothing = { start: 0, periodMs: 60_000, count: 2 }
  attempt(() => workOut(query, all, nothing, () => [undefined, undefined]), refused)
}

function attempt<T>(work: () => T, refused: (reason: string) => Error): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof ExpressionError) throw refused(error.message)
    throw error
  }
}

/** The series of one line; `read` gives the data of a line that is a metric. Throws ExpressionError. */
function workOut(
  query: MathQuery,
  all: readonly MathQuery[],
  grid: Grid,
  read: (stat: MetricStat) => Series,
): Series {
  const { expression, metricStat } = query
  if (metricStat) return read(metricStat)
  return calculate(expression ?? '', {
    count: grid.count,
    periodSeconds: grid.periodMs / 1000,
    lookup(id) {
      const next = all.find((other) => other.id === id)
      if (!next) throw new ExpressionError(`Unknown identifier ${id}`)
      return workOut(next, all, grid, read)
    },
    metrics: () => all.flatMap((other) => (other.metricStat ? [read(other.metricStat)] : [])),
  })
}

/** The datapoints of one line, oldest first, with a gap where there is none. All lines have the grid's period. */
export function datapointsOfQuery(
  state: CloudwatchState,
  query: MathQuery,
  all: readonly MathQuery[],
  grid: Grid,
): (Datapoint | undefined)[] {
  if (query.metricStat) return datapointsOf(state, query.metricStat, grid)
  const read = (stat: MetricStat) => datapointsOf(state, stat, grid).map((point) => point?.value)
  return workOut(query, all, grid, read).map((value, index) =>
    value === undefined ? undefined : { at: grid.start + index * grid.periodMs, value, samples: 1 },
  )
}

/** The one period of all metrics that a line is made of, in seconds. Throws InvalidParameterValue if there are several. */
export function periodOf(queries: readonly MathQuery[]): number | undefined {
  const periods = new Set(queries.flatMap(({ metricStat }) => (metricStat ? [metricStat.periodSeconds] : [])))
  if (periods.size > 1) throw invalidValue('All metrics of the expression must have the same period.')
  return [...periods][0]
}
