/** One dashboard: what is delivered and how well, whether the doors run, how long they take, and what waits. */
import type { Door } from './doors.ts'
import type { Queues } from './queues.ts'

/**
 * A metric as dashboards write it: namespace, name, dimensions by name and value, options; or an expression
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html).
 */
type Metric =
  | readonly [string, string, ...(string | { readonly stat?: string; readonly label?: string })[]]
  | readonly [{ readonly expression: string; readonly label: string }]

const HOUR = 3600
const DAY = 24 * HOUR

/** Makes the dashboard, named as the app and its stage. */
export function createDashboard(doors: readonly Door[], queues: Queues): void {
  const { deadLetters, discovery } = queues
  const names = [deadLetters.nodes.queue.name, discovery.nodes.queue.name]
  const dashboardBody = $util
    .all([...names, aws.getRegionOutput().region])
    .apply(([dead = '', waiting = '', region = '']) =>
      JSON.stringify({ widgets: widgetsOf(doors, dead, waiting).map((one, at) => placed(one, at, region)) }),
    )
  new aws.cloudwatch.Dashboard('Dashboard', { dashboardName: `${$app.name}-${$app.stage}`, dashboardBody })
}

interface Widget {
  readonly title: string
  readonly metrics: readonly Metric[]
  /** In seconds; a minute unless told. */
  readonly period?: number
}

/** Capstan's own metric of all services together. */
const own = (name: string, stat: string, label: string): Metric => ['Capstan', name, { stat, label }]

/** Capstan's own metric of each service, or by each reason: whichever there are. */
const ofEach = (dimension: 'service' | 'reason', name: string, stat: string, period: number): string =>
  `SEARCH('{Capstan,${dimension}} MetricName="${name}"', '${stat}', ${period})`

/** A line for each service, day by day. */
const daily = (title: string, expression: string): Widget => ({
  title: `${title}, each service and day`,
  metrics: [[{ expression, label: '' }]],
  period: DAY,
})

/** What docs/decisions/027-metrics.md defines; the four measures of DORA are told by service. */
const DELIVERY: readonly Widget[] = [
  {
    title: 'Deployments and rollbacks',
    metrics: [
      own('Deployments', 'Sum', 'begun'),
      own('FailedDeployments', 'Sum', 'failed'),
      own('Rollbacks', 'Sum', 'rolled back'),
    ],
    period: HOUR,
  },
  {
    title: 'Left as it is, by reason',
    metrics: [[{ expression: ofEach('reason', 'Skips', 'Sum', HOUR), label: '' }]],
    period: HOUR,
  },
  {
    title: 'From push to … (s)',
    metrics: ['PushToStarted', 'PushToDeployed', 'PushToVerified'].flatMap((name) =>
      ['p50', 'p95'].map((stat) => own(name, stat, `${name.slice('PushTo'.length).toLowerCase()} ${stat}`)),
    ),
    period: HOUR,
  },
  {
    title: 'From RUNNING to found by name (ms)',
    metrics: ['p50', 'p99'].map((stat) => own('DiscoveryLag', stat, stat)),
  },
  daily('Deployment frequency', ofEach('service', 'Deployments', 'Sum', DAY)),
  daily('Lead time for changes, median (s)', ofEach('service', 'PushToVerified', 'p50', DAY)),
  daily('Change failure rate (%)', `100 * ${ofEach('service', 'FailedDeployments', 'Average', DAY)}`),
  daily('Time to restore service, median (s)', ofEach('service', 'TimeToRestore', 'p50', DAY)),
]

function widgetsOf(doors: readonly Door[], dead: string, waiting: string): Widget[] {
  const each = (metric: string, stat: string) =>
    doors.map(
      ({ name, rule }): Metric => ['AWS/Lambda', metric, 'FunctionName', name, { stat, label: rule.door }],
    )
  const ofQueue = (metric: string, queue: string, label: string): Metric => [
    'AWS/SQS',
    metric,
    'QueueName',
    queue,
    { stat: 'Maximum', label },
  ]
  return [
    ...DELIVERY,
    { title: 'Runs', metrics: each('Invocations', 'Sum') },
    { title: 'Errors', metrics: each('Errors', 'Sum') },
    { title: 'Duration, 95th percentile (ms)', metrics: each('Duration', 'p95') },
    { title: 'Throttles', metrics: each('Throttles', 'Sum') },
    {
      title: 'Events that could not be handled',
      metrics: [
        ofQueue('ApproximateNumberOfMessagesVisible', dead, 'dead letters'),
        ['Capstan', 'PermanentFailures', 'service', 'capstan', { stat: 'Sum', label: 'failures for good' }],
      ],
    },
    {
      title: 'Waiting for discovery',
      metrics: [
        ofQueue('ApproximateNumberOfMessagesVisible', waiting, 'messages'),
        ofQueue('ApproximateAgeOfOldestMessage', waiting, 'age of the oldest (s)'),
      ],
    },
  ]
}

/** Two widgets in a row of the dashboard's 24 columns. */
function placed({ title, metrics, period = 60 }: Widget, at: number, region: string) {
  const properties = { title, region, metrics, view: 'timeSeries', period }
  return { type: 'metric', width: 12, height: 6, x: (at % 2) * 12, y: Math.floor(at / 2) * 6, properties }
}
