/** Home and the spoke of a place in one Drydock, two accounts in two regions: roles, rules, bus and queues as they stand in the graphs. */
import { SQS } from '@aws-sdk/client-sqs'
import type { AssumeRoleResponse } from '@aws-sdk/client-sts'
import type { ClientConfig, TestEngine } from '@capstan/drydock/testing.ts'
import { deployGraph } from './deploy-graph.ts'
import type { Evaluated } from './evaluate.ts'
import type { Where } from './pulumi-answers.ts'

/** What SDK clients of an account's root take, in a region. */
export const configOf = ({ config }: TestEngine, { account, region }: Where): ClientConfig => ({
  ...config,
  region,
  credentials: { accessKeyId: account, secretAccessKey: 'x' },
})

/** What events and roles need. Of functions there is nothing, so an event that would call one is a dead letter, with its rule. */
const KINDS = ['Role', 'Queue', 'QueuePolicy', 'EventBus', 'EventBusPolicy', 'EventRule', 'EventTarget']

/** Makes that much of a home or a spoke. */
export async function deployPlace(evaluated: Evaluated, config: ClientConfig, where: Where): Promise<void> {
  const resources = evaluated.graph.resources.filter(({ type }) =>
    KINDS.includes(type.split(':').at(-1) ?? ''),
  )
  const graph = { ...evaluated.graph, resources }
  await deployGraph({ ...evaluated, graph }, config, where.account)
}

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
