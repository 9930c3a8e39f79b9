/** Home and the spoke of a place in one Drydock, two accounts in two regions: roles, rules, bus and queues as they stand in the graphs. */
import { EventBridge } from '@aws-sdk/client-eventbridge'
import { IAM } from '@aws-sdk/client-iam'
import { SQS } from '@aws-sdk/client-sqs'
import type { AssumeRoleResponse } from '@aws-sdk/client-sts'
import type { ClientConfig, TestEngine } from '@capstan/drydock/testing.ts'
import { allOf, type Graph } from './graph.ts'
import type { Where } from './pulumi-answers.ts'

/** What SDK clients of an account's root take, in a region. */
export const configOf = ({ config }: TestEngine, { account, region }: Where): ClientConfig => ({
  ...config,
  region,
  credentials: { accessKeyId: account, secretAccessKey: 'x' },
})

/**
 * Makes what events and roles need: of functions nothing, so an event that would call one is a dead letter, with the rule that it came
 * by.
 */
export async function deployPlace(graph: Graph, config: ClientConfig): Promise<void> {
  const [events, iam, sqs] = [new EventBridge(config), new IAM(config), new SQS(config)]
  for (const { name: RoleName, assumeRolePolicy, inlinePolicies } of made(graph, 'Role')) {
    const trust = typeof assumeRolePolicy === 'string' ? assumeRolePolicy : JSON.stringify(assumeRolePolicy)
    await iam.createRole({ RoleName, AssumeRolePolicyDocument: trust })
    for (const { name, policy } of inlinePolicies as { name: string; policy: string }[])
      await iam.putRolePolicy({ RoleName, PolicyName: name, PolicyDocument: policy })
  }
  for (const { name } of made(graph, 'Queue')) await sqs.createQueue({ QueueName: name })
  for (const { name } of made(graph, 'EventBus')) await events.createEventBus({ Name: name })
  for (const { eventBusName, policy } of made(graph, 'EventBusPolicy'))
    await events.putPermission({ EventBusName: eventBusName, Policy: String(policy) })
  for (const { name, eventBusName, eventPattern } of made(graph, 'EventRule'))
    if (eventPattern !== undefined)
      await events.putRule({ Name: name, EventBusName: eventBusName, EventPattern: String(eventPattern) })
  for (const { rule, eventBusName, targetId, arn, roleArn, deadLetterConfig } of made(graph, 'EventTarget')) {
    // Schedules are left out, since no function is there to look at anything.
    if (/reconcile/.test(`${rule}`)) continue
    const DeadLetterConfig = { Arn: (deadLetterConfig as { arn: string }).arn }
    const more = { ...(roleArn !== undefined && { RoleArn: `${roleArn}` }) }
    const target = { Id: `${targetId}`, Arn: `${arn}`, DeadLetterConfig, ...more }
    await events.putTargets({ Rule: `${rule}`, EventBusName: eventBusName, Targets: [target] })
  }
}

type Named = Readonly<Record<string, unknown>> & {
  readonly name?: string
  readonly eventBusName?: string
}

const made = (graph: Graph, kind: string) => [...allOf(graph, kind).values()] as Named[]

/** The messages of a queue: their bodies, and the rule whose event could not be handed over. */
export async function messagesOf(config: ClientConfig, QueueName: string) {
  const sqs = new SQS(config)
  const { QueueUrl } = await sqs.getQueueUrl({ QueueName })
  const receive = { QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] }
  const { Messages = [] } = await sqs.receiveMessage(receive)
  return Messages.map(({ Body = '{}', MessageAttributes }) => ({
    event: JSON.parse(Body) as Record<string, unknown>,
    rule: MessageAttributes?.RULE_ARN?.StringValue,
  }))
}

/** What SDK clients of a function take: credentials of its role, as Lambda takes it on. */
export async function asFunction(
  drydock: TestEngine,
  { account, region }: Where,
  roleName: string,
): Promise<ClientConfig> {
  const input = { RoleArn: `arn:aws:iam::${account}:role/${roleName}`, RoleSessionName: 'door' }
  const service = { name: 'AWS Lambda', principal: 'lambda.amazonaws.com', resourceArn: '' }
  const caller = { accountId: account, region, accessKeyId: account, requestId: '', service }
  await drydock.engine.load('sts')
  const answer = (await drydock.engine.execute('sts', 'AssumeRole', input, caller)) as AssumeRoleResponse
  return { ...configOf(drydock, { account, region }), credentials: credentialsOf(answer) }
}

/** The credentials of a session, as SDK clients take them. */
export function credentialsOf({ Credentials }: AssumeRoleResponse) {
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {}
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken }
}
