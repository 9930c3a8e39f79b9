/**
 * The way of events from their rule to the door, for scenarios: through the test, which hands many of them on twice or thrice,
 * in any order, some when they are old.
 */
import type { Task } from '@aws-sdk/client-ecs'
import type { Message, ReceiveMessageResult } from '@aws-sdk/client-sqs'
import { until } from '../fixtures/program.ts'
import { type Crowd, chunks, isSteady, messagesIn, tasksOf } from './crowd.ts'

/** Of ReceiveMessage and SendMessageBatch. */
const MOST_MESSAGES = 10
/** A busy machine may take this long for what a quiet one does in a minute. */
const PATIENCE_SECONDS = 400

/** Carries events until the fleet is at rest and all of it has been told, and waits until all of that is worked off. */
export async function settle(crowd: Crowd, detour: Detour, services: readonly string[]): Promise<void> {
  const isTold = async () => {
    await detour.carry()
    if (!(await isSteady(crowd, services))) return undefined
    for (const service of services) {
      const tasks = [...(await tasksOf(crowd, service)), ...(await tasksOf(crowd, service, 'STOPPED'))]
      if (!detour.hasTold(tasks)) return undefined
    }
    return true
  }
  await until('all services are steady, and each change of a task has been told', isTold, PATIENCE_SECONDS)
  await detour.flush()
  const isWorkedOff = async () => (await messagesIn(crowd, crowd.queues.read)) === 0 || undefined
  await until('every message is worked off', isWorkedOff, PATIENCE_SECONDS)
}

/** The way of events from the rule to the door. */
export class Detour {
  readonly #crowd: Crowd
  /** How many of the events that come go on at once, in any order. */
  readonly #windowSize: number
  readonly #random: () => number
  #window: string[] = []
  #late: string[] = []
  readonly #told = new Map<string, number>()
  /** How many events have come, and how many messages they have become. */
  readonly counts = { events: 0, messages: 0 }

  constructor(crowd: Crowd, windowSize: number, seed = 1) {
    this.#crowd = crowd
    this.#windowSize = windowSize
    this.#random = randomOf(seed)
  }

  /** Takes the events that have come, and hands them on window by window. */
  async carry(): Promise<void> {
    for (;;) {
      const messages = await this.#receive()
      if (!messages.length) return
      for (const { Body = '' } of messages) this.#take(Body)
      while (this.#window.length >= this.#windowSize)
        await this.#hand(this.#window.splice(0, this.#windowSize))
    }
  }

  /** Hands on all that is left, whatever was held back with it. */
  async flush(): Promise<void> {
    await this.#hand(this.#window.splice(0))
    await this.#send(this.#late.splice(0))
  }

  /** Whether the last change of each task has been told. */
  hasTold(tasks: readonly Task[]): boolean {
    return tasks.every(({ taskArn = '', version = 0 }) => (this.#told.get(taskArn) ?? 0) >= version)
  }

  async #receive(): Promise<Message[]> {
    const QueueUrl = this.#crowd.queues.told
    const input = { QueueUrl, MaxNumberOfMessages: MOST_MESSAGES }
    const { Messages = [] } = (await this.#call('ReceiveMessage', input)) as ReceiveMessageResult
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: `${index}`, ReceiptHandle }))
    if (Messages.length) await this.#call('DeleteMessageBatch', { QueueUrl, Entries })
    return Messages
  }

  /** From inside the engine: tens of thousands of messages would else cost the test as much as the door. */
  #call(operation: string, input: object): Promise<unknown> {
    const scope = { accountId: '123456789012', region: this.#crowd.sdk.region }
    return this.#crowd.drydock.engine.call('sqs', scope, operation, input)
  }

  #take(body: string): void {
    const { detail } = JSON.parse(body) as { detail: { taskArn?: string; version?: number } }
    const { taskArn = '', version = 0 } = detail
    this.#told.set(taskArn, Math.max(version, this.#told.get(taskArn) ?? 0))
    this.#window.push(body)
    this.counts.events += 1
  }

  /** Each third event twice, and one in thirty thrice; each tenth of all comes with the next window, when it is old. */
  async #hand(events: readonly string[]): Promise<void> {
    const copies = events.flatMap((event) => Array<string>(timesOf(this.#random())).fill(event))
    const { late = [], now = [] } = Object.groupBy(copies, () => (this.#random() < 0.1 ? 'late' : 'now'))
    const before = this.#late
    this.#late = late
    await this.#send(shuffled([...before, ...now], this.#random))
  }

  async #send(bodies: readonly string[]): Promise<void> {
    const QueueUrl = this.#crowd.queues.read
    for (const batch of chunks(bodies, MOST_MESSAGES)) {
      const Entries = batch.map((MessageBody, index) => ({ Id: `${index}`, MessageBody }))
      await this.#call('SendMessageBatch', { QueueUrl, Entries })
    }
    this.counts.messages += bodies.length
  }
}

/** Numbers from 0 to less than 1 that look random and repeat (a linear congruential generator, Numerical Recipes). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** By Fisher and Yates. */
function shuffled<T>(list: readonly T[], random: () => number): T[] {
  const all = [...list]
  for (let index = all.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1))
    all.splice(index, 1, ...all.splice(other, 1, ...all.slice(index, index + 1)))
  }
  return all
}

/** How often an event comes, by a number drawn from 0 to 1. */
function timesOf(drawn: number): number {
  if (drawn < 1 / 30) return 3
  return drawn < 1 / 3 ? 2 : 1
}
