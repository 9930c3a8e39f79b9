/**
 * One execution environment of a function, seen from outside: a worker thread that takes one invocation at a time, its
 * start, its time limit, and the many ways in which it can end.
 */
import { Worker } from 'node:worker_threads'
import type { FunctionSpec } from '../lambda/effects.ts'
import type { WorkerInvocation, WorkerMessage, WorkerStart } from './function-worker.ts'

/** Developer Guide, Lambda execution environment lifecycle: "The Init phase is limited to 10 seconds". */
const INIT_LIMIT_MS = 10_000
/** Lambda quotas: the response of a synchronous invocation. */
const LARGEST_RESPONSE_BYTES = 6 * 1024 * 1024
/** How much of the log of one invocation is kept for its caller, in characters: the last 4 KB are shown. */
const LONGEST_LOG = 4096

export interface InvocationRequest {
  readonly requestId: string
  readonly payload: string
  readonly clientContext?: string
}

/** How an invocation ended. `payload` is JSON text. */
export interface InvocationEnd {
  readonly payload: string
  readonly failed: boolean
  /** The end of what was logged since the environment's start or its last invocation. */
  readonly log: string
}

interface Ending extends Omit<InvocationEnd, 'log'> {
  readonly status?: 'timeout' | 'error'
  readonly errorType?: string
  readonly memoryMb?: number
}

type Fatal = Extract<WorkerMessage, { kind: 'fatal' }>

/**
 * A worker thread with a handler. Starts at once; `log` is told each entry, without a line break at its end. `now` tells the
 * engine's time (ms), where it is not the machine's.
 */
export class FunctionEnvironment {
  readonly #spec: FunctionSpec
  readonly #tell: (text: string) => void
  readonly #now: () => number | undefined
  #logged = ''
  readonly #worker: Worker
  readonly #startedAt = performance.now()
  /** Settled when the handler is loaded, or the worker has ended before that. */
  readonly #initialized = Promise.withResolvers<void>()
  #initMs: number | undefined
  #requestId = ''
  #end: ((ending: Ending) => void) | undefined
  #fatal: Fatal | undefined
  #outOfMemory = false
  #exitCode: number | undefined

