/** What a month costs, from what was counted and what AWS asks: pure, so that docs/costs.md can be held to it. */
import { PRICES } from './prices.ts'

/** What a stretch of time made of requests and bytes. */
export interface Counts {
  /** Of functions. */
  readonly invocations: number
  /** AWS calls of functions, whether they cost or not. */
  readonly calls: number
  /** Read and write request units of DynamoDB. */
  readonly reads: number
  readonly writes: number
  /** Of SQS: what EventBridge sends, what the event source mapping receives and deletes, and what functions send. */
  readonly queueRequests: number
  /** Metrics that GetMetricData was asked for. */
  readonly metricsRead: number
  /** Other calls of CloudWatch. */
  readonly metricCalls: number
  /** Capstan's own events. */
  readonly events: number
  /** Of functions' logs, as CloudWatch Logs counts them. */
  readonly logBytes: number
}

/** A fleet of a size, as it was counted. */
export interface Counted {
  readonly services: number
  /** In which nothing happens. */
  readonly quietMinute: Counts
  /** From push to verified, of one service, its tasks' names with it, beside the quiet minutes meanwhile. */
  readonly delivery: Counts
  /** Bytes of the table, of which a delivery leaves so many for 90 days. */
  readonly tableBytes: number
  readonly bytesPerDelivery: number
  /** Custom metrics of the one that was delivered to, and those of no single service. */
  readonly metricsPerService: number
  readonly metrics: number
}

/** One line of the bill: dollars in a month. */
export interface Line {
  readonly what: string
  readonly dollars: number
}

export interface Fleet {
  readonly deliveriesPerDay: number
  /** Alarms of Capstan's own health and dashboards, as the stack makes them. */
  readonly alarms: number
  readonly dashboards: number
}

const DAYS = 30
const MINUTES = DAYS * 24 * 60
/** Decisions are kept for so long; deployments for good, which a year's worth of would be four times that. */
const KEPT_DAYS = 90
const GB = 1024 ** 3
/** Assumed: what a function's own code takes, and a call of AWS, one after another. In truth many go out at once. */
const OWN_SECONDS = 0.05
const CALL_SECONDS = 0.02
const MEMORY_GB = 0.25
/** Of an event source mapping of an idle queue: five pollers, each of which asks for 20 s. */
const IDLE_POLLS = 5 * 3 * MINUTES

/** What happens in a month of 30 days. */
export function monthOf(counted: Counted, fleet: Fleet): Counts {
  const deliveries = counted.services * fleet.deliveriesPerDay * DAYS
  const total = (key: keyof Counts) => counted.quietMinute[key] * MINUTES + counted.delivery[key] * deliveries
  return {
    invocations: total('invocations'),
    calls: total('calls'),
    reads: total('reads'),
    writes: total('writes'),
    queueRequests: total('queueRequests') + IDLE_POLLS,
    metricsRead: total('metricsRead'),
    metricCalls: total('metricCalls'),
    events: total('events'),
    logBytes: total('logBytes'),
  }
}

/** The bill, free tiers left out: they are one account's, which has other uses for them. */
export function billOf(counted: Counted, fleet: Fleet): Line[] {
  const month = monthOf(counted, fleet)
  const million = (count: number, price: number) => (count / 1e6) * price
  const seconds = month.invocations * OWN_SECONDS + month.calls * CALL_SECONDS
  const kept = counted.services * fleet.deliveriesPerDay * KEPT_DAYS * counted.bytesPerDelivery
  const stored = (counted.tableBytes + kept) / GB
  const metrics = counted.metrics + counted.metricsPerService * counted.services
  return [
    { what: 'Lambda requests', dollars: million(month.invocations, PRICES.lambdaRequests) },
    { what: 'Lambda duration', dollars: seconds * MEMORY_GB * PRICES.lambdaGbSecond },
    { what: 'DynamoDB reads', dollars: million(month.reads, PRICES.reads) },
    { what: 'DynamoDB writes', dollars: million(month.writes, PRICES.writes) },
    { what: 'DynamoDB storage and backup', dollars: stored * (PRICES.storage + PRICES.backup) },
    { what: 'SQS requests', dollars: million(month.queueRequests, PRICES.queueRequests) },
    { what: 'EventBridge, own events', dollars: million(month.events, PRICES.events) },
    { what: 'CloudWatch Logs', dollars: (month.logBytes / GB) * PRICES.logs },
    { what: 'CloudWatch GetMetricData', dollars: (month.metricsRead / 1000) * PRICES.metricsRead },
    { what: 'CloudWatch other requests', dollars: (month.metricCalls / 1000) * PRICES.metricCalls },
    { what: 'CloudWatch metrics, at most', dollars: tiered(metrics) },
    { what: 'CloudWatch alarms', dollars: fleet.alarms * PRICES.alarm },
    { what: 'CloudWatch dashboard', dollars: fleet.dashboards * PRICES.dashboard },
    { what: 'X-Ray traces, at most', dollars: million(month.invocations, PRICES.traces) },
  ]
}

export const totalOf = (bill: readonly Line[]): number => bill.reduce((sum, { dollars }) => sum + dollars, 0)

/** Custom metrics are cheaper by the thousand. */
function tiered(metrics: number): number {
  const [first, next] = [Math.min(metrics, 10_000), Math.max(metrics - 10_000, 0)]
  return first * PRICES.metric + next * PRICES.metricBeyond
}
