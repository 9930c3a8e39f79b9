/** Metrics are put and listed. */
import type * as client from '@aws-sdk/client-cloudwatch'
import type { MetricDatum } from '@aws-sdk/client-cloudwatch'
import type { Handlers } from '../wire/handlers.ts'
import { dimensionsOf, listDimensions } from './dimensions.ts'
import { assertLength, assertOneOf, invalidCombination, invalidValue, missingParameter } from './errors.ts'
import { keep, type Sample } from './metric.ts'
import { assertUnit } from './metric-rules.ts'
import { pageOf } from './paging.ts'
import type { CloudwatchOperation, Dimensions, Metric } from './state.ts'
import { merge, type Summary, summaryOf, summaryOfSet } from './statistics.ts'

/** API Reference: PutMetricData. */
const MOST_DATA = 1000
const MOST_VALUES = 150
const LARGEST = 2 ** 360
const HOUR_MS = 3_600_000
const TWO_WEEKS_MS = 14 * 24 * HOUR_MS
/** ListMetrics: up to 500 a page; those without data for two weeks are left out. */
const PAGE = 500

export const metricDataOperations = {
  PutMetricData({ Namespace = '', MetricData = [], EntityMetricData = [] }, context) {
    assertNamespace(Namespace)
    const data = [...MetricData, ...EntityMetricData.flatMap((entity) => entity.MetricData ?? [])]
    if (!data.length) throw missingParameter('MetricData')
    if (data.length > MOST_DATA)
      throw invalidValue(`The collection MetricData must not have a size greater than ${MOST_DATA}.`)
    const read = data.map((datum, index) => readDatum(datum, `MetricData.member.${index + 1}`, context.now))
    for (const { name, dimensions, ...sample } of read)
      keep(context.state, { namespace: Namespace, name, dimensions }, sample, context.now)
  },

  ListMetrics(input, { state, now, accountId }) {
    const { Namespace, MetricName, Dimensions = [] } = input
    assertLength('namespace', Namespace, 1, 255)
    assertOneOf('recentlyActive', input.RecentlyActive, ['PT3H'])
    const since = now - (input.RecentlyActive ? 3 * HOUR_MS : TWO_WEEKS_MS)
    const found = Object.values(state.metrics).filter(
      (metric) =>
        (Namespace === undefined || metric.namespace === Namespace) &&
        (MetricName === undefined || metric.name === MetricName) &&
        (input.OwningAccount === undefined || input.OwningAccount === accountId) &&
        metric.updatedAt >= since &&
        Dimensions.every(({ Name = '', Value }) => hasDimension(metric, Name, Value)),
    )
    const { page, nextToken } = pageOf(found, PAGE, input.NextToken)
    const Metrics = page.map(({ namespace, name, dimensions }) => ({
      Namespace: namespace,
      MetricName: name,
      Dimensions: listDimensions(dimensions),
    }))
    const owners = input.IncludeLinkedAccounts && { OwningAccounts: page.map(() => accountId) }
    return { Metrics, ...owners, ...(nextToken !== undefined && { NextToken: nextToken }) }
  },
} satisfies Partial<Handlers<typeof client, CloudwatchOperation>>

function hasDimension({ dimensions }: Metric, name: string, value: string | undefined): boolean {
  return Object.hasOwn(dimensions, name) && (value === undefined || dimensions[name] === value)
}

/** Names that begin with `AWS/` are those of AWS's own services. */
function assertNamespace(namespace: string): void {
  assertLength('namespace', namespace, 1, 255)
  if (namespace.startsWith('AWS/') || !/^[^:].*$/.test(namespace))
    throw invalidValue(`The value ${namespace} for parameter Namespace is invalid.`)
}

interface NamedSample extends Sample {
  readonly name: string
  readonly dimensions: Dimensions
}

function readDatum(datum: MetricDatum, path: string, now: number): NamedSample {
  const { MetricName: name = '', Unit = 'None', StorageResolution = 60 } = datum
  if (!name) throw missingParameter(`${path}.MetricName`)
  assertLength(`${path}.MetricName`, name, 1, 255)
  assertUnit(Unit)
  if (StorageResolution !== 1 && StorageResolution !== 60)
    throw invalidValue(`The parameter ${path}.StorageResolution must be 1 or 60.`)
  return {
    name,
    dimensions: dimensionsOf(datum.Dimensions),
    at: timeOf(datum, path, now),
    unit: Unit,
    resolution: StorageResolution,
    summary: readSamples(datum, path),
  }
}

function timeOf({ Timestamp }: MetricDatum, path: string, now: number): number {
  const at = Timestamp?.getTime() ?? now
  if (at < now - TWO_WEEKS_MS)
    throw invalidValue(`The parameter ${path}.Timestamp must specify a time within the past two weeks.`)
  if (at > now + 2 * HOUR_MS)
    throw invalidValue(
      `The parameter ${path}.Timestamp must specify a time no more than two hours in the future.`,
    )
  return at
}

/** One of a value, a statistic set, and values with their counts. */
function readSamples({ Value, StatisticValues, Values, Counts }: MetricDatum, path: string): Summary {
  const given = [Value, StatisticValues, Values].filter((each) => each !== undefined)
  if (!given.length) throw missingParameter(`${path}.Value`)
  if (given.length > 1)
    throw invalidCombination(
      `The parameters ${path}.Value, ${path}.StatisticValues and ${path}.Values are mutually exclusive and you have specified more than one.`,
    )
  if (Value !== undefined) return summaryOf(assertNumber(Value, `${path}.Value`))
  if (StatisticValues) return readSet(StatisticValues, `${path}.StatisticValues`)
  return readValues(Values ?? [], Counts, path)
}

function readSet(set: NonNullable<MetricDatum['StatisticValues']>, path: string): Summary {
  const { SampleCount = 0, Sum = 0, Minimum = 0, Maximum = 0 } = set
  for (const [name, value] of Object.entries({ SampleCount, Sum, Minimum, Maximum }))
    assertNumber(value, `${path}.${name}`)
  if (SampleCount < 0)
    throw invalidValue(`The value ${SampleCount} for parameter ${path}.SampleCount is invalid.`)
  if (Minimum > Maximum)
    throw invalidValue(`The parameter ${path}.Minimum must be less than or equal to ${path}.Maximum.`)
  return summaryOfSet({ count: SampleCount, sum: Sum, min: Minimum, max: Maximum })
}

function readValues(values: readonly number[], counts: readonly number[] | undefined, path: string): Summary {
  if (!values.length) throw missingParameter(`${path}.Values`)
  if (values.length > MOST_VALUES)
    throw invalidValue(`The collection ${path}.Values must not have a size greater than ${MOST_VALUES}.`)
  if (counts && counts.length !== values.length)
    throw invalidValue(`The parameters ${path}.Values and ${path}.Counts must be of the same size.`)
  return values
    .map((value, index) => {
      const count = assertNumber(counts?.[index] ?? 1, `${path}.Counts`)
      if (count < 0) throw invalidValue(`The value ${count} for parameter ${path}.Counts is invalid.`)
      return summaryOf(assertNumber(value, `${path}.Values`), count)
    })
    .reduce(merge)
}

function assertNumber(value: number, path: string): number {
  if (Number.isFinite(value) && Math.abs(value) <= LARGEST) return value
  throw invalidValue(`The value ${value} for parameter ${path} is invalid.`)
}
