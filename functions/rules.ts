/**
 * Which event wakes which door, and what that door may do: data, read by infrastructure code and by `capstan dev`.
 * Patterns are EventBridge's (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html).
 */

/**
 * What whoever installs the doors makes, and puts the ARN of. A door that may send to discovery's queue is told its URL
 * (CAPSTAN_DISCOVERY_QUEUE_URL).
 */
export type OwnResource = 'ledger' | 'dead-letter-queue' | 'discovery-queue'

/** What is there already: an ARN, with words for what is known only where the doors are installed. */
export type ArnPattern = `arn:PARTITION:${string}`

/** An IAM statement that allows. What is wide says why; the narrowest resources are those of the Service Authorization Reference. */
export type Permission = {
  readonly actions: readonly string[]
  readonly condition?: object
} & (
  | { readonly resource: OwnResource | ArnPattern }
  | { readonly resource: '*'; readonly why: 'these actions know no resource' }
)

/** Where the doors are installed. */
export interface Place {
  readonly partition: string
  readonly region: string
  readonly account: string
}

/** The ARN that a pattern means at a place. */
export const arnAt = (pattern: ArnPattern, { partition, region, account }: Place): string =>
  pattern.replace('PARTITION', partition).replace('REGION', region).replace('ACCOUNT', account)

/** Resources of this account and region: of a service, those that `rest` matches. */
const here = (service: string, rest: string): ArnPattern => `arn:PARTITION:${service}:REGION:ACCOUNT:${rest}`

/** Any of the account: services are enrolled by their tags, whatever their names, and so is what belongs to them. */
const SERVICES = here('ecs', 'service/*')
/** With what deployments and revisions of services are. */
const DEPLOYMENTS = here('ecs', 'service*')
const TASKS = here('ecs', 'task/*')
const REPOSITORIES = here('ecr', 'repository/*')

const WIDE = { resource: '*', why: 'these actions know no resource' } as const

/** Events of some sources and kinds, with more said of them or not. */
interface EventPattern {
  readonly source: readonly string[]
  readonly 'detail-type': readonly string[]
  readonly detail?: object
}

/** What one door is woken by (a pattern of events, by way of a queue or not, or a schedule), and what it may do. */
export type Rule = DoorSettings &
  (
    | {
        readonly pattern: EventPattern | { readonly $or: readonly EventPattern[] }
        readonly queue?: QueueSettings
      }
    | { readonly schedule: string }
  )

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

/** Which services there are: only sweeps ask for all. */
const LIST: readonly Permission[] = [{ actions: ['ecs:ListClusters', 'ecs:ListServices'], ...WIDE }]

