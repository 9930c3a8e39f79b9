/** The actions of EventBridge, Lambda, SQS and DynamoDB (Service Authorization Reference, the page of each). */
import { type ActionRow, passing, type ServiceActions } from './action.ts'

const RULE = 'rule/{@bus}{}'

export const eventsActions: ServiceActions = {
  prefix: 'events',
  arns: 'regional',
  tagging: 'events:TagResource',
  rows: [
    {
      operations: [
        ...['ListEventBuses', 'ListRuleNamesByTarget', 'ListRules', 'TestEventPattern'],
        ...['PutPermission', 'RemovePermission'],
      ],
    },
    {
      operations: ['CreateEventBus', 'DeleteEventBus', 'DescribeEventBus'],
      member: 'Name',
      form: 'event-bus/{}',
      absent: 'default',
    },
    {
      operations: ['DeleteRule', 'DescribeRule', 'DisableRule', 'EnableRule', 'PutRule'],
      member: 'Name',
      form: RULE,
    },
    { operations: ['ListTargetsByRule', 'PutTargets', 'RemoveTargets'], member: 'Rule', form: RULE },
    {
      operations: ['PutEvents'],
      each: 'Entries',
      member: 'EventBusName',
      form: 'event-bus/{}',
      absent: 'default',
      keys: { 'events:source': 'Source', 'events:detail-type': 'DetailType' },
    },
    {
      operations: ['ListTagsForResource', 'TagResource', 'UntagResource'],
      member: 'ResourceARN',
      form: '{}',
    },
    passing(['PutRule'], 'RoleArn', 'events.amazonaws.com'),
    { ...passing(['PutTargets'], 'RoleArn', 'events.amazonaws.com'), each: 'Targets' },
  ],
}

const FUNCTION = { member: 'FunctionName', form: 'function:{}{:|Qualifier}' }
const FUNCTION_KEY = { 'lambda:FunctionArn': 'FunctionName' }

export const lambdaActions: ServiceActions = {
  prefix: 'lambda',
  arns: 'regional',
  tagging: 'lambda:TagResource',
  rows: [
    { operations: ['ListEventSourceMappings', 'ListFunctions'] },
    { operations: ['CreateEventSourceMapping'], keys: FUNCTION_KEY },
    { operations: ['Invoke'], action: 'InvokeFunction', ...FUNCTION },
    {
      operations: [
        'AddPermission',
        'CreateFunction',
        'DeleteFunction',
        'DeleteFunctionConcurrency',
        'DeleteFunctionEventInvokeConfig',
        'GetFunction',
        'GetFunctionCodeSigningConfig',
        'GetFunctionConcurrency',
        'GetFunctionConfiguration',
        'GetFunctionEventInvokeConfig',
        'GetPolicy',
        'ListAliases',
        'ListFunctionEventInvokeConfigs',
        'ListVersionsByFunction',
        'PutFunctionConcurrency',
        'PutFunctionEventInvokeConfig',
        'RemovePermission',
        'UpdateFunctionCode',
        'UpdateFunctionConfiguration',
        'UpdateFunctionEventInvokeConfig',
      ],
      ...FUNCTION,
    },
    {
      operations: ['DeleteEventSourceMapping', 'GetEventSourceMapping', 'UpdateEventSourceMapping'],
      member: 'UUID',
      form: 'event-source-mapping:{}',
    },
    { operations: ['ListTags', 'TagResource', 'UntagResource'], member: 'Resource', form: '{}' },
    passing(['CreateFunction', 'UpdateFunctionConfiguration'], 'Role', 'lambda.amazonaws.com'),
  ],
}

const QUEUE = { member: 'QueueUrl', form: '{}' }

export const sqsActions: ServiceActions = {
  prefix: 'sqs',
  arns: 'regional',
  tagging: 'sqs:TagQueue',
  rows: [
    { operations: ['ListQueues'] },
    { operations: ['CreateQueue', 'GetQueueUrl'], member: 'QueueName', form: '{}' },
    { operations: ['ChangeMessageVisibilityBatch'], action: 'ChangeMessageVisibility', ...QUEUE },
    { operations: ['DeleteMessageBatch'], action: 'DeleteMessage', ...QUEUE },
    { operations: ['SendMessageBatch'], action: 'SendMessage', ...QUEUE },
    {
      operations: [
        'ChangeMessageVisibility',
        'DeleteMessage',
        'DeleteQueue',
        'GetQueueAttributes',
        'ListDeadLetterSourceQueues',
        'ListQueueTags',
        'PurgeQueue',
        'ReceiveMessage',
        'SendMessage',
        'SetQueueAttributes',
        'TagQueue',
        'UntagQueue',
      ],
      ...QUEUE,
    },
  ],
}

/** Developer Guide, IAM and transactions: each item of a transaction needs the permission of its own operation. */
const inTransaction = (operation: string, item: string, action: string): ActionRow => ({
  operations: [operation],
  action,
  each: 'TransactItems',
  member: `${item}.TableName`,
  form: 'table/{}',
  isOptional: true,
})

export const dynamodbActions: ServiceActions = {
  prefix: 'dynamodb',
  arns: 'regional',
  tagging: 'dynamodb:TagResource',
  rows: [
    { operations: ['DescribeEndpoints', 'DescribeLimits', 'ListTables'] },
    {
      operations: ['BatchGetItem', 'BatchWriteItem'],
      member: 'RequestItems.{keys}',
      form: 'table/{}',
    },
    {
      operations: [
        'CreateTable',
        'DeleteItem',
        'DeleteTable',
        'DescribeContinuousBackups',
        'DescribeTable',
        'DescribeTimeToLive',
        'GetItem',
        'PutItem',
        'UpdateContinuousBackups',
        'UpdateItem',
        'UpdateTable',
        'UpdateTimeToLive',
      ],
      member: 'TableName',
      form: 'table/{}',
    },
    { operations: ['Query', 'Scan'], member: 'TableName', form: 'table/{}{/index/|IndexName}' },
    inTransaction('TransactGetItems', 'Get', 'GetItem'),
    inTransaction('TransactWriteItems', 'Put', 'PutItem'),
    inTransaction('TransactWriteItems', 'Update', 'UpdateItem'),
    inTransaction('TransactWriteItems', 'Delete', 'DeleteItem'),
    inTransaction('TransactWriteItems', 'ConditionCheck', 'ConditionCheckItem'),
    {
      operations: ['ListTagsOfResource', 'TagResource', 'UntagResource'],
      member: 'ResourceArn',
      form: '{}',
    },
  ],
}
