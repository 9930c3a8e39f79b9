/**
 * The inside of an execution environment: loads a handler in a worker thread and runs one invocation after the other,
 * with the console, errors and exits of Lambda's Node.js runtime. It knows nothing of the engine but its messages.
 */
import { existsSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { format } from 'node:util'
import { getHeapStatistics } from 'node:v8'
import { parentPort, workerData } from 'node:worker_threads'
import { machineNow, showTime } from './function-clock.ts'

/** What the worker is started with. */
export interface WorkerStart {
  /** The engine's time (ms since the epoch), where it is not the machine's. */
  readonly now?: number
  readonly root: string
  readonly handler: string
  readonly runtime: string
}

/** One invocation, as the worker is given it. `payload` is JSON text; `deadline` in milliseconds since the epoch, of the machine. */
export interface WorkerInvocation {
  /** As in `WorkerStart`. */
  readonly now?: number
  readonly requestId: string
  readonly payload: string
  readonly deadline: number
  readonly arn: string
  readonly clientContext?: string
}

/** What the worker says. After `fatal` it ends. */
export type WorkerMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'log'; readonly text: string }
  | { readonly kind: 'ended'; readonly payload: string; readonly failed: boolean; readonly memoryMb: number }
  | { readonly kind: 'fatal'; readonly payload: string; readonly errorType: string }

type Handler = (
  event: unknown,
  context: object,
  callback?: (error: unknown, value?: unknown) => void,
) => unknown

/** Extensions in the order of the runtime's search; `.ts` runs with its types stripped, which is this engine's own. */
const EXTENSIONS = ['', '.js', '.mjs', '.cjs', '.ts', '.mts']
const LEVELS = {
  trace: 'TRACE',
  debug: 'DEBUG',
  info: 'INFO',
  log: 'INFO',
  warn: 'WARN',
  error: 'ERROR',
} as const

/** An error of the runtime's own, named as Lambda names it. */
class RuntimeError extends Error {
  constructor(type: string, message: string, stack?: string) {
    super(message)
    this.name = `Runtime.${type}`
    if (stack !== undefined) this.stack = stack
  }
}

let requestId: string | undefined

const say = (message: WorkerMessage) => parentPort?.postMessage(message)

function patchOutput(): void {
  for (const [method, level] of Object.entries(LEVELS)) {
    Object.assign(console, {
      [method]: (...args: unknown[]) => say({ kind: 'log', text: logLine(level, args) }),
    })
  }
  for (const stream of [process.stdout, process.stderr]) {
    stream.write = (chunk: string | Uint8Array, ...rest: unknown[]) => {
      const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString()
      say({ kind: 'log', text: text.replace(/\n$/, '') })
      const done = rest.find((one) => typeof one === 'function')
      if (done) queueMicrotask(done as () => void)
      return true
    }
  }
}

/** Time, request id, level and text, with tabs between: the runtime's text format. */
function logLine(level: string, args: unknown[]): string {
  // Outside of an invocation the runtime writes the word `undefined` for the request id.
  return [new Date().toISOString(), String(requestId), level, format(...args)].join('\t')
}

function errorObject(error: unknown): { errorType: string; errorMessage: string; trace: string[] } {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] }
  return { errorType: error.name, errorMessage: error.message, trace: error.stack?.split('\n') ?? [] }
}

/** The error as the runtime logs it: with its own properties, and the stack as a list; so too errors inside it. */
function loggedError(error: unknown): string {
  const known = error instanceof Error ? error : new Error(String(error))
  try {
    return `\t${JSON.stringify(known, (_key, value: unknown) => (value instanceof Error ? loggable(value) : value))}`
  } catch {
    return `\t${JSON.stringify(errorObject(known))}`
  }
}

function loggable(error: Error): object {
  const { errorType, errorMessage, trace: stack } = errorObject(error)
  return { errorType, errorMessage, code: (error as { code?: unknown }).code, ...error, stack }
}

function die(what: string, error: unknown, code: number): void {
  console.error(what, loggedError(error))
  const object = errorObject(error)
  say({ kind: 'fatal', payload: JSON.stringify(object), errorType: object.errorType })
  process.exit(code)
}

