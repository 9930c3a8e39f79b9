/** What doors in Drydock's Lambda have written: the lines of their logs, and the metrics that CloudWatch has of them. */
import { CloudWatchClient, GetMetricDataCommand, paginateListMetrics } from '@aws-sdk/client-cloudwatch'
import { rules } from '../../functions/rules.ts'
import type { Stage } from './door-stage.ts'

/** A structured line, as far as tests look at it. */
export interface Fields {
  readonly level: string
  readonly message: string
  readonly service: string
  readonly function_request_id?: string
  readonly correlation_id?: string
  readonly delivery?: Readonly<Record<string, unknown>>
  readonly discovery?: Readonly<Record<string, unknown>>
  readonly decision?: { readonly kind: string; readonly reason: string }
}

/** All that a door has written, the oldest first. */
export function linesOf({ drydock }: Stage, door: string): string[] {
  const arn = `arn:aws:lambda:us-east-1:123456789012:function:capstan-${door}`
  return drydock.functionLogs(arn).map(({ text }) => text)
}

/** The structured lines of a door. */
export function fieldsOf(stage: Stage, door: string): Fields[] {
  const lines = linesOf(stage, door).filter((line) => line.startsWith('{"') && !line.includes('"_aws"'))
  return lines.map((line) => JSON.parse(line) as Fields)
}

/**
 * What was told of a delivery's decisions of this kind and reason, whichever door made them: several look at a service at the
 * same time, and one comes first.
 */
export function deliveriesOf(stage: Stage, kind: string, reason: string): Fields[] {
  const lines = rules.flatMap(({ door }) => fieldsOf(stage, door))
  return lines.filter(
    ({ decision, delivery }) => delivery && decision?.kind === kind && decision.reason === reason,
  )
}

const UNITS = ['Count', 'Seconds', 'Milliseconds']

/**
 * What CloudWatch would not take of a line in the embedded metric format, by the rules of its specification
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html).
 */
export function metricDocumentProblems(line: string): string[] {
  const root = JSON.parse(line) as Record<string, unknown>
  const { CloudWatchMetrics: directives, Timestamp } = root._aws as {
    CloudWatchMetrics: {
      Namespace: string
      Dimensions: string[][]
      Metrics: { Name: string; Unit: string }[]
    }[]
    Timestamp: number
  }
  const isWrong: Readonly<Record<string, boolean>> = {
    'more than one line': line.includes('\n'),
    'too long': Buffer.byteLength(line) > 256 * 1024,
    'no time': !Number.isInteger(Timestamp),
    'no namespace': directives.some(({ Namespace }) => Namespace !== 'Capstan'),
    'no set of dimensions': directives.some(({ Dimensions }) => Dimensions.length === 0),
    'too many dimensions': directives.some(({ Dimensions }) => Dimensions.some((set) => set.length > 9)),
    'a dimension without a value': directives.some(({ Dimensions }) =>
      Dimensions.flat().some((name) => typeof root[name] !== 'string' || root[name] === ''),
    ),
    'too many metrics': directives.some(({ Metrics }) => Metrics.length === 0 || Metrics.length > 100),
    'a metric without a unit': directives.some(({ Metrics }) =>
      Metrics.some(({ Unit }) => !UNITS.includes(Unit)),
    ),
    'a metric without numbers': directives.some(({ Metrics }) =>
      Metrics.some(({ Name }) => {
        const values = [root[Name]].flat()
        return values.length > 100 || !values.every((value) => Number.isFinite(value))
      }),
    ),
  }
  return Object.entries(isWrong).flatMap(([problem, is]) => (is ? [`${problem}: ${line}`] : []))
}

/** Sum and number of samples of the last hour, of Capstan's metrics with exactly these dimensions, by their names. */
export async function metricsNow({ sdk }: Stage, dimensions: Readonly<Record<string, string>>) {
  const client = new CloudWatchClient(sdk)
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }))
  const names = new Set<string>()
  for await (const { Metrics = [] } of paginateListMetrics({ client }, { Namespace: 'Capstan' }))
    for (const { Dimensions: own = [], MetricName = '' } of Metrics)
      if (JSON.stringify(own) === JSON.stringify(Dimensions)) names.add(MetricName)
  const query = (MetricName: string, Stat: string, Id: string) => ({
    Id,
    MetricStat: { Metric: { Namespace: 'Capstan', MetricName, Dimensions }, Period: 3600, Stat },
  })
  const now = Date.now()
  const all = [...names].flatMap((name, at) => [
    query(name, 'Sum', `s${at}`),
    query(name, 'SampleCount', `c${at}`),
  ])
  if (!all.length) return {}
  const { MetricDataResults = [] } = await client.send(
    new GetMetricDataCommand({
      MetricDataQueries: all,
      StartTime: new Date(now - 3_600_000),
      EndTime: new Date(now + 3_600_000),
    }),
  )
  const sampled = (id: string) =>
    (MetricDataResults.find(({ Id }) => Id === id)?.Values ?? []).reduce((sum, value) => sum + value, 0)
  return Object.fromEntries(
    [...names].map((name, at) => [name, { sum: sampled(`s${at}`), count: sampled(`c${at}`) }]),
  ) as Partial<Record<string, { readonly sum: number; readonly count: number }>>
}
