/**
 * How each kind of resource of a stage's graph is made in Drydock by AWS's own API: what it may say, to the last property, and the
 * call that says it. A property or a kind that nobody foresaw is an error, so that none is forgotten.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CloudWatch, type PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch'
import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs'
import { DynamoDB } from '@aws-sdk/client-dynamodb'
import { EventBridge } from '@aws-sdk/client-eventbridge'
import { IAM } from '@aws-sdk/client-iam'
import { Lambda } from '@aws-sdk/client-lambda'
import { SQS } from '@aws-sdk/client-sqs'
import type { SdkConfig } from '@capstan/cli/sdk.ts'
import * as z from 'zod'

/** What resources are made with. */
export interface Tools {
  readonly sdk: SdkConfig
  /** Where sst has put the zips of functions. */
  readonly artifacts: string
}

/** What others refer to a resource by, as it was made. */
export type Made = { readonly arn?: string | undefined; readonly url?: string | undefined }

/** Makes a resource of its logical name and its inputs. Throws where these say more than is foreseen. */
type Make = (name: string, inputs: unknown, tools: Tools) => Promise<Made>

/** What is not there to be made, with why nothing that doors do rests on it. */
export const notMade: Readonly<Record<string, string>> = {
  'aws:cloudwatch/dashboard:Dashboard': 'is for people; Drydock has no dashboards',
  'aws:s3/bucketObjectv2:BucketObjectv2': 'carries a zip to Lambda, which here is handed over at once',
  'aws:sns/topic:Topic': 'is for people; Drydock has no SNS, and keeps actions of alarms without doing them',
  'random:index/randomBytes:RandomBytes': 'is a value, which the variables of functions have already',
}

function kind<S extends z.ZodType>(
  schema: S,
  make: (inputs: z.infer<S>, tools: Tools, name: string) => Promise<Made | undefined>,
): Make {
  return async (name, inputs, tools) => (await make(schema.parse(inputs), tools, name)) ?? {}
}

const text = z.string()
const number = z.number()

const role = kind(
  z.strictObject({
    name: text,
    assumeRolePolicy: z.union([text, z.looseObject({})]),
    inlinePolicies: z.array(z.strictObject({ name: text, policy: text })),
    managedPolicyArns: z.array(text),
  }),
  async ({ name: RoleName, assumeRolePolicy, inlinePolicies, managedPolicyArns }, { sdk }) => {
    const iam = new IAM(sdk)
    const isText = typeof assumeRolePolicy === 'string'
    const AssumeRolePolicyDocument = isText ? assumeRolePolicy : JSON.stringify(assumeRolePolicy)
    const { Role } = await iam.createRole({ RoleName, AssumeRolePolicyDocument })
    for (const { name: PolicyName, policy: PolicyDocument } of inlinePolicies)
      await iam.putRolePolicy({ RoleName, PolicyName, PolicyDocument })
    for (const PolicyArn of managedPolicyArns) await iam.attachRolePolicy({ RoleName, PolicyArn })
    return { arn: Role?.Arn }
  },
)

const table = kind(
  z.strictObject({
    name: text,
    attributes: z.array(z.strictObject({ name: text, type: z.enum(['S', 'N', 'B']) })),
    hashKey: text,
    rangeKey: text,
    billingMode: z.literal('PAY_PER_REQUEST'),
    ttl: z.strictObject({ attributeName: text, enabled: z.literal(true) }),
    // What Drydock has not, and what is not used: neither changes what a door reads or writes.
    deletionProtectionEnabled: z.boolean(),
    pointInTimeRecovery: z.strictObject({ enabled: z.boolean() }),
    streamEnabled: z.literal(false),
    globalSecondaryIndexes: z.tuple([]),
    localSecondaryIndexes: z.tuple([]),
  }),
  async ({ name: TableName, attributes, hashKey, rangeKey, billingMode, ttl }, { sdk }) => {
    const dynamodb = new DynamoDB(sdk)
    const { TableDescription } = await dynamodb.createTable({
      TableName,
      AttributeDefinitions: attributes.map(({ name, type }) => ({
        AttributeName: name,
        AttributeType: type,
      })),
      KeySchema: [
        { AttributeName: hashKey, KeyType: 'HASH' },
        { AttributeName: rangeKey, KeyType: 'RANGE' },
      ],
      BillingMode: billingMode,
    })
    const TimeToLiveSpecification = { AttributeName: ttl.attributeName, Enabled: ttl.enabled }
    await dynamodb.updateTimeToLive({ TableName, TimeToLiveSpecification })
    return { arn: TableDescription?.TableArn }
  },
)

