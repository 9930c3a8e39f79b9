/**
 * A fleet for scenarios: services on an engine with a virtual clock, Capstan's real doors, and its real ledger. Events
 * reach no door by themselves: the rules of `functions/rules.ts` put them into queues, and a scenario hands them over
 * as it likes, so it can lose, double, delay and reorder them.
 */
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { CreateRepositoryCommand, ECRClient } from '@aws-sdk/client-ecr'
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
} from '@aws-sdk/client-ecs'
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge'
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { type Capstan, connect, type Effect, parseEnvironment, tableDefinition } from '@capstan/aws'
import type { CapstanConfig } from '@capstan/core/config.ts'
import { decideDelivery } from '@capstan/core/delivery.ts'
import { type TestEngine, type TestEngineOptions, testEngine } from '@capstan/drydock/testing.ts'
import { vi } from 'vitest'
import { type Rule, rules } from '../../functions/rules.ts'
import { type ImageOptions, putImage } from '../fixtures/image.ts'

/** In the order in which events are handed over. */
export const EVENT_DOORS = [
  'image-pushed',
  'deployment-state-changed',
  'alarm-state-changed',
  'task-stopped',
  'tags-changed',
] as const
/** The doors that events wake; those that reconcile are woken by time, and discovery's reads from its queue. */
export type Door = (typeof EVENT_DOORS)[number] | 'reconcile' | 'task-state-changed' | 'reconcile-discovery'
/** An event, as EventBridge hands it to a function. */
export type FleetEvent = Readonly<Record<string, unknown>>
type Handler = (event: unknown, context: unknown) => Promise<unknown>

/** One container of a service: the repository and the tag that it starts with. */
export interface ContainerOptions {
  readonly name?: string
  readonly image: string
  readonly environment?: Readonly<Record<string, string>>
  /** The port behind a load balancer; the task then has an address of its own. */
  readonly port?: number
}

export interface ServiceOptions {
  readonly tags?: Readonly<Record<string, string>>
  readonly containers?: readonly ContainerOptions[]
  /** Adds the deployment circuit breaker, with rollback. */
  readonly circuitBreaker?: boolean
}

/** A dead letter, as a person finds it in the queue. */
export interface DeadLetter {
  readonly event: unknown
  readonly code: string | undefined
  readonly reason: string | undefined
  readonly function: string | undefined
}

const CLUSTER = 'default'
const LEDGER = 'capstan-ledger'

const tagsOf = (tags: Readonly<Record<string, string>>) =>
  Object.entries(tags).map(([key, value]) => ({ key, value }))

export class Fleet implements AsyncDisposable {
  readonly engine: TestEngine
  readonly ecs: ECSClient
  readonly ecr: ECRClient
  readonly #sqs: SQSClient
  #queues: Readonly<Record<string, string>> = {}
  #handlers = new Map<Door, Handler>()
  /** Capstan in the test's own hands, to read the ledger and to apply effect by effect. */
  readonly capstan: Capstan

  private constructor(engine: TestEngine) {
    this.engine = engine
    this.ecs = new ECSClient(engine.config)
    this.ecr = new ECRClient(engine.config)
    this.#sqs = new SQSClient(engine.config)
    this.capstan = this.connect({ services: {} })
  }

  /** A connection of its own, with the settings of a config file. */
  connect(config: CapstanConfig): Capstan {
    const variables = { AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL: this.engine.endpoint }
    return connect({ config, environment: parseEnvironment(variables), now: () => this.now })
  }

