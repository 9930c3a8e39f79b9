/** The structured log and the metrics of all functions, under one service name. */
import { Logger } from '@aws-lambda-powertools/logger'
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import type { Measures } from '@capstan/core/measures.ts'

const serviceName = 'capstan'
const namespace = 'Capstan'

/** A function's log, which takes what is measured as well. */
export type DoorLog = Logger & { measure(measures: readonly Measures[]): void }

/** A log whose lines carry the function's context. Level and sampling are Powertools' own environment variables. */
export function createLog(): DoorLog {
  return Object.assign(new Logger({ serviceName }), { measure: measuring() })
}

/** Metrics in the namespace `Capstan`, written to the log in CloudWatch's embedded metric format. */
export function createMetrics(): Metrics {
  return new Metrics({ serviceName, namespace })
}

/** Writes each of `Measures` at once, since what follows may fail: by what it is told apart, and all together. */
function measuring(): DoorLog['measure'] {
  const written = createMetrics()
  written.clearDefaultDimensions()
  return (measures) => {
    for (const { by, metrics } of measures) {
      if (by) written.addDimensions({ ...by })
      written.addDimensions({})
      for (const { name, unit, value } of metrics) written.addMetric(name, MetricUnit[unit], value)
      written.publishStoredMetrics()
    }
  }
}
