/**
 * Metrics that functions write into their logs, by the embedded metric format (CloudWatch User Guide: Specification: Embedded
 * metric format). A document that does not keep to it is a line like any other, as in AWS.
 */
import { parseArn } from '../arn.ts'
import type { CloudwatchReport, PublishedMetric } from '../cloudwatch/receive.ts'
import type { Engine } from '../engine.ts'
import type { FunctionLogEntry } from './function-logs.ts'

const MOST_METRICS = 100
const MOST_VALUES = 100
const MOST_DIMENSIONS = 30

type Json = Readonly<Record<string, unknown>>

/** Reports what an entry measures, if it does, to CloudWatch, in the engine's time. */
export async function reportMetrics(entry: FunctionLogEntry, engine: Engine): Promise<void> {
  const reports = embeddedMetrics(entry.text, entry.engineTime - entry.at)
  if (!reports.length) return
  await engine.load('cloudwatch')
  const { accountId = '', region = '' } = parseArn(entry.functionArn) ?? {}
  for (const report of reports) engine.report('cloudwatch', { accountId, region }, report)
}

/** What a log event measures; its times are shifted by `shiftMs`. Before the document Lambda may have put its own fields. */
export function embeddedMetrics(text: string, shiftMs = 0): CloudwatchReport[] {
  if (!text.includes('"_aws"')) return []
  const root = objectOf(jsonOf(text.slice(text.indexOf('{'))))
  const { CloudWatchMetrics: directives, Timestamp: time } = objectOf(root._aws)
  if (!Array.isArray(directives) || typeof time !== 'number') return []
  return directives.flatMap((directive) => reportOf(objectOf(directive), root, time + shiftMs))
}

function reportOf(directive: Json, root: Json, at: number): CloudwatchReport[] {
  const { Dimensions: sets, Metrics: definitions, Namespace: namespace } = directive
  if (typeof namespace !== 'string' || !namespace || !Array.isArray(sets) || !Array.isArray(definitions))
    return []
  if (definitions.length > MOST_METRICS) return []
  const metrics = sets
    .map((set) => dimensionsOf(set, root))
    .flatMap((dimensions) =>
      dimensions ? definitions.flatMap((one) => metricOf(objectOf(one), root, dimensions, at)) : [],
    )
  return metrics.length ? [{ kind: 'metrics', namespace, metrics }] : []
}

/** A set names members of the root, which are its values; it may be empty. */
function dimensionsOf(set: unknown, root: Json): Record<string, string> | undefined {
  if (!Array.isArray(set) || set.length > MOST_DIMENSIONS) return undefined
  const pairs = set.map((name) => [String(name), root[String(name)]] as const)
  return pairs.every((pair): pair is [string, string] => typeof pair[1] === 'string')
    ? Object.fromEntries(pairs)
    : undefined
}

function metricOf(
  { Name: name, StorageResolution, Unit: unit }: Json,
  root: Json,
  dimensions: Record<string, string>,
  at: number,
): PublishedMetric[] {
  if (typeof name !== 'string') return []
  const values = [root[name]].flat()
  const isMeasured = values.length <= MOST_VALUES && values.every((value) => typeof value === 'number')
  if (!isMeasured) return []
  return [
    {
      ...{ name, dimensions, at },
      ...(typeof unit === 'string' && { unit }),
      resolution: StorageResolution === 1 ? 1 : 60,
      samples: values.map((value) => ({ value })),
    },
  ]
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const objectOf = (value: unknown): Json => (typeof value === 'object' && value !== null ? { ...value } : {})