const queue = kind(
  z.strictObject({
    name: text,
    delaySeconds: number.default(0),
    messageRetentionSeconds: number,
    redrivePolicy: z.optional(text),
    sqsManagedSseEnabled: z.boolean(),
    visibilityTimeoutSeconds: number.default(30),
    fifoQueue: z.optional(z.literal(false)),
    contentBasedDeduplication: z.optional(z.literal(false)),
  }),
  async (settings, { sdk }) => {
    const sqs = new SQS(sdk)
    const { name: QueueName, redrivePolicy } = settings
    const { QueueUrl } = await sqs.createQueue({
      QueueName,
      Attributes: {
        DelaySeconds: `${settings.delaySeconds}`,
        MessageRetentionPeriod: `${settings.messageRetentionSeconds}`,
        SqsManagedSseEnabled: `${settings.sqsManagedSseEnabled}`,
        VisibilityTimeout: `${settings.visibilityTimeoutSeconds}`,
        ...(redrivePolicy && { RedrivePolicy: redrivePolicy }),
      },
    })
    const { Attributes } = await sqs.getQueueAttributes({ QueueUrl, AttributeNames: ['QueueArn'] })
    return { arn: Attributes?.QueueArn, url: QueueUrl }
  },
)

const queuePolicy = kind(
  z.strictObject({ queueUrl: text, policy: text }),
  async ({ queueUrl, policy }, { sdk }) => {
    await new SQS(sdk).setQueueAttributes({ QueueUrl: queueUrl, Attributes: { Policy: policy } })
    return undefined
  },
)

const bus = kind(z.strictObject({ name: text }), async ({ name: Name }, { sdk }) => {
  const { EventBusArn } = await new EventBridge(sdk).createEventBus({ Name })
  return { arn: EventBusArn }
})

const busPolicy = kind(
  z.strictObject({ eventBusName: text, policy: text }),
  async ({ eventBusName: EventBusName, policy: Policy }, { sdk }) => {
    await new EventBridge(sdk).putPermission({ EventBusName, Policy })
    return undefined
  },
)

const rule = kind(
  z.strictObject({
    name: text,
    eventBusName: z.optional(text),
    description: text,
    eventPattern: z.optional(text),
    scheduleExpression: z.optional(text),
  }),
  async (
    { name: Name, eventBusName, description: Description, eventPattern, scheduleExpression },
    { sdk },
  ) => {
    const { RuleArn } = await new EventBridge(sdk).putRule({
      Name,
      Description,
      ...(eventBusName && { EventBusName: eventBusName }),
      ...(eventPattern && { EventPattern: eventPattern }),
      ...(scheduleExpression && { ScheduleExpression: scheduleExpression }),
    })
    return { arn: RuleArn }
  },
)

const target = kind(
  z.strictObject({
    rule: text,
    eventBusName: z.optional(text),
    targetId: text,
    arn: text,
    roleArn: z.optional(text),
    input: z.optional(text),
    deadLetterConfig: z.strictObject({ arn: text }),
    retryPolicy: z.strictObject({ maximumEventAgeInSeconds: number, maximumRetryAttempts: number }),
  }),
  async (settings, { sdk }) => {
    const { rule: Rule, eventBusName, targetId, arn, deadLetterConfig, retryPolicy } = settings
    const { FailedEntries } = await new EventBridge(sdk).putTargets({
      Rule,
      ...(eventBusName && { EventBusName: eventBusName }),
      Targets: [
        {
          Id: targetId,
          Arn: arn,
          ...(settings.roleArn && { RoleArn: settings.roleArn }),
          ...(settings.input && { Input: settings.input }),
          DeadLetterConfig: { Arn: deadLetterConfig.arn },
          RetryPolicy: {
            MaximumEventAgeInSeconds: retryPolicy.maximumEventAgeInSeconds,
            MaximumRetryAttempts: retryPolicy.maximumRetryAttempts,
          },
        },
      ],
    })
    if (FailedEntries?.length) throw new Error(JSON.stringify(FailedEntries))
    return undefined
  },
)

const lambdaFunction = kind(
  z.strictObject({
    name: text,
    description: text,
    handler: text,
    runtime: z.literal('nodejs24.x'),
    architectures: z.tuple([z.literal('arm64')]),
    role: text,
    timeout: number,
    memorySize: number,
    environment: z.strictObject({ variables: z.record(text, text) }),
    deadLetterConfig: z.optional(z.strictObject({ targetArn: text })),
    ephemeralStorage: z.strictObject({ size: number }),
    loggingConfig: z.strictObject({ logFormat: z.literal('Text'), logGroup: text }),
    tracingConfig: z.strictObject({ mode: z.literal('Active') }),
    packageType: z.literal('Zip'),
    publish: z.literal(false),
    // Where the zip is on AWS.
    s3Bucket: text,
    s3Key: text,
  }),
  async (settings, { artifacts, sdk }, name) => {
    const zip = await readFile(join(artifacts, name.replace(/Function$/, ''), 'code.zip'))
    const { deadLetterConfig, ephemeralStorage, loggingConfig, tracingConfig } = settings
    const { FunctionArn } = await new Lambda(sdk).createFunction({
      FunctionName: settings.name,
      Description: settings.description,
      Handler: settings.handler,
      Runtime: settings.runtime,
      Architectures: settings.architectures,
      Role: settings.role,
      Timeout: settings.timeout,
      MemorySize: settings.memorySize,
      Environment: { Variables: settings.environment.variables },
      ...(deadLetterConfig && { DeadLetterConfig: { TargetArn: deadLetterConfig.targetArn } }),
      EphemeralStorage: { Size: ephemeralStorage.size },
      LoggingConfig: { LogFormat: loggingConfig.logFormat, LogGroup: loggingConfig.logGroup },
      TracingConfig: { Mode: tracingConfig.mode },
      Code: { ZipFile: zip },
    })
    return { arn: FunctionArn }
  },
)

