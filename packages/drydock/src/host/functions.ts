/**
 * Performs what Lambda asks of the host: keeps code, runs invocations in execution environments that are used again
 * while they are warm, keeps their logs, and sends records to queues. A handler's time limit is real time, whatever
 * the engine's clock: its code is real.
 */
import type { Engine } from '../engine.ts'
import type { FunctionSpec, LambdaEffect, LambdaReport } from '../lambda/effects.ts'
import type { Scope } from '../service.ts'
import type { Performers } from './effects.ts'
import { functionCode } from './function-code.ts'
import { type FunctionEnvironment, startEnvironment } from './function-environment.ts'
import { type FunctionLogEntry, functionLogs } from './function-logs.ts'

export type { FunctionLogEntry } from './function-logs.ts'

/** How long an environment stays warm without work. AWS gives no number; five to fifteen minutes are usual. */
const IDLE_MS = 5 * 60_000

export interface FunctionOptions {
  /** Keeps unpacked code across restarts; without it code lies in a temporary folder until `close`. */
  readonly dataDir?: string
  /** Told of every log entry as it is written. */
  readonly onLog?: (entry: FunctionLogEntry) => void
}

export interface FunctionHost {
  readonly performers: Performers<LambdaEffect>
  /** The last log entries of a function, oldest first, by its ARN. */
  logs(functionArn: string): readonly FunctionLogEntry[]
  /** Ends all environments, and forgets code and logs. */
  reset(): Promise<void>
  /** Ends all environments; deletes code that lies in a temporary folder. */
  close(): Promise<void>
}

interface Pooled {
  readonly key: string
  readonly functionArn: string
  readonly environment: FunctionEnvironment
  /** Entries of the invocation under way. */
  log: string[]
  busy: boolean
  retired: boolean
  idleTimer?: NodeJS.Timeout
}

/** The performers of Lambda's effects. Each invocation is answered with `function-ended`, whatever its end. */
export function functionEffects(options: FunctionOptions = {}): FunctionHost {
  const code = functionCode(options.dataDir)
  const logs = functionLogs(options.onLog)
  const pool = new Set<Pooled>()

  function retire(one: Pooled): void {
    one.retired = true
    if (one.busy) return
    clearTimeout(one.idleTimer)
    pool.delete(one)
    void one.environment.end()
  }

  function free(one: Pooled): void {
    one.busy = false
    if (one.retired || !one.environment.isUsable()) retire(one)
    else one.idleTimer = setTimeout(retire, IDLE_MS, one).unref()
  }

  async function acquire(spec: FunctionSpec, scope: Scope, engine: Engine): Promise<Pooled> {
    const { root, stamp } = await code.open(spec.code)
    const key = `${spec.environmentId} ${stamp}`
    const idle = [...pool].filter((one) => !one.busy && one.functionArn === spec.arn)
    for (const one of idle) if (one.key !== key || !one.environment.isUsable()) retire(one)
    const warm = idle.find((one) => !one.retired)
    if (warm) {
      clearTimeout(warm.idleTimer)
      warm.busy = true
      return warm
    }
    const logStream = `${new Date().toISOString().slice(0, 10).replaceAll('-', '/')}/[$LATEST]${crypto.randomUUID().replaceAll('-', '')}`
    const log: string[] = []
    const write = (text: string) => {
      made.log.push(text)
      logs.write({ at: Date.now(), functionArn: spec.arn, logGroup: spec.logGroup, logStream, text })
    }
    const variables = variablesOf(spec, root, logStream, scope, engine.endpoint)
    const environment = startEnvironment(spec, root, variables, write)
    const made: Pooled = { key, functionArn: spec.arn, environment, log, busy: true, retired: false }
    pool.add(made)
    return made
  }

  async function endAll(): Promise<void> {
    const all = [...pool]
    for (const one of all) retire(one)
    await Promise.all(all.map((one) => one.environment.end()))
  }

  const performers: Performers<LambdaEffect> = {
    'store-code': ({ sha256, zip }) => code.store(sha256, zip),
    async 'invoke-function'({ kind: _kind, spec, ...request }, scope, engine) {
      const one = await acquire(spec, scope, engine)
      one.log = []
      const end = await one.environment.invoke(request)
      const log = one.log.map((text) => `${text}\n`).join('')
      free(one)
      const report: LambdaReport = { kind: 'function-ended', requestId: request.requestId, ...end, log }
      engine.report('lambda', scope, report)
    },
    async 'retire-environments'({ functionArn }) {
      for (const one of pool) if (one.functionArn === functionArn) retire(one)
    },
    'send-to-queue': async (effect, _scope, engine) => {
      const [, , , region = '', accountId = '', name] = effect.queueArn.split(':')
      const QueueUrl = `${engine.endpoint}/${accountId}/${name}`
      const input = { QueueUrl, MessageBody: effect.body, MessageAttributes: effect.attributes }
      // A queue that is gone or refuses the message loses it; AWS counts that as DestinationDeliveryFailures.
      await engine.call('sqs', { accountId, region }, 'SendMessage', input).catch((error: Error) => {
        if (!('$metadata' in error) && !('status' in error)) throw error
      })
    },
  }

  return {
    performers,
    logs: logs.of,
    async reset() {
      await endAll()
      logs.clear()
      await code.clear()
    },
    async close() {
      await endAll()
      if (options.dataDir === undefined) await code.clear()
    },
  }
}

/** Developer Guide, Lambda runtime environment variables; nothing of the host's own environment is passed on. */
function variablesOf(
  spec: FunctionSpec,
  root: string,
  logStream: string,
  { accountId, region }: Scope,
  endpoint: string,
): Record<string, string> {
  return {
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    PATH: '/usr/local/bin:/usr/bin:/bin',
    AWS_ENDPOINT_URL: endpoint,
    ...spec.variables,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${spec.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: spec.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(spec.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: spec.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: logStream,
    // An access key of twelve digits is the account, for whatever the function calls.
    AWS_ACCESS_KEY_ID: accountId,
    AWS_SECRET_ACCESS_KEY: 'drydock',
    AWS_SESSION_TOKEN: 'drydock',
    LAMBDA_TASK_ROOT: root,
    LAMBDA_RUNTIME_DIR: root,
    _HANDLER: spec.handler,
  }
}
