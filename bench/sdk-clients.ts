/** The peer of the doors' bundles: the SDK's own clients of what a delivery calls, and nothing else, bundled in the same way. */
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DescribeImagesCommand, ECRClient } from '@aws-sdk/client-ecr'
import { DescribeServicesCommand, ECSClient, UpdateServiceCommand } from '@aws-sdk/client-ecs'
import {
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { DynamoDBDocumentClient, GetCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb'

export const clients = [
  new CloudWatchClient({}),
  DynamoDBDocumentClient.from(new DynamoDBClient({})),
  new ECRClient({}),
  new ECSClient({}),
  new ElasticLoadBalancingV2Client({}),
  new EventBridgeClient({}),
  new SQSClient({}),
]

export const commands = [
  DescribeAlarmsCommand,
  DescribeImagesCommand,
  DescribeServicesCommand,
  DescribeTargetHealthCommand,
  GetCommand,
  PutEventsCommand,
  SendMessageCommand,
  TransactWriteCommand,
  UpdateServiceCommand,
]