const invokeConfig = kind(
  z.strictObject({ functionName: text, maximumRetryAttempts: number }),
  async ({ functionName, maximumRetryAttempts }, { sdk }) => {
    await new Lambda(sdk).putFunctionEventInvokeConfig({
      FunctionName: functionName,
      MaximumRetryAttempts: maximumRetryAttempts,
    })
    return undefined
  },
)

const permission = kind(
  z.strictObject({ action: text, function: text, principal: text, sourceArn: text }),
  async ({ action, function: FunctionName, principal, sourceArn }, { sdk }, name) => {
    await new Lambda(sdk).addPermission({
      FunctionName,
      StatementId: name,
      Action: action,
      Principal: principal,
      SourceArn: sourceArn,
    })
    return undefined
  },
)

const mapping = kind(
  z.strictObject({
    eventSourceArn: text,
    functionName: text,
    batchSize: number,
    maximumBatchingWindowInSeconds: number,
    scalingConfig: z.strictObject({ maximumConcurrency: number }),
    functionResponseTypes: z.tuple([z.literal('ReportBatchItemFailures')]),
  }),
  async (settings, { sdk }) => {
    await new Lambda(sdk).createEventSourceMapping({
      EventSourceArn: settings.eventSourceArn,
      FunctionName: settings.functionName,
      BatchSize: settings.batchSize,
      MaximumBatchingWindowInSeconds: settings.maximumBatchingWindowInSeconds,
      ScalingConfig: { MaximumConcurrency: settings.scalingConfig.maximumConcurrency },
      FunctionResponseTypes: settings.functionResponseTypes,
    })
    return undefined
  },
)

const logGroup = kind(
  z.strictObject({ name: text, retentionInDays: number }),
  async ({ name: logGroupName, retentionInDays }, { sdk }) => {
    const logs = new CloudWatchLogs(sdk)
    await logs.createLogGroup({ logGroupName })
    await logs.putRetentionPolicy({ logGroupName, retentionInDays })
    const { logGroups } = await logs.describeLogGroups({ logGroupNamePrefix: logGroupName })
    return { arn: logGroups?.find((group) => group.logGroupName === logGroupName)?.logGroupArn }
  },
)

const alarm = kind(
  z.strictObject({
    name: text,
    alarmDescription: text,
    namespace: text,
    metricName: text,
    dimensions: z.record(text, text),
    statistic: z.enum(['Maximum', 'Sum']),
    period: number,
    evaluationPeriods: number,
    threshold: number,
    comparisonOperator: z.enum(['GreaterThanOrEqualToThreshold', 'LessThanThreshold']),
    treatMissingData: text,
    alarmActions: z.array(text),
    okActions: z.array(text),
  }),
  async (settings, { sdk }) => {
    const { dimensions, name, ...rest } = settings
    await new CloudWatch(sdk).putMetricAlarm({
      ...capitalized(rest),
      AlarmName: name,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
    })
    return undefined
  },
)

type Settings = Omit<PutMetricAlarmInput, 'AlarmName' | 'Dimensions'>

/** The provider names its properties as the API does, but for the first letter. */
function capitalized(settings: { readonly [K in keyof Settings as Uncapitalize<K>]: Settings[K] }): Settings {
  return Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [key.slice(0, 1).toUpperCase() + key.slice(1), value]),
  )
}

/** The kinds that are made, by Pulumi's names of them. */
export const kinds: Readonly<Record<string, Make>> = {
  'aws:iam/role:Role': role,
  'aws:dynamodb/table:Table': table,
  'aws:sqs/queue:Queue': queue,
  'aws:sqs/queuePolicy:QueuePolicy': queuePolicy,
  'aws:cloudwatch/eventBus:EventBus': bus,
  'aws:cloudwatch/eventBusPolicy:EventBusPolicy': busPolicy,
  'aws:cloudwatch/eventRule:EventRule': rule,
  'aws:cloudwatch/eventTarget:EventTarget': target,
  'aws:lambda/function:Function': lambdaFunction,
  'aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig': invokeConfig,
  'aws:lambda/permission:Permission': permission,
  'aws:lambda/eventSourceMapping:EventSourceMapping': mapping,
  'aws:cloudwatch/logGroup:LogGroup': logGroup,
  'aws:cloudwatch/metricAlarm:MetricAlarm': alarm,
}
