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

export interface InvocationRequest {
  readonly requestId: string
  readonly payload: string
  readonly clientContext?: string
}

/** How an invocation ended. `payload` is JSON text. */
export interface InvocationEnd {
  readonly payload: string
  readonly failed: boolean
}

export interface FunctionEnvironment {
  /** Runs one invocation; never rejects. There must be no other under way. */
  invoke(request: InvocationRequest): Promise<InvocationEnd>
  /** Whether it can take another invocation. */
  isUsable(): boolean
  end(): Promise<void>
}

interface Ending extends InvocationEnd {
  readonly status?: 'timeout' | 'error'
  readonly errorType?: string
  readonly memoryMb?: number
}

/** Starts an environment. Each log entry goes to `log`, without a line break at its end. */
export function startEnvironment(
  spec: FunctionSpec,
  root: string,
  variables: Readonly<Record<string, string>>,
  log: (text: string) => void,
): FunctionEnvironment {
  const startedAt = performance.now()
  const worker = startWorker(spec, root, variables, log)
  let initMs: number | undefined
  let end: ((ending: Ending) => void) | undefined
  let fatal: Extract<WorkerMessage, { kind: 'fatal' }> | undefined
  let outOfMemory = false
  let exitCode: number | undefined
  const ready = Promise.withResolvers<void>()

  worker.on('message', (message: WorkerMessage) => {
    if (message.kind === 'log') log(message.text)
    else if (message.kind === 'fatal') fatal = message
    else if (message.kind === 'ended') end?.(message)
    else ready.resolve()
  })
  worker.on('error', (error: NodeJS.ErrnoException) => {
    outOfMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY'
    if (!outOfMemory) log(String(error.stack ?? error))
  })
  worker.on('exit', (code) => {
    exitCode = code
    ready.resolve()
    end?.(exitOf(code))
  })

  const requestOf = { id: '' }
  function exitOf(code: number): Ending {
    if (fatal) return { payload: fatal.payload, failed: true, status: 'error', errorType: fatal.errorType }
    const how = outOfMemory ? 'signal: killed' : code ? `exit status ${code}` : undefined
    const message = how ? `Runtime exited with error: ${how}` : 'Runtime exited without providing a reason'
    return failure('Runtime.ExitError', `RequestId: ${requestOf.id} Error: ${message}`, 'error')
  }

  async function run(request: InvocationRequest): Promise<Ending> {
    const { promise, resolve } = Promise.withResolvers<Ending>()
    requestOf.id = request.requestId
    end = resolve
    const limitMs = spec.timeoutSeconds * 1000
    let timer = setTimeout(() => resolve(timedOut(request, spec)), INIT_LIMIT_MS + limitMs)
    void ready.promise.then(() => {
      initMs ??= performance.now() - startedAt
      if (exitCode !== undefined) return resolve(exitOf(exitCode))
      clearTimeout(timer)
      timer = setTimeout(() => resolve(timedOut(request, spec)), limitMs)
      worker.postMessage({
        ...request,
        arn: spec.arn,
        deadline: Date.now() + limitMs,
      } satisfies WorkerInvocation)
    })
    const ending = await promise
    clearTimeout(timer)
    end = undefined
    return ending
  }

  return {
    async invoke(request) {
      const cold = initMs === undefined
      worker.ref()
      log(`START RequestId: ${request.requestId} Version: $LATEST`)
      const calledAt = performance.now()
      const ending = limitSize(await run(request))
      const coldMs = cold ? (initMs ?? 0) : 0
      const durationMs = Math.max(performance.now() - Math.max(calledAt, startedAt + coldMs), 0)
      if (ending.status === 'timeout') await worker.terminate()
      logEnd(request.requestId, ending, { durationMs, ...(cold ? { coldMs } : {}) }, spec, log)
      worker.unref()
      return { payload: ending.payload, failed: ending.failed }
    },
    isUsable: () => exitCode === undefined && !fatal,
    async end() {
      await worker.terminate()
    },
  }
}

function startWorker(
  spec: FunctionSpec,
  root: string,
  variables: Readonly<Record<string, string>>,
  log: (text: string) => void,
): Worker {
  const workerData: WorkerStart = { root, handler: spec.handler, runtime: spec.runtime }
  const worker = new Worker(new URL('./function-worker.ts', import.meta.url), {
    workerData,
    env: variables,
    argv: [],
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: spec.memoryMb },
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
  { durationMs, coldMs }: { durationMs: number; coldMs?: number },
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
