/**
 * A stage that runs: its graph deployed into Drydock, where each function has the credentials of its role and policies are enforced,
 * and where time is played. What wakes a function is the stage's own rules, queue and schedules.
 */
import {
  CloudWatch,
  type Dimension,
  type PutMetricAlarmInput,
  type StateValue,
} from '@aws-sdk/client-cloudwatch'
import { DynamoDB } from '@aws-sdk/client-dynamodb'
import { ECR } from '@aws-sdk/client-ecr'
import { ECS } from '@aws-sdk/client-ecs'
import { EventBridge } from '@aws-sdk/client-eventbridge'
import { IAM } from '@aws-sdk/client-iam'
import { SQS } from '@aws-sdk/client-sqs'
import { type Capstan, connect, parseEnvironment } from '@capstan/aws'
import { NAME_PARTITION } from '@capstan/aws/ledger/table.ts'
import {
  type ClientConfig,
  type TestEngine,
  type TestEngineOptions,
  testEngine,
} from '@capstan/drydock/testing.ts'
import { vi } from 'vitest'
import { rules } from '../../functions/rules.ts'
import { putImage } from '../fixtures/image.ts'
import { deployGraph } from './deploy-graph.ts'
import type { Evaluated } from './evaluate.ts'
import { componentOf, type Graph, oneOf } from './graph.ts'
import { allowedTo, documentOf, withoutAny } from './judgements.ts'

/** An event as a queue behind a rule has it. */
export interface SeenEvent {
  readonly source: string
  readonly 'detail-type': string
  readonly resources: string[]
  readonly detail: Readonly<Record<string, unknown>>
}

type OnJudgement = NonNullable<TestEngineOptions['onJudgement']>

export class World {
  readonly drydock: TestEngine
  /** What clients of the account's root take. */
  readonly sdk: ClientConfig
  readonly graph: Graph
  readonly ecs: ECS
  readonly ecr: ECR
  readonly cloudwatch: CloudWatch
  readonly events: EventBridge
  readonly sqs: SQS
  /** Capstan in the test's own hands, to read the ledger. */
  readonly capstan: Capstan
  readonly #scope: { readonly accountId: string; readonly region: string }
  readonly #woken = new Set(rules.map(({ door }) => door))
  #seen: SeenEvent[] = []

  private constructor(drydock: TestEngine, graph: Graph) {
    const region = graph.config['aws:region'] ?? ''
    this.drydock = drydock
    this.graph = graph
    this.sdk = { ...drydock.config, region }
    this.#scope = { accountId: '123456789012', region }
    this.ecs = new ECS(this.sdk)
    this.ecr = new ECR(this.sdk)
    this.cloudwatch = new CloudWatch(this.sdk)
    this.events = new EventBridge(this.sdk)
    this.sqs = new SQS(this.sdk)
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test')
    const CAPSTAN_LEDGER_TABLE = String(oneOf(graph, 'Table', 'LedgerTable').name)
    const variables = { AWS_REGION: region, AWS_ENDPOINT_URL: drydock.endpoint, CAPSTAN_LEDGER_TABLE }
    const now = () => this.now
    this.capstan = connect({ config: { services: {} }, environment: parseEnvironment(variables), now })
  }

  /** Deploys a stage. `onJudgement` is told of all that its roles ask for. */
  static async start(stage: Evaluated, onJudgement: OnJudgement): Promise<World> {
    const drydock = await testEngine({ iam: 'enforce', onJudgement })
    const world = new World(drydock, stage.graph)
    await deployGraph(stage, world.sdk)
    await world.#watchEvents()
    await world.ecs.createCluster({ clusterName: 'default' })
    // A mapping of a queue is enabled after a second.
    await world.advance('5s')
    return world
  }

  get now(): number {
    return this.drydock.engine.clock.now()
  }

  async close(): Promise<void> {
    vi.unstubAllEnvs()
    await this.drydock.close()
  }

  advance(duration: string): Promise<void> {
    return this.drydock.engine.advance(duration)
  }

  /** Resolves when nothing is under way: all events delivered, all functions returned. */
  settle(): Promise<void> {
    return this.drydock.engine.settle()
  }