  /** Starts an engine and puts ledger, queues and rules into it. */
  static async start(options: TestEngineOptions = {}): Promise<Fleet> {
    const fleet = new Fleet(await testEngine(options))
    await new DynamoDBClient(fleet.engine.config).send(
      new CreateTableCommand({ TableName: LEDGER, ...tableDefinition }),
    )
    await fleet.ecs.send(new CreateClusterCommand({ clusterName: CLUSTER }))
    const names = ['dead-letters', ...rules.map(({ door }) => door)]
    const urls = await Promise.all(names.map((name) => fleet.#createQueue(name)))
    fleet.#queues = Object.fromEntries(names.map((name, index) => [name, urls[index] ?? '']))
    for (const rule of rules) await fleet.#createRule(rule)
    vi.useFakeTimers({ toFake: ['Date'], now: fleet.now })
    fleet.#setEnvironment()
    fleet.coldStart()
    return fleet
  }

  /** A fleet with the repository `web`, its image 1.0.0, and the service `web` on `semver:1.x`, seen and steady. */
  static async withWeb({
    circuitBreaker = false,
    tags = {},
  } = {}): Promise<Fleet & { readonly uri: string }> {
    const fleet = await Fleet.start()
    const uri = await fleet.createRepository('web')
    await fleet.push('web', '1.0.0')
    await fleet.createService('web', {
      tags: { 'capstan:track': 'semver:1.x', ...tags },
      containers: [{ image: `${uri}:1.0.0` }],
      circuitBreaker,
    })
    await fleet.settle()
    return Object.assign(fleet, { uri })
  }

  get now(): number {
    return this.engine.engine.clock.now()
  }

  /** Forgets the doors: the next event finds new ones, without anything in memory. */
  coldStart(): void {
    vi.resetModules()
    this.#handlers = new Map()
  }

  async createRepository(repositoryName: string): Promise<string> {
    const { repository } = await this.ecr.send(new CreateRepositoryCommand({ repositoryName }))
    return repository?.repositoryUri ?? ''
  }

  /** Pushes an image, in the moment that the clock shows, and returns its digest. */
  push(repository: string, tag: string, options?: ImageOptions): Promise<string> {
    return putImage(this.ecr, repository, tag, options)
  }

  /** Creates a service of one task, with the family of its own name. */
  async createService(serviceName: string, options: ServiceOptions): Promise<void> {
    const { tags = {}, containers = [], circuitBreaker = false } = options
    await this.registerTaskDefinition(serviceName, containers)
    await this.ecs.send(
      new CreateServiceCommand({
        cluster: CLUSTER,
        serviceName,
        taskDefinition: serviceName,
        desiredCount: 1,
        tags: tagsOf(tags),
        ...(circuitBreaker && {
          deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
        }),
      }),
    )
  }

  /** Registers a revision of the family `family`, as someone else than Capstan would. */
  async registerTaskDefinition(
    family: string,
    containers: readonly ContainerOptions[],
    tags: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const containerDefinitions = containers.map(({ name = 'app', image, environment = {}, port }) => ({
      name,
      image,
      memory: 128,
      environment: Object.entries(environment).map(([key, value]) => ({ name: key, value })),
      ...(port !== undefined && { portMappings: [{ containerPort: port }] }),
    }))
    const isBalanced = containers.some(({ port }) => port !== undefined)
    const tagList = tagsOf(tags)
    const { taskDefinition } = await this.ecs.send(
      new RegisterTaskDefinitionCommand({
        family,
        containerDefinitions,
        ...(isBalanced && { networkMode: 'awsvpc' as const }),
        ...(tagList.length && { tags: tagList }),
      }),
    )
    return taskDefinition?.taskDefinitionArn ?? ''
  }

  /** Plays engine time, and the doors' with it. */
  async advance(duration: string): Promise<void> {
    await this.engine.engine.advance(duration)
    vi.setSystemTime(this.now)
  }

  /** Takes the events out of a door's queue, oldest first: whoever takes them decides what becomes of them. */
  async takeEvents(door: Door): Promise<FleetEvent[]> {
    await this.engine.engine.settle()
    const bodies = await this.#receiveAll(door)
    return bodies.map(({ Body = '{}' }) => JSON.parse(Body) as FleetEvent)
  }

  /** Puts an event into a door's queue. */
  async putEvent(door: Door, event: FleetEvent): Promise<void> {
    const QueueUrl = this.#queues[door]
    await this.#sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(event) }))
  }

  /** Wakes a door with an event. Resolves and rejects as the function would, for Lambda to try again. */
  async wake(door: Door, event: unknown): Promise<unknown> {
    const handler = await this.#handlerOf(door)
    const getRemainingTimeInMillis = () => 30_000
    const context = { functionName: door, awsRequestId: `${door}-${this.now}`, memoryLimitInMB: '256' }
    return handler(event, { ...context, getRemainingTimeInMillis })
  }

  /** Looks at `web`, decides and applies as a door does, but ends after `count` effects, as a killed process does. */
  async dieAfter(count: number): Promise<Effect[]> {
    const [observation] = await this.capstan.observePush('web')
    if (observation?.kind !== 'seen') throw new Error('The service was not seen')
    const effects = this.capstan.effects(observation.view, decideDelivery(observation.view, this.now))
    const done: Effect[] = []
    while (done.length < count) {
      const step = await effects.next()
      if (step.done) break
      done.push(step.value)
    }
    return done
  }

  /** The sweep, as the schedule wakes it. */
  async sweep(): Promise<void> {
    await this.wake('reconcile', { id: 'sweep', 'detail-type': 'Scheduled Event', source: 'aws.events' })
  }

  /** Hands over every event of the given doors in turn, until there is none left. */
  async deliverEvents(doors: readonly Door[] = EVENT_DOORS) {
    for (let handed = -1; handed !== 0; ) {
      handed = 0
      for (const door of doors) {
        for (const event of await this.takeEvents(door)) {
          await this.wake(door, event)
          handed += 1
        }
      }
    }
  }

  /** Plays on, with a sweep each minute, until deployments have had time to complete. */
  async settle(): Promise<void> {
    for (let minute = 0; minute < 3; minute++) {
      await this.deliverEvents()
      await this.advance('60s')
      await this.deliverEvents()
      await this.sweep()
    }
  }

  /** What a service is set to run, by container, and the deployments that ECS lists for it. */
  async serviceNow(service: string) {
    const { services } = await this.ecs.send(
      new DescribeServicesCommand({ cluster: CLUSTER, services: [service] }),
    )
    const deployments = services?.[0]?.deployments ?? []
    const primary = deployments.find(({ status }) => status === 'PRIMARY')
    const { taskDefinition } = await this.ecs.send(
      new DescribeTaskDefinitionCommand({ taskDefinition: primary?.taskDefinition }),
    )
    const images = (taskDefinition?.containerDefinitions ?? []).map(({ name = '', image = '' }) => [
      name,
      image,
    ])
    return {
      images: Object.fromEntries(images) as Record<string, string>,
      revision: taskDefinition?.revision,
      rolloutState: primary?.rolloutState,
      deployments: deployments.length,
    }
  }

  /** The environment of a service's only container. */
  async environmentOf(service: string): Promise<Record<string, string>> {
    const { services } = await this.ecs.send(new DescribeServicesCommand({ services: [service] }))
    const { taskDefinition } = await this.ecs.send(
      new DescribeTaskDefinitionCommand({ taskDefinition: services?.[0]?.taskDefinition }),
    )
    const environment = taskDefinition?.containerDefinitions?.[0]?.environment ?? []
    return Object.fromEntries(environment.map(({ name = '', value = '' }) => [name, value]))
  }

  /** The ledger's story of a service, oldest first: `deployment state` and `decision reason`. */
  async story(service: string) {
    const key = { cluster: CLUSTER, service }
    const [deployments, decisions, record] = await Promise.all([
      this.capstan.ledger.listDeployments(key),
      this.capstan.ledger.listDecisions(key),
      this.capstan.ledger.getService(key),
    ])
    return {
      record,
      deployments: deployments.toReversed(),
      decisions: decisions.toReversed(),
      states: deployments.toReversed().map(({ state }) => state),
      reasons: decisions.toReversed().map(({ kind, reason }) => `${kind} ${reason}`),
    }
  }

  async deadLetters(): Promise<DeadLetter[]> {
    return (await this.#receiveAll('dead-letters')).map(({ Body = '', MessageAttributes = {} }) => ({
      event: JSON.parse(Body) as unknown,
      code: MessageAttributes.ERROR_CODE?.StringValue,
      reason: MessageAttributes.ERROR_MESSAGE?.StringValue,
      function: MessageAttributes.FUNCTION?.StringValue,
    }))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    vi.useRealTimers()
    vi.unstubAllEnvs()
    await this.engine.close()
  }

