/** Discovery's own SDK clients: a door of deliveries carries none of Route 53, and one of discovery no ECR or CloudWatch. */
import { EC2Client } from '@aws-sdk/client-ec2'
import { ECSClient } from '@aws-sdk/client-ecs'
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2'
import { Route53Client } from '@aws-sdk/client-route-53'
import { ServiceDiscoveryClient } from '@aws-sdk/client-servicediscovery'
import type { SQSClient } from '@aws-sdk/client-sqs'
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { type CallCounts, createQueueClient, createTableClient, optionsFor, watch } from '../clients.ts'
import type { Environment } from '../environment.ts'

export interface DiscoveryClients {
  readonly route53: Route53Client
  /** Cloud Map. */
  readonly discovery: ServiceDiscoveryClient
  readonly ec2: EC2Client
  readonly ecs: ECSClient
  readonly elb: ElasticLoadBalancingV2Client
  readonly dynamodb: DynamoDBDocumentClient
  readonly sqs: SQSClient
  /** Of all of them. */
  readonly calls: CallCounts
}

/**
 * Makes the clients of one environment. Calls of Route 53 and Cloud Map are each one request, counted: `patiently` makes
 * them again, which knows until when, and that others write too. The SDK would make three requests of each call within
 * a second, against a limit that is the whole account's, and `retryMode: 'adaptive'` learns a rate for one client in one
 * process, which other processes use up, and sleeps for as long as that takes, whatever the deadline.
 */
export function createDiscoveryClients(environment: Environment): DiscoveryClients {
  const options = optionsFor(environment)
  const calls: CallCounts = {}
  const clients = {
    route53: new Route53Client({ ...options, maxAttempts: 1 }),
    discovery: new ServiceDiscoveryClient({ ...options, maxAttempts: 1 }),
    ec2: new EC2Client(options),
    ecs: new ECSClient(options),
    elb: new ElasticLoadBalancingV2Client(options),
  }
  clients.route53.middlewareStack.use(watch(calls))
  clients.discovery.middlewareStack.use(watch(calls))
  clients.ec2.middlewareStack.use(watch(calls))
  clients.ecs.middlewareStack.use(watch(calls))
  clients.elb.middlewareStack.use(watch(calls))
  const others = {
    dynamodb: createTableClient(environment, calls),
    sqs: createQueueClient(environment, calls),
  }
  return { ...clients, ...others, calls }
}
