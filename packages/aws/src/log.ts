/** The structured log and the metrics of all functions, under one service name. */
import { Logger } from '@aws-lambda-powertools/logger'
import { Metrics } from '@aws-lambda-powertools/metrics'

const serviceName = 'capstan'

/** A log whose lines carry the function's context. Level and sampling are Powertools' own environment variables. */
export function createLog(): Logger {
  return new Logger({ serviceName })
}

/** Metrics in the namespace `Capstan`, written to the log in CloudWatch's embedded metric format. */
export function createMetrics(): Metrics {
  return new Metrics({ serviceName, namespace: 'Capstan' })
}