  /**
   * Has these doors woken from now on, and no others: what others would have been told is lost. A schedule counts from when its
   * rule was enabled, so that of a door which is woken already goes on.
   */
  async only(...doors: readonly string[]): Promise<void> {
    await this.settle()
    for (const { door } of rules) {
      const Name = `capstan-${this.graph.stage}-${door}`
      const [is, should] = [this.#woken.has(door), doors.includes(door)]
      if (should && !is) await this.events.enableRule({ Name })
      if (is && !should) await this.events.disableRule({ Name })
      this.#woken[should ? 'add' : 'delete'](door)
    }
  }

  /** Has every door woken again. */
  async all(): Promise<void> {
    await this.only(...rules.map(({ door }) => door))
  }

  /** Has an AWS service tell something on the default bus: what it has told before, since events may come twice. */
  async tell({ source, 'detail-type': detailType, resources, detail }: SeenEvent): Promise<void> {
    const event = { source, detailType, resources, detail }
    this.drydock.engine.report('events', this.#scope, { kind: 'event', event })
    await this.settle()
  }

  /** The latest event of AWS that `isIt`. Throws where there was none. */
  async latestEvent(isIt: (event: SeenEvent) => boolean): Promise<SeenEvent> {
    await this.settle()
    this.#seen.push(...(await this.take('seen')).map((body) => JSON.parse(body) as SeenEvent))
    const found = this.#seen.findLast(isIt)
    if (!found) throw new Error('There was no such event.')
    return found
  }

  /** Takes the messages out of a queue: their bodies. */
  async take(queueName: string): Promise<string[]> {
    return (await this.takeMessages(queueName)).map(({ Body = '' }) => Body)
  }

  /** What is in the dead-letter queue: `function code`. */
  async deadLetters(): Promise<string[]> {
    const name = String(oneOf(this.graph, 'Queue', 'DeadLettersQueue').name)
    const messages = await this.takeMessages(name)
    return messages.map(({ MessageAttributes: told = {} }) =>
      [told.FUNCTION, told.ERROR_CODE, told.ERROR_MESSAGE].map((one) => one?.StringValue).join(' '),
    )
  }

  async takeMessages(QueueName: string) {
    const { QueueUrl } = await this.sqs.getQueueUrl({ QueueName })
    const taken = []
    for (;;) {
      const asked = { QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] }
      const { Messages = [] } = await this.sqs.receiveMessage(asked)
      if (!Messages.length) return taken
      taken.push(...Messages)
      for (const { ReceiptHandle } of Messages) await this.sqs.deleteMessage({ QueueUrl, ReceiptHandle })
    }
  }

  /** Pushes an image and waits for what comes of it at once; returns its digest. */
  async push(repository: string, tag: string): Promise<string> {
    const digest = await putImage(this.ecr, repository, tag)
    await this.settle()
    return digest
  }

  /** Makes an alarm that keeps the state it is given, and gives it the state OK. */
  async putAlarm(
    AlarmName: string,
    Dimensions: Dimension[],
    more: Partial<PutMetricAlarmInput> = {},
  ): Promise<void> {
    await this.cloudwatch.putMetricAlarm({
      ...{ AlarmName, Dimensions, Namespace: 'Shop', MetricName: 'Errors', Statistic: 'Sum', Period: 60 },
      ...{ EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: 'GreaterThanThreshold' },
      TreatMissingData: 'ignore',
      ...more,
    })
    await this.setAlarm(AlarmName, 'OK')
  }

  async setAlarm(AlarmName: string, StateValue: StateValue): Promise<void> {
    await this.cloudwatch.setAlarmState({ AlarmName, StateValue, StateReason: `It is ${StateValue} now.` })
    await this.settle()
  }

  /** Counts as CloudWatch would have them of AWS's own services, now. */
  async measure(
    namespace: string,
    name: string,
    dimensions: Readonly<Record<string, string>>,
    count: number,
  ) {
    await this.drydock.engine.load('cloudwatch')
    const samples = [{ value: 1, count }]
    const metrics = [{ name, dimensions, at: this.now, unit: 'Count', samples }]
    this.drydock.engine.report('cloudwatch', this.#scope, { kind: 'metrics', namespace, metrics })
  }

  /** The images that a service is set to run, and how its latest deployment stands. */
  async serviceNow(service: string) {
    const { services } = await this.ecs.describeServices({ services: [service] })
    const primary = services?.[0]?.deployments?.find(({ status }) => status === 'PRIMARY')
    const { taskDefinition } = await this.ecs.describeTaskDefinition({
      taskDefinition: primary?.taskDefinition,
    })
    return {
      image: taskDefinition?.containerDefinitions?.[0]?.image?.replace(/^[^@]*@/, '') ?? '',
      rolloutState: primary?.rolloutState,
    }
  }

  /** The ledger's story of a service: its record, and `decision reason`, the oldest first. */
  async story(service: string) {
    const key = { cluster: 'default', service }
    const { ledger } = this.capstan
    const [record, decisions] = await Promise.all([ledger.getService(key), ledger.listDecisions(key, 1000)])
    return { record, reasons: decisions.toReversed().map(({ kind, reason }) => `${kind} ${reason}`) }
  }

  /** The names that discovery remembers, as rows of the ledger have them. */
  async names(): Promise<string[]> {
    const { Items = [] } = await new DynamoDB(this.sdk).query({
      TableName: String(oneOf(this.graph, 'Table', 'LedgerTable').name),
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: NAME_PARTITION } },
    })
    return Items.map(({ sk }) => sk?.S ?? '')
  }

  /** Takes an action out of a door's role while `work` is done. */
  async lacking(door: string, action: string, work: () => Promise<void>): Promise<void> {
    const role = `${componentOf(door)}Role`
    const { name, inlinePolicies } = oneOf(this.graph, 'Role', role)
    const [inline] = inlinePolicies as { readonly name: string }[]
    const policy = { RoleName: String(name), PolicyName: inline?.name }
    const iam = new IAM(this.sdk)
    const statements = allowedTo(this.graph, role)
    await iam.putRolePolicy({ ...policy, PolicyDocument: documentOf(withoutAny(statements, action)) })
    try {
      await work()
    } finally {
      await iam.putRolePolicy({ ...policy, PolicyDocument: documentOf(statements) })
    }
  }

  /** Keeps every event of AWS, to be told again. */
  async #watchEvents(): Promise<void> {
    const { QueueUrl } = await this.sqs.createQueue({ QueueName: 'seen' })
    const { Attributes } = await this.sqs.getQueueAttributes({ QueueUrl, AttributeNames: ['QueueArn'] })
    await this.events.putRule({ Name: 'seen', EventPattern: '{"source":[{"prefix":"aws."}]}' })
    await this.events.putTargets({ Rule: 'seen', Targets: [{ Id: 'queue', Arn: Attributes?.QueueArn }] })
  }
}
