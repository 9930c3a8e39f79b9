/**
 * Which event wakes which door, and what that door may do: data alone, read by infrastructure code and by `capstan dev`.
 * Patterns are EventBridge's (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html).
 */

/**
 * Where the ledger, the dead-letter queue or the queue before discovery's door is meant, their ARNs are to be put by
 * whoever makes them. A door that may send to discovery's queue is told its URL (CAPSTAN_DISCOVERY_QUEUE_URL).
 */
export type Resource = '*' | 'ledger' | 'dead-letter-queue' | 'discovery-queue'

/** An IAM statement that allows. */
export interface Permission {
  readonly actions: readonly string[]
  readonly resource: Resource
  readonly condition?: object
}

/** What one door is woken by (a pattern of events, by way of a queue or not, or a schedule), and what it may do. */
export type Rule = DoorSettings &
  ({ readonly pattern: object; readonly queue?: QueueSettings } | { readonly schedule: string })

/**
 * The queue between a rule and its door, and how the door reads from it: with ReportBatchItemFailures, and with what was
 * received too often in the dead-letter queue (https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html).
 */
export interface QueueSettings {
  /** So many messages at most come at once. */
  readonly batchSize: number
  /** How long messages are gathered before they come. */
  readonly windowSeconds: number
  /** So many batches at most are worked on at once. */
  readonly maximumConcurrency: number
  /** A message that was not answered for comes again after this; at least the door's own time. */
  readonly visibilityTimeoutSeconds: number
  readonly maxReceives: number
  readonly retentionSeconds: number
}

interface DoorSettings {
  /** The function in `functions/<door>.ts`, exported as `handler`. */
  readonly door: string
  readonly description: string
  readonly permissions: readonly Permission[]
  /** A door that takes longer is ended; what it leaves half done is carried on by the next look. */
  readonly timeoutSeconds: number
  /** How often Lambda tries an event again that failed in a way that a retry may help. */
  readonly retries: 0 | 1 | 2
}

