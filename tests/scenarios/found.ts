/**
 * What scenarios of discovery need: a fleet with the zone `example.com`, services whose tasks are to be found by name, and
 * discovery's door, which is handed batches of its queue as its event source mapping would.
 */
import {
  type ContainerDefinition,
  CreateServiceCommand,
  DescribeTasksCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  type Task,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs'
import { type Change, type ResourceRecordSet, Route53 } from '@aws-sdk/client-route-53'
import { parseEnvironment } from '@capstan/aws'
import { type CapstanDiscovery, connectDiscovery } from '@capstan/aws/discovery/connect.ts'
import type { CapstanConfig } from '@capstan/core/config.ts'
import type { TestEngineOptions } from '@capstan/drydock/testing.ts'
import { Fleet, type FleetEvent } from './fleet.ts'

export const ZONE = 'example.com'
const BATCH = 10
const SUBNET = { awsvpcConfiguration: { subnets: ['subnet-12345678'] } }

export interface FoundOptions {
  readonly tags?: Readonly<Record<string, string>>
  readonly count?: number
  /** Of the only container, beside its name, image and memory. */
  readonly container?: Partial<ContainerDefinition>
  /** More of what CreateService takes. */
  readonly more?: object
}

/** A record set as scenarios compare it: `A web.example.com 10.0.0.4`, sorted. */
const textOf = ({ Name = '', ResourceRecords = [], Type }: ResourceRecordSet): string =>
  `${Type} ${Name.replace(/\.$/, '')} ${ResourceRecords.map(({ Value }) => Value).join(',')}`

const tagsOf = (tags: Readonly<Record<string, string>> = {}) =>
  Object.entries(tags).map(([key, value]) => ({ key, value }))

export class Found implements AsyncDisposable {
  readonly fleet: Fleet
  readonly route53: Route53
  zoneId = ''
  /** Discovery in the test's own hands. */
  readonly discovery: CapstanDiscovery

  private constructor(fleet: Fleet) {
    this.fleet = fleet
    this.route53 = new Route53(fleet.engine.config)
    this.discovery = this.connect({ services: {} })
  }

  static async start(options: TestEngineOptions = {}): Promise<Found> {
    const found = new Found(await Fleet.start(options))
    found.zoneId = await found.createZone(ZONE)
    return found
  }

  connect(config: CapstanConfig): CapstanDiscovery {
    const variables = {
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: this.fleet.engine.endpoint,
      CAPSTAN_DISCOVERY_QUEUE_URL: process.env.CAPSTAN_DISCOVERY_QUEUE_URL,
    }
    return connectDiscovery({ config, environment: parseEnvironment(variables), now: () => this.fleet.now })
  }

  async createZone(Name: string): Promise<string> {
    const CallerReference = `${Name} ${this.fleet.now}`
    const { HostedZone } = await this.route53.createHostedZone({ Name, CallerReference })
    return (HostedZone?.Id ?? '').replace('/hostedzone/', '')
  }

  /** Registers a revision of `family` with one container. */
  async define(family: string, { container, tags }: FoundOptions = {}): Promise<string> {
    const { taskDefinition } = await this.fleet.ecs.send(
      new RegisterTaskDefinitionCommand({
        family,
        networkMode: 'awsvpc',
        containerDefinitions: [{ name: 'app', image: 'web:1', memory: 128, ...container }],
        ...(tags && { tags: tagsOf(tags) }),
      }),
    )
    return taskDefinition?.taskDefinitionArn ?? ''
  }

  /** A service of the family of its own name. */
  async createService(serviceName: string, options: FoundOptions = {}): Promise<void> {
    const { container, count = 1, more, tags = { 'capstan:dns': `${serviceName}.${ZONE}` } } = options
    await this.define(serviceName, { ...(container && { container }) })
    await this.fleet.ecs.send(
      new CreateServiceCommand({
        serviceName,
        taskDefinition: serviceName,
        desiredCount: count,
        networkConfiguration: SUBNET,
        tags: tagsOf(tags),
        ...more,
      }),
    )
  }

  async runTask(family: string, count = 1): Promise<void> {
    await this.fleet.ecs.send(
      new RunTaskCommand({ taskDefinition: family, count, networkConfiguration: SUBNET }),
    )
  }

  async scale(service: string, desiredCount: number): Promise<void> {
    await this.fleet.ecs.send(new UpdateServiceCommand({ service, desiredCount }))
  }

  /** The tasks that ECS wants to run, or to be stopped. */
  async tasks(desiredStatus: 'RUNNING' | 'STOPPED' = 'RUNNING'): Promise<Task[]> {
    const { taskArns: tasks = [] } = await this.fleet.ecs.send(new ListTasksCommand({ desiredStatus }))
    if (!tasks.length) return []
    return (await this.fleet.ecs.send(new DescribeTasksCommand({ tasks }))).tasks ?? []
  }

  /** Hands the door everything that is in its queue, in batches, until there is nothing left. */
  async deliver(): Promise<void> {
    for (;;) {
      const events = await this.fleet.takeEvents('task-state-changed')
      if (!events.length) return
      await this.hand(events)
    }
  }

  /** Hands the door events in batches; those that it gives back are in the queue again. */
  async hand(events: readonly FleetEvent[]): Promise<void> {
    for (let from = 0; from < events.length; from += BATCH) {
      const Records = events.slice(from, from + BATCH).map((event, index) => {
        return { messageId: `${index}`, body: JSON.stringify(event) }
      })
      const answer = (await this.fleet.wake('task-state-changed', { Records })) as {
        batchItemFailures: { itemIdentifier: string }[]
      }
      for (const { itemIdentifier } of answer.batchItemFailures) {
        const event = events[from + Number(itemIdentifier)]
        if (event) await this.fleet.putEvent('task-state-changed', event)
      }
    }
  }

  /** Plays on in small steps, handing over what comes. */
  async play(seconds: number, step = 1): Promise<void> {
    for (let played = 0; played < seconds; played += step) {
      await this.fleet.advance(`${step}s`)
      await this.deliver()
    }
  }

  /** The sweep, as the schedule wakes it. */
  async sweep(): Promise<void> {
    const event = { id: 'sweep', 'detail-type': 'Scheduled Event', source: 'aws.events' }
    await this.fleet.wake('reconcile-discovery', event)
  }

  /** The record sets of the zone but its own NS and SOA. */
  async recordSets(HostedZoneId = this.zoneId): Promise<ResourceRecordSet[]> {
    const sets: ResourceRecordSet[] = []
    for (let start = {}; ; ) {
      const page = await this.route53.listResourceRecordSets({ HostedZoneId, MaxItems: 300, ...start })
      sets.push(...(page.ResourceRecordSets ?? []))
      if (!page.IsTruncated) return sets.filter(({ Type }) => Type !== 'NS' && Type !== 'SOA')
      start = {
        StartRecordName: page.NextRecordName,
        StartRecordType: page.NextRecordType,
        StartRecordIdentifier: page.NextRecordIdentifier,
      }
    }
  }

  /** The same as lines. */
  async records(zoneId?: string): Promise<string[]> {
    return (await this.recordSets(zoneId)).map(textOf).sort()
  }

  /** What the zone should have for tasks: one A record each. */
  async expected(name: string): Promise<string[]> {
    return (await this.tasks()).map((task) => `A ${name} ${addressOf(task)}`).sort()
  }

  /** Changes the zone as someone else would. */
  async change(Action: Change['Action'], set: ResourceRecordSet): Promise<void> {
    await this.route53.changeResourceRecordSets({
      HostedZoneId: this.zoneId,
      ChangeBatch: { Changes: [{ Action, ResourceRecordSet: set }] },
    })
  }

  /** The ledger's decisions about a service, the oldest first: `kind reason`. */
  async reasons(service: string): Promise<string[]> {
    const entries = await this.fleet.capstan.ledger.listDecisions({ cluster: 'default', service })
    return entries.toReversed().map(({ kind, reason }) => `${kind} ${reason}`)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.fleet[Symbol.asyncDispose]()
  }
}

/** The task's own private address. */
export function addressOf({ attachments = [] }: Task): string {
  const details = attachments.flatMap((attachment) => attachment.details ?? [])
  return details.find(({ name }) => name === 'privateIPv4Address')?.value ?? ''
}
