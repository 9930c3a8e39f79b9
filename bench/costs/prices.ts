/**
 * What AWS asks in us-east-1, in dollars, looked up on 2026-11-22. Where the pages of AWS show their prices by script alone,
 * the source is one that repeats them.
 */
export const PRICES = {
  /** A million requests (https://cloudchipr.com/blog/aws-lambda-pricing). */
  lambdaRequests: 0.2,
  /** Arm, the first 7.5 billion GB-seconds (https://cloudchipr.com/blog/aws-lambda-pricing). */
  lambdaGbSecond: 0.0000133334,
  /** A million request units, on demand (https://airbyte.com/data-engineering-resources/dynamodb-pricing). */
  reads: 0.125,
  writes: 0.625,
  storage: 0.25,
  backup: 0.2,
  /** A million requests (https://www.factualminds.com/blog/amazon-sqs-pricing-64kb-rule-fifo-vs-standard/). */
  queueRequests: 0.4,
  /** A million custom events; those of AWS's services are free (https://cloudburn.io/blog/amazon-eventbridge-pricing). */
  events: 1,
  /** A GB that is taken in (https://cloudburn.io/blog/amazon-cloudwatch-pricing, as all of CloudWatch below). */
  logs: 0.5,
  /** A thousand metrics that are asked for. */
  metricsRead: 0.01,
  /** A thousand requests. */
  metricCalls: 0.01,
  /** A custom metric for a month: the first ten thousand, and those beyond. */
  metric: 0.3,
  metricBeyond: 0.1,
  /** An alarm of standard resolution for a month. */
  alarm: 0.1,
  dashboard: 3,
  /** A million traces that are recorded (https://aws.amazon.com/xray/pricing/). */
  traces: 5,
} as const