const LOOK: readonly Permission[] = [
  {
    actions: ['ecs:DescribeServices', 'ecs:DescribeTaskDefinition', 'ecs:ListClusters', 'ecs:ListServices'],
    resource: '*',
  },
  { actions: ['ecr:DescribeImages', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'], resource: '*' },
]

/** What a verdict on a service's health rests on. */
const JUDGE: readonly Permission[] = [
  {
    actions: [
      'cloudwatch:DescribeAlarms',
      'cloudwatch:GetMetricData',
      'cloudwatch:ListAlarmMuteRules',
      'cloudwatch:ListTagsForResource',
    ],
    resource: '*',
  },
  {
    actions: ['elasticloadbalancing:DescribeTargetGroups', 'elasticloadbalancing:DescribeTargetHealth'],
    resource: '*',
  },
  {
    actions: [
      'ecs:DescribeServiceDeployments',
      'ecs:DescribeServiceRevisions',
      'ecs:DescribeTasks',
      'ecs:ListServiceDeployments',
      'ecs:ListTasks',
    ],
    resource: '*',
  },
]

/** A revision is registered with tags and with the roles of the one that it is made from. */
const DEPLOY: readonly Permission[] = [
  {
    actions: [
      'ecs:RegisterTaskDefinition',
      'ecs:StopServiceDeployment',
      'ecs:TagResource',
      'ecs:UpdateService',
    ],
    resource: '*',
  },
  {
    actions: ['iam:PassRole'],
    resource: '*',
    condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
  },
]

/** TransactWriteItems is allowed by the actions of its items. */
const REMEMBER: readonly Permission[] = [
  {
    actions: [
      'dynamodb:GetItem',
      'dynamodb:Query',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:DeleteItem',
    ],
    resource: 'ledger',
  },
  { actions: ['sqs:SendMessage'], resource: 'dead-letter-queue' },
]

/** Capstan's own events, to the default bus. */
const TELL: readonly Permission[] = [
  {
    actions: ['events:PutEvents'],
    resource: '*',
    condition: { StringEquals: { 'events:source': 'capstan' } },
  },
]

/** The recommended alarms of services whose guard is `auto`. */
const OWN_ALARMS: readonly Permission[] = [
  {
    actions: ['cloudwatch:DeleteAlarms', 'cloudwatch:PutMetricAlarm', 'cloudwatch:TagResource'],
    resource: '*',
  },
]

/** What could take a good state's images away. */
const FORESEE: readonly Permission[] = [{ actions: ['ecr:GetLifecyclePolicy'], resource: '*' }]

/** Who asks to be found, which tasks they have, at which addresses, and whether they are healthy. */
const FIND: readonly Permission[] = [
  {
    actions: [
      'ecs:DescribeContainerInstances',
      'ecs:DescribeServices',
      'ecs:DescribeTaskDefinition',
      'ecs:DescribeTasks',
      'ecs:ListTasks',
    ],
    resource: '*',
  },
  { actions: ['ec2:DescribeInstances', 'ec2:DescribeNetworkInterfaces'], resource: '*' },
  { actions: ['elasticloadbalancing:DescribeTargetHealth'], resource: '*' },
]

/**
 * Records of hosted zones and instances of Cloud Map; Cloud Map writes the records of its DNS namespaces, and their health
 * checks, in the caller's name (https://docs.aws.amazon.com/cloud-map/latest/dg/security_iam_id-based-policy-examples.html).
 */
const PUBLISH: readonly Permission[] = [
  {
    actions: [
      'route53:ChangeResourceRecordSets',
      'route53:CreateHealthCheck',
      'route53:DeleteHealthCheck',
      'route53:GetHealthCheck',
      'route53:ListHostedZones',
      'route53:ListResourceRecordSets',
      'route53:UpdateHealthCheck',
    ],
    resource: '*',
  },
  {
    actions: [
      'servicediscovery:DeregisterInstance',
      'servicediscovery:ListInstances',
      'servicediscovery:ListNamespaces',
      'servicediscovery:ListServices',
      'servicediscovery:RegisterInstance',
    ],
    resource: '*',
  },
  { actions: ['sqs:SendMessage'], resource: 'discovery-queue' },
]

const permissions = [...LOOK, ...JUDGE, ...DEPLOY, ...REMEMBER, ...TELL]

export const rules: readonly Rule[] = [
  {
    door: 'image-pushed',
    description: 'An image was pushed: deploys it to every service that tracks it',
    pattern: {
      source: ['aws.ecr'],
      'detail-type': ['ECR Image Action'],
      detail: { result: ['SUCCESS'], 'action-type': ['PUSH'] },
    },
    permissions,
    timeoutSeconds: 30,
    retries: 2,
  },
  {
    door: 'deployment-state-changed',
    description: 'A deployment began, completed or failed: records what became of it, and goes on',
    pattern: { source: ['aws.ecs'], 'detail-type': ['ECS Deployment State Change'] },
    permissions,
    timeoutSeconds: 30,
    retries: 2,
  },
  {
    door: 'alarm-state-changed',
    description: 'An alarm changed: judges the services that it is about, and rolls back what is to blame',
    pattern: { source: ['aws.cloudwatch'], 'detail-type': ['CloudWatch Alarm State Change'] },
    permissions,
    timeoutSeconds: 30,
    retries: 2,
  },
  {
    door: 'task-stopped',
    description: "A service's task crashed or could not start: enough of that is a crash loop",
    pattern: {
      source: ['aws.ecs'],
      'detail-type': ['ECS Task State Change'],
      detail: {
        lastStatus: ['STOPPED'],
        stopCode: ['EssentialContainerExited', 'TaskFailedToStart'],
        group: [{ prefix: 'service:' }],
      },
    },
    permissions,
    timeoutSeconds: 30,
    retries: 2,
  },
  {
    door: 'tags-changed',
    description: "A service's tags changed: takes its settings over at once",
    pattern: {
      source: ['aws.tag'],
      'detail-type': ['Tag Change on Resource'],
      detail: {
        service: ['ecs'],
        'resource-type': ['service'],
        'changed-tag-keys': [{ prefix: 'capstan:' }],
      },
    },
    permissions,
    timeoutSeconds: 30,
    retries: 2,
  },
  {
    door: 'reconcile',
    description: 'Each minute: looks at every service, so that a lost event makes nothing but delay',
    schedule: 'rate(1 minute)',
    permissions: [...permissions, ...FORESEE, ...OWN_ALARMS],
    timeoutSeconds: 50,
    retries: 0,
  },
  {
    door: 'task-state-changed',
    description: 'Tasks started or are to stop: those that can serve are found by name, and no others',
    pattern: {
      $or: [
        {
          source: ['aws.ecs'],
          'detail-type': ['ECS Task State Change'],
          detail: { lastStatus: ['RUNNING', 'DEACTIVATING', 'STOPPING', 'STOPPED'] },
        },
        {
          source: ['aws.tag'],
          'detail-type': ['Tag Change on Resource'],
          detail: {
            service: ['ecs'],
            'resource-type': ['service'],
            'changed-tag-keys': [{ prefix: 'capstan:d' }],
          },
        },
      ],
    },
    queue: {
      batchSize: 10,
      // None is waited for: a task is found as soon as it can serve.
      windowSeconds: 0,
      maximumConcurrency: 5,
      visibilityTimeoutSeconds: 60,
      maxReceives: 5,
      retentionSeconds: 24 * 60 * 60,
    },
    permissions: [
      ...FIND,
      ...PUBLISH,
      ...REMEMBER,
      {
        actions: ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
        resource: 'discovery-queue',
      },
    ],
    timeoutSeconds: 30,
    retries: 0,
  },
  {
    door: 'reconcile-discovery',
    description:
      'Each minute: looks at every name and its tasks, so that a lost event makes nothing but delay',
    schedule: 'rate(1 minute)',
    permissions: [
      ...FIND,
      { actions: ['ecs:ListClusters', 'ecs:ListServices'], resource: '*' },
      ...PUBLISH,
      ...REMEMBER,
    ],
    timeoutSeconds: 50,
    retries: 0,
  },
]
