/**
 * The policies of AWS's own that functions use (AWS Managed Policy Reference Guide, the page of each). All else of AWS's is not there:
 * attaching it is answered as if it did not exist.
 */
import type { ManagedPolicy } from './state.ts'

const LOGS = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents']

const XRAY = [
  'xray:PutTraceSegments',
  'xray:PutTelemetryRecords',
  'xray:GetSamplingRules',
  'xray:GetSamplingTargets',
  'xray:GetSamplingStatisticSummaries',
]

const QUEUE = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes']

interface Given {
  readonly name: string
  readonly path: string
  readonly version: number
  readonly createdAt: string
  readonly updatedAt?: string
  readonly description: string
  readonly actions: readonly string[]
}

const given: readonly Given[] = [
  {
    name: 'AWSLambdaBasicExecutionRole',
    path: '/service-role/',
    version: 1,
    createdAt: '2015-04-09T15:03:00Z',
    description: 'Provides write permissions to CloudWatch Logs.',
    actions: LOGS,
  },
  {
    name: 'AWSLambdaSQSQueueExecutionRole',
    path: '/service-role/',
    version: 1,
    createdAt: '2018-06-14T21:50:00Z',
    description:
      'Provides receive message, delete message, and read attribute access to SQS queues, and write permissions to CloudWatch logs.',
    actions: [...QUEUE, ...LOGS],
  },
  {
    name: 'AWSXRayDaemonWriteAccess',
    path: '/',
    version: 2,
    createdAt: '2018-08-28T23:00:00Z',
    updatedAt: '2024-02-13T21:58:00Z',
    description:
      "Allow the AWS X-Ray Daemon to relay raw trace segments data to the service's API and retrieve sampling data (rules, targets, etc.) to be used by the X-Ray SDK.",
    actions: XRAY,
  },
]

function policyOf({
  name,
  path,
  version,
  createdAt,
  updatedAt = createdAt,
  description,
  actions,
}: Given): ManagedPolicy {
  const document = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] }
  const defaultVersion = `v${version}`
  const current = { id: defaultVersion, document: JSON.stringify(document), createdAt: Date.parse(updatedAt) }
  return {
    id: `ANPA${name.toUpperCase()}`.slice(0, 21),
    name,
    path,
    arn: `arn:aws:iam::aws:policy${path}${name}`,
    createdAt: Date.parse(createdAt),
    updatedAt: Date.parse(updatedAt),
    description,
    defaultVersion,
    lastVersion: version,
    versions: [current],
    tags: {},
  }
}

/** AWS's own policies, by ARN. */
export const awsPolicies: ReadonlyMap<string, ManagedPolicy> = new Map(
  given.map(policyOf).map((policy) => [policy.arn, policy]),
)