  async #handlerOf(door: Door): Promise<Handler> {
    const known = this.#handlers.get(door)
    if (known) return known
    const module = (await import(`../../functions/${door}.ts`)) as { handler: Handler }
    this.#handlers.set(door, module.handler)
    return module.handler
  }

  /** What a function is given by its configuration, and what keeps its log out of the test's. */
  #setEnvironment(): void {
    vi.stubEnv('AWS_ENDPOINT_URL', this.engine.endpoint)
    vi.stubEnv('AWS_REGION', 'us-east-1')
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test')
    vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'capstan-door')
    vi.stubEnv('CAPSTAN_LEDGER_TABLE', LEDGER)
    vi.stubEnv('CAPSTAN_DEAD_LETTER_QUEUE_URL', this.#queues['dead-letters'] ?? '')
    vi.stubEnv('CAPSTAN_DISCOVERY_QUEUE_URL', this.#queues['task-state-changed'] ?? '')
    vi.stubEnv('POWERTOOLS_LOG_LEVEL', 'SILENT')
    vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'true')
  }

  async #createQueue(QueueName: string): Promise<string> {
    const { QueueUrl = '' } = await this.#sqs.send(new CreateQueueCommand({ QueueName }))
    return QueueUrl
  }

  async #createRule(rule: Rule): Promise<void> {
    if (!('pattern' in rule)) return
    const events = new EventBridgeClient(this.engine.config)
    const { Attributes } = await this.#sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: this.#queues[rule.door], AttributeNames: ['QueueArn'] }),
    )
    const EventPattern = JSON.stringify(rule.pattern)
    await events.send(new PutRuleCommand({ Name: rule.door, EventPattern }))
    const target = { Id: 'queue', Arn: Attributes?.QueueArn }
    await events.send(new PutTargetsCommand({ Rule: rule.door, Targets: [target] }))
  }

  async #receiveAll(queue: string) {
    const QueueUrl = this.#queues[queue]
    const receive = { QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] }
    const all = []
    for (;;) {
      const { Messages = [] } = await this.#sqs.send(new ReceiveMessageCommand(receive))
      if (!Messages.length) return all
      all.push(...Messages)
      for (const { ReceiptHandle } of Messages) {
        await this.#sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }))
      }
    }
  }
}
