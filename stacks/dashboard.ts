/** One dashboard: whether the doors run, how long they take, and what waits. */
import type { Door } from './doors.ts'
import type { Queues } from './queues.ts'

/** A metric as dashboards write it: namespace, name, dimensions by name and value, options. */
type Metric = readonly [string, string, ...(string | { readonly stat?: string; readonly label?: string })[]]

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
}

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
function placed({ title, metrics }: Widget, at: number, region: string) {
  const properties = { title, region, metrics, view: 'timeSeries', period: 60 }
  return { type: 'metric', width: 12, height: 6, x: (at % 2) * 12, y: Math.floor(at / 2) * 6, properties }
}