async function loadHandler({ root, handler }: WorkerStart): Promise<Handler> {
  if (handler.includes('..')) {
    throw new RuntimeError(
      'MalformedHandlerName',
      `'${handler}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`,
    )
  }
  const [, file, path] = /^([^.]*)\.(.+)$/.exec(basename(handler)) ?? []
  if (file === undefined || path === undefined) throw new RuntimeError('MalformedHandlerName', 'Bad handler')
  const module = await loadModule(join(root, dirname(handler), file), file)
  const found = pick(module, path) ?? pick(pick(module, 'default'), path)
  if (found === undefined)
    throw new RuntimeError('HandlerNotFound', `${handler} is undefined or not exported`)
  if (typeof found !== 'function') throw new RuntimeError('HandlerNotFound', `${handler} is not a function`)
  return found as Handler
}

async function loadModule(path: string, name: string): Promise<unknown> {
  const extension = EXTENSIONS.find((one) => existsSync(path + one) && statSync(path + one).isFile())
  if (extension === undefined)
    throw new RuntimeError('ImportModuleError', `Error: Cannot find module '${name}'`)
  try {
    return await import(pathToFileURL(path + extension).href)
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new RuntimeError('UserCodeSyntaxError', String(error), error.stack)
    const code = (error as { code?: unknown }).code
    if (code === 'MODULE_NOT_FOUND') throw new RuntimeError('ImportModuleError', String(error))
    throw error
  }
}

function pick(module: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => {
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined
  }, module)
}

function refuseCallbacks(handler: Handler, runtime: string): void {
  if (runtime === 'nodejs22.x' || handler.length < 3) return
  throw new RuntimeError(
    'CallbackHandlerDeprecated',
    'AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. Use an async handler instead.',
  )
}

interface InvocationContext {
  callbackWaitsForEmptyEventLoop: boolean
  readonly [name: string]: unknown
}

function contextOf(invocation: WorkerInvocation): InvocationContext {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    invokedFunctionArn: invocation.arn,
    awsRequestId: invocation.requestId,
    clientContext: invocation.clientContext === undefined ? undefined : JSON.parse(invocation.clientContext),
    identity: undefined,
    getRemainingTimeInMillis: () => invocation.deadline - machineNow(),
  }
}

/** The handler's result, however it gives it: by promise, by callback, or not at all before its work has run out. */
function run(handler: Handler, invocation: WorkerInvocation): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>()
  const context = contextOf(invocation)
  const callback = (error: unknown, value?: unknown) => {
    const settle = () => (error === null || error === undefined ? resolve(value) : reject(error))
    if (context.callbackWaitsForEmptyEventLoop) process.once('beforeExit', settle)
    else settle()
  }
  // Once nothing is left that could go on, there will be no result: Lambda then answers null.
  const answerNull = () => setImmediate(resolve, null)
  process.once('beforeExit', answerNull)
  try {
    const result = handler(JSON.parse(invocation.payload), context, callback)
    if (result instanceof Promise || typeof (result as { then?: unknown } | null)?.then === 'function') {
      Promise.resolve(result).then(resolve, reject)
    }
  } catch (error) {
    reject(error)
  }
  return promise.finally(() => process.off('beforeExit', answerNull))
}

function serialize(value: unknown): string {
  try {
    return JSON.stringify(value === undefined ? null : value) ?? 'null'
  } catch {
    throw new RuntimeError('JSONStringifyError', 'Unable to stringify response body')
  }
}

async function invoke(handler: Handler, invocation: WorkerInvocation): Promise<void> {
  requestId = invocation.requestId
  if (invocation.now !== undefined) showTime(invocation.now)
  // While the handler runs, only its own work keeps the thread alive, so that the end of that work can be seen.
  parentPort?.unref()
  let payload: string
  let failed = false
  try {
    payload = serialize(await run(handler, invocation))
  } catch (error) {
    console.error('Invoke Error', loggedError(error))
    payload = JSON.stringify(errorObject(error))
    failed = true
  }
  parentPort?.ref()
  const memoryMb = Math.ceil(getHeapStatistics().used_heap_size / 2 ** 20)
  say({ kind: 'ended', payload, failed, memoryMb })
}

async function main(start: WorkerStart): Promise<void> {
  if (start.now !== undefined) showTime(start.now)
  patchOutput()
  process.on('uncaughtException', (error) => die('Uncaught Exception', error, 129))
  process.on('unhandledRejection', (reason) => {
    const error = new RuntimeError('UnhandledPromiseRejection', String(reason))
    die('Unhandled Promise Rejection', Object.assign(error, { reason, promise: {} }), 128)
  })
  try {
    const handler = await loadHandler(start)
    refuseCallbacks(handler, start.runtime)
    parentPort?.on('message', (invocation: WorkerInvocation) => void invoke(handler, invocation))
    say({ kind: 'ready' })
  } catch (error) {
    die('Uncaught Exception', error, 1)
  }
}

await main(workerData as WorkerStart)