const LOOK: readonly Permission[] = [
  { actions: ['ecs:DescribeTaskDefinition'], ...WIDE },
  { actions: ['ecs:DescribeServices'], resource: SERVICES },
  {
    actions: ['ecr:DescribeImages', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
    resource: REPOSITORIES,
  },
]

/** What a verdict on a service's health rests on. */
const JUDGE: readonly Permission[] = [
  { actions: ['cloudwatch:GetMetricData'], ...WIDE },
  {
    actions: ['cloudwatch:DescribeAlarms', 'cloudwatch:ListTagsForResource'],
    resource: here('cloudwatch', 'alarm:*'),
  },
  { actions: ['cloudwatch:ListAlarmMuteRules'], resource: here('cloudwatch', 'alarm-mute-rule:*') },
  {
    actions: ['elasticloadbalancing:DescribeTargetGroups', 'elasticloadbalancing:DescribeTargetHealth'],
    ...WIDE,
  },
  // All tasks of a service are asked for, not those of a container instance, which is the resource that there is.
  { actions: ['ecs:ListTasks'], ...WIDE },
  { actions: ['ecs:DescribeTasks'], resource: TASKS },
  {
    actions: ['ecs:DescribeServiceDeployments', 'ecs:DescribeServiceRevisions', 'ecs:ListServiceDeployments'],
    resource: DEPLOYMENTS,
  },
]

/** A revision is registered with tags and with the roles of the one that it is made from. */
const DEPLOY: readonly Permission[] = [
  { actions: ['ecs:RegisterTaskDefinition', 'ecs:TagResource'], resource: here('ecs', 'task-definition/*') },
  { actions: ['ecs:StopServiceDeployment', 'ecs:UpdateService'], resource: DEPLOYMENTS },
  {
    actions: ['iam:PassRole'],
    // Tasks have roles of any name; that they are handed to tasks alone is what limits this.
    resource: 'arn:PARTITION:iam::ACCOUNT:role/*',
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
    resource: here('events', 'event-bus/default'),
    condition: { StringEquals: { 'events:source': 'capstan' } },
  },
]

/** The recommended alarms of services whose guard is `auto`: their names begin so. */
const OWN_ALARMS: readonly Permission[] = [
  {
    actions: ['cloudwatch:DeleteAlarms', 'cloudwatch:PutMetricAlarm', 'cloudwatch:TagResource'],
    resource: here('cloudwatch', 'alarm:capstan-*'),
  },
]

/** What could take a good state's images away. */
const FORESEE: readonly Permission[] = [{ actions: ['ecr:GetLifecyclePolicy'], resource: REPOSITORIES }]

/** Who asks to be found, which tasks they have, at which addresses, and whether they are healthy. */
const FIND: readonly Permission[] = [
  { actions: ['ecs:DescribeTaskDefinition', 'ecs:ListTasks'], ...WIDE },
  { actions: ['ecs:DescribeServices'], resource: SERVICES },
  { actions: ['ecs:DescribeTasks'], resource: TASKS },
  { actions: ['ecs:DescribeContainerInstances'], resource: here('ecs', 'container-instance/*') },
  { actions: ['ec2:DescribeInstances', 'ec2:DescribeNetworkInterfaces'], ...WIDE },
  { actions: ['elasticloadbalancing:DescribeTargetHealth'], ...WIDE },
]

/**
 * Records of hosted zones and instances of Cloud Map; Cloud Map writes the records of its DNS namespaces, and their health
 * checks, in the caller's name (https://docs.aws.amazon.com/cloud-map/latest/dg/security_iam_id-based-policy-examples.html).
 */
const PUBLISH: readonly Permission[] = [
  { actions: ['route53:CreateHealthCheck', 'route53:ListHostedZones'], ...WIDE },
  {
    actions: ['route53:ChangeResourceRecordSets', 'route53:ListResourceRecordSets'],
    resource: 'arn:PARTITION:route53:::hostedzone/*',
  },
  {
    actions: ['route53:DeleteHealthCheck', 'route53:GetHealthCheck', 'route53:UpdateHealthCheck'],
    resource: 'arn:PARTITION:route53:::healthcheck/*',
  },
  { actions: ['servicediscovery:ListNamespaces', 'servicediscovery:ListServices'], ...WIDE },
  {
    actions: [
      'servicediscovery:DeregisterInstance',
      'servicediscovery:ListInstances',
      'servicediscovery:RegisterInstance',
    ],
    resource: here('servicediscovery', 'service/*'),
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
      // What comes from another region or account is announced as a replication, and as no push.
      'detail-type': ['ECR Image Action', 'ECR Replication Action'],
      detail: { result: ['SUCCESS'], 'action-type': ['PUSH', 'REPLICATE'] },
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
    permissions: [...LIST, ...permissions, ...FORESEE, ...OWN_ALARMS],
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
            'changed-tag-keys': [{ prefix: 'capstan:dns' }, { prefix: 'capstan:discovery' }],
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
    permissions: [...LIST, ...FIND, ...PUBLISH, ...REMEMBER],
    timeoutSeconds: 50,
    retries: 0,
  },
]

const wakingEvents = rules.flatMap((rule) => {
  if ('schedule' in rule) return []
  return '$or' in rule.pattern ? rule.pattern.$or : [rule.pattern]
})

/**
 * Every event that wakes a door, as one pattern: what other places forward to home. As several rules it would be forwarded once for
 * each that it matches, and wake the doors as often.
 */
export const forwarded = { $or: wakingEvents }

/** Where these events come from. */
export const sources: readonly string[] = [...new Set(wakingEvents.flatMap(({ source }) => source))]

/** What a door may do in another place: all but what is about home's own ledger, queues and events. */
export const permissionsElsewhere = ({ permissions }: Rule): readonly Permission[] =>
  permissions.filter(
    (one) => (one.resource === '*' || one.resource.startsWith('arn:')) && !TELL.includes(one),
  )
