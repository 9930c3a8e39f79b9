/**
 * Brings what tasks write to CloudWatch Logs, as the log driver awslogs does. CloudWatch Logs is loaded by the first
 * task that has it.
 */
import type { LogDestination } from '../ecs/effects.ts'
import type { Engine } from '../engine.ts'
import { messageOf } from '../message-of.ts'
import type { Scope } from '../service.ts'
import { runtimeIdOf } from './runtime-id.ts'

export interface TaskLogs {
  /**
   * Makes the stream ready. Throws an Error whose message is what ECS reports as the reason that the container did not
   * start, such as for a group that is not there.
   */
  open(taskArn: string, container: string, scope: Scope, destination: LogDestination): Promise<void>
  /** Takes a line; what a container without a stream writes is not for CloudWatch Logs. */
  write(taskArn: string, container: string, line: string): void
  /** Forgets the streams of a task. What it has written still arrives. */
  close(taskArn: string): void
  /** Forgets all. */
  clear(): void
}

interface Stream {
  readonly scope: Scope
  readonly logGroup: string
  readonly logStream: string
  waiting: { readonly at: number; readonly text: string }[]
}

/** Sends lines in batches: all of one turn of the event loop, so that a flood of lines costs few reports. */
export function taskLogs(engine: Engine, load: () => Promise<void>): TaskLogs {
  const tasks = new Map<string, Map<string, Stream>>()

  const flush = ({ scope, logGroup, logStream, waiting }: Stream) =>
    engine.report('logs', scope, {
      kind: 'written',
      logGroup,
      logStream,
      createsGroup: false,
      events: waiting,
    })

  return {
    async open(taskArn, container, scope, destination) {
      await load()
      const logStream = destination.stream ?? runtimeIdOf(taskArn, container)
      const stream: Stream = {
        scope: { accountId: scope.accountId, region: destination.region },
        logGroup: destination.group,
        logStream,
        waiting: [],
      }
      await createStream(engine, stream, destination.createsGroup)
      const streams = tasks.get(taskArn) ?? new Map<string, Stream>()
      tasks.set(taskArn, streams.set(container, stream))
    },
    write(taskArn, container, line) {
      const stream = tasks.get(taskArn)?.get(container)
      // An event is never empty (API Reference: InputLogEvent).
      if (!stream || line === '') return
      stream.waiting.push({ at: engine.clock.now(), text: line })
      if (stream.waiting.length > 1) return
      setImmediate(() => {
        flush(stream)
        stream.waiting = []
      })
    },
    close: (taskArn) => void tasks.delete(taskArn),
    clear: () => tasks.clear(),
  }
}

async function createStream(
  engine: Engine,
  { scope, logGroup: logGroupName, logStream: logStreamName }: Stream,
  createsGroup: boolean,
): Promise<void> {
  const create = (operation: string, input: object) =>
    engine.call('logs', scope, operation, input).catch((error: Error) => {
      if (error.name !== 'ResourceAlreadyExistsException') throw error
    })
  try {
    if (createsGroup) await create('CreateLogGroup', { logGroupName })
    await create('CreateLogStream', { logGroupName, logStreamName })
  } catch (cause) {
    const name = cause instanceof Error ? cause.name : 'Error'
    throw new Error(
      'ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: ' +
        `failed to create Cloudwatch log stream: ${name}: ${messageOf(cause)} : exit status 1`,
      { cause },
    )
  }
}
