/** The lines of a metric math, worked out together: which there are, and that they are sound. */
import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch'
import { dimensionsOf } from './dimensions.ts'
import { assertLength, invalid, invalidValue, unsupported } from './errors.ts'
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
  assertExpressions(parsed)
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
  assertLength('expression', expression, 1, 2048)
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

type Refused = (reason: string) => Error

/** What an expression names is there, does not come back to itself, and can be worked out over no data. */
function assertExpressions(all: readonly MathQuery[]): void {
  const done = new Set<string>()
  for (const query of all) assertExpression(query, all, [], done)
  const nothing = { start: 0, periodMs: 60_000, count: 2 }
  const workOut = calculator(all, nothing, () => [undefined, undefined])
  for (const { id } of all) attempt(() => workOut(id), refusedFor(id))
}

function assertExpression(
  { id, expression }: MathQuery,
  all: readonly MathQuery[],
  path: readonly string[],
  done: Set<string>,
): void {
  if (path.includes(id)) throw invalid(`The expression ${id} refers to itself.`)
  if (expression === undefined || done.has(id)) return
  const refused = refusedFor(id)
  for (const named of attempt(() => idsOf(parseExpression(expression)), refused)) {
    const next = all.find((other) => other.id === named)
    if (!next) throw refused(`Unknown identifier ${named}`)
    assertExpression(next, all, [...path, id], done)
  }
  done.add(id)
}

const refusedFor =
  (id: string): Refused =>
  (reason) =>
    invalid(`Error in expression '${id}': ${reason}`)

function attempt<T>(work: () => T, refused: Refused): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof ExpressionError) throw refused(error.message)
    throw error
  }
}

/**
 * Gives the series of a line by its id, each worked out once; `read` gives the data of a line that is a metric. What it
 * gives throws ExpressionError.
 */
function calculator(
  all: readonly MathQuery[],
  { count, periodMs }: Grid,
  read: (stat: MetricStat) => Series,
): (id: string) => Series {
  const known = new Map<string, Series>()
  const workOut = (id: string): Series => {
    const found = known.get(id)
    if (found) return found
    const query = all.find((other) => other.id === id)
    if (!query) throw new ExpressionError(`Unknown identifier ${id}`)
    const series = query.metricStat ? read(query.metricStat) : calculate(query.expression ?? '', scope)
    known.set(id, series)
    return series
  }
  const metrics = () => all.flatMap(({ id, metricStat }) => (metricStat ? [workOut(id)] : []))
  const scope = { count, periodSeconds: periodMs / 1000, lookup: workOut, metrics }
  return workOut
}

/** The datapoints of one line, oldest first, with a gap where there is none. All lines have the grid's period. */
export function datapointsOfQuery(
  state: CloudwatchState,
  query: MathQuery,
  all: readonly MathQuery[],
  grid: Grid,
): (Datapoint | undefined)[] {
  if (query.metricStat) return datapointsOf(state, query.metricStat, grid)
  const workOut = calculator(all, grid, (stat) =>
    datapointsOf(state, stat, grid).map((point) => point?.value),
  )
  return workOut(query.id).map((value, index) =>
    value === undefined ? undefined : { at: grid.start + index * grid.periodMs, value, samples: 1 },
  )
}

/**
 * The one period of all metrics that a line is made of, in seconds; `undefined` if it is made of none. Throws
 * InvalidParameterValue if there are several.
 */
export function periodOf(query: MathQuery, all: readonly MathQuery[]): number | undefined {
  const periods = new Set(statsOf(query, all, new Set()).map(({ periodSeconds }) => periodSeconds))
  if (periods.size > 1)
    throw invalidValue(`All metrics of the expression ${query.id} must have the same period.`)
  return [...periods][0]
}

function statsOf(query: MathQuery, all: readonly MathQuery[], seen: Set<string>): MetricStat[] {
  if (seen.has(query.id)) return []
  seen.add(query.id)
  if (query.metricStat) return [query.metricStat]
  const text = query.expression ?? ''
  const ids = idsOf(parseExpression(text))
  const isNamed = ({ id, metricStat }: MathQuery) =>
    ids.includes(id) || (metricStat !== undefined && /\bMETRICS\s*\(/.test(text))
  return all.filter(isNamed).flatMap((next) => statsOf(next, all, seen))
}