  constructor(
    spec: FunctionSpec,
    root: string,
    variables: Readonly<Record<string, string>>,
    log: (text: string) => void,
    now: () => number | undefined,
  ) {
    this.#spec = spec
    this.#tell = log
    this.#now = now
    const start = { root, handler: spec.handler, runtime: spec.runtime, ...this.#clock() }
    this.#worker = startWorker(start, spec.memoryMb, variables, (text) => this.#log(text))
    this.#worker.on('message', (message: unknown) => {
      // A library that finds itself in a worker may have something to say to whoever it thinks has started it.
      if (isOurs(message)) this.#hear(message)
    })
    this.#worker.on('error', (error: NodeJS.ErrnoException) => {
      this.#outOfMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY'
      if (!this.#outOfMemory) this.#log(String(error.stack ?? error))
    })
    this.#worker.on('exit', (code) => {
      this.#exitCode = code
      this.#initialized.resolve()
      this.#end?.(this.#exit(code))
    })
  }

  /** Whether it can take another invocation. */
  get isUsable(): boolean {
    return this.#exitCode === undefined && !this.#fatal
  }

  /** Runs one invocation; never rejects. There must be no other under way. */
  async invoke(request: InvocationRequest): Promise<InvocationEnd> {
    this.#requestId = request.requestId
    this.#worker.ref()
    const isCold = this.#initMs === undefined
    await this.#initialize()
    this.#log(`START RequestId: ${request.requestId} Version: $LATEST`)
    const startedAt = performance.now()
    const ending = limitSize(await this.#run(request))
    const durationMs = performance.now() - startedAt
    if (ending.status === 'timeout') await this.#worker.terminate()
    const coldMs = isCold ? (this.#initMs ?? INIT_LIMIT_MS) : undefined
    logEnd(request.requestId, ending, { durationMs, coldMs }, this.#spec, (text) => this.#log(text))
    this.#worker.unref()
    const log = this.#logged
    this.#logged = ''
    return { payload: ending.payload, failed: ending.failed, log }
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }

  #log(text: string): void {
    this.#logged = `${this.#logged}${text}\n`.slice(-LONGEST_LOG)
    this.#tell(text)
  }

  #hear(message: WorkerMessage): void {
    if (message.kind === 'log') this.#log(message.text)
    else if (message.kind === 'fatal') this.#fatal = message
    else if (message.kind === 'ended') this.#end?.(message)
    else this.#initialized.resolve()
  }

  /** Waits for the handler, but no longer than Lambda: what is then still loading counts against the invocation. */
  async #initialize(): Promise<void> {
    if (this.#initMs !== undefined) return
    const limit = Promise.withResolvers<void>()
    const timer = setTimeout(limit.resolve, INIT_LIMIT_MS)
    await Promise.race([this.#initialized.promise, limit.promise])
    clearTimeout(timer)
    this.#initMs = performance.now() - this.#startedAt
  }

  async #run(request: InvocationRequest): Promise<Ending> {
    if (this.#exitCode !== undefined) return this.#exit(this.#exitCode)
    const { promise, resolve } = Promise.withResolvers<Ending>()
    this.#end = resolve
    const limitMs = this.#spec.timeoutSeconds * 1000
    const timer = setTimeout(() => resolve(timedOut(request, this.#spec)), limitMs)
    const deadline = Date.now() + limitMs
    const invocation: WorkerInvocation = { ...request, arn: this.#spec.arn, deadline, ...this.#clock() }
    this.#worker.postMessage(invocation)
    const ending = await promise
    clearTimeout(timer)
    this.#end = undefined
    return ending
  }

  #clock(): { now?: number } {
    const now = this.#now()
    return now === undefined ? {} : { now }
  }

  #exit(code: number): Ending {
    if (this.#fatal) {
      const { payload, errorType } = this.#fatal
      return { payload, failed: true, status: 'error', errorType }
    }
    const how = this.#outOfMemory ? 'signal: killed' : code ? `exit status ${code}` : undefined
    const message = how ? `Runtime exited with error: ${how}` : 'Runtime exited without providing a reason'
    return failure('Runtime.ExitError', `RequestId: ${this.#requestId} Error: ${message}`, 'error')
  }
}

const isOurs = (message: unknown): message is WorkerMessage =>
  typeof message === 'object' &&
  message !== null &&
  'kind' in message &&
  ['ready', 'log', 'fatal', 'ended'].includes(String(message.kind))

function startWorker(
  workerData: WorkerStart,
  memoryMb: number,
  variables: Readonly<Record<string, string>>,
  log: (text: string) => void,
): Worker {
  const worker = new Worker(new URL('./function-worker.ts', import.meta.url), {
    workerData,
    env: variables,
    argv: [],
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: memoryMb },
  })
  // The worker sends what its code writes as messages; here arrives only what Node itself has to say.
  for (const stream of [worker.stdout, worker.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => log(text.replace(/\n$/, '')))
  }
  return worker
}

function failure(errorType: string, errorMessage: string, status: 'timeout' | 'error'): Ending {
  return { payload: JSON.stringify({ errorType, errorMessage }), failed: true, status, errorType }
}

function timedOut({ requestId }: InvocationRequest, { timeoutSeconds }: FunctionSpec): Ending {
  const message = `RequestId: ${requestId} Error: Task timed out after ${timeoutSeconds.toFixed(2)} seconds`
  return failure('Sandbox.Timedout', message, 'timeout')
}

function limitSize(ending: Ending): Ending {
  const size = Buffer.byteLength(ending.payload)
  if (size <= LARGEST_RESPONSE_BYTES) return ending
  const message = `Response payload size exceeded maximum allowed payload size (${LARGEST_RESPONSE_BYTES} bytes).`
  return failure('Function.ResponseSizeTooLarge', message, 'error')
}

/** Lambda's own lines after an invocation; all numbers are measured. */
function logEnd(
  requestId: string,
  ending: Ending,
  { durationMs, coldMs }: { durationMs: number; coldMs: number | undefined },
  spec: FunctionSpec,
  log: (text: string) => void,
): void {
  if (ending.status === 'timeout') {
    log(
      `${new Date().toISOString()} ${requestId} Task timed out after ${spec.timeoutSeconds.toFixed(2)} seconds`,
    )
  }
  if (ending.errorType === 'Runtime.ExitError')
    log((JSON.parse(ending.payload) as { errorMessage: string }).errorMessage)
  log(`END RequestId: ${requestId}`)
  const fields = [
    `REPORT RequestId: ${requestId}`,
    `Duration: ${durationMs.toFixed(2)} ms`,
    `Billed Duration: ${Math.ceil(durationMs + (coldMs ?? 0))} ms`,
    `Memory Size: ${spec.memoryMb} MB`,
    ...(ending.memoryMb === undefined ? [] : [`Max Memory Used: ${ending.memoryMb} MB`]),
    ...(coldMs === undefined ? [] : [`Init Duration: ${coldMs.toFixed(2)} ms`]),
    ...(ending.status ? [`Status: ${ending.status}`] : []),
    ...(ending.status === 'error' && ending.errorType ? [`Error Type: ${ending.errorType}`] : []),
  ]
  log(fields.join('\t'))
}
