/**
 * Performs what Lambda asks of the host: keeps code, runs invocations in execution environments that are used again
 * while they are warm, keeps their logs, and sends records to queues. A handler's time limit is real time, whatever
 * the engine's clock: its code is real.
 */

import type { Engine } from '../engine.ts'
import type { FunctionSpec, LambdaEffect, LambdaReport } from '../lambda/effects.ts'
import type { Scope } from '../service.ts'
import type { Access } from './access.ts'
import { isVirtual } from './clock.ts'
import type { Performers } from './effects.ts'
import { type FunctionCode, functionCode } from './function-code.ts'
import type { FunctionCredentials, Variables } from './function-credentials.ts'
import { FunctionEnvironment, type InvocationEnd, type InvocationRequest } from './function-environment.ts'
import type { FunctionLogs } from './function-logs.ts'
import { FunctionPool } from './function-pool.ts'
import { FunctionTurns } from './function-turns.ts'
import { answerOf, sendToQueue } from './queues.ts'

export interface FunctionOptions {
  /** Where code is unpacked. */
  readonly dataDir: string
  /** Where their log entries go. */
  readonly logs: FunctionLogs
  /** The credentials that functions run with. */
  readonly credentials: FunctionCredentials
  /** Judges what Lambda does in the name of their roles. */
  readonly access: Access
}

export interface FunctionHost {
  readonly performers: Performers<LambdaEffect>
  /** Ends all environments, and forgets code and logs. */
  reset(): Promise<void>
  /** Ends all environments. */
  close(): Promise<void>
}

/** What invocations share. */
interface Parts {
  readonly code: FunctionCode
  readonly logs: FunctionLogs
  readonly pool: FunctionPool
  readonly turns: FunctionTurns
  readonly credentials: FunctionCredentials
}

type Of<K extends LambdaEffect['kind']> = Extract<LambdaEffect, { kind: K }>

/** The performers of Lambda's effects. Each invocation is answered with `function-ended`, whatever its end. */
export function functionEffects({ access, dataDir, logs, credentials }: FunctionOptions): FunctionHost {
  const parts: Parts = {
    code: functionCode(dataDir),
    logs,
    pool: new FunctionPool(),
    turns: new FunctionTurns(),
    credentials,
  }
  return {
    performers: {
      'store-code': ({ sha256, zip }) => parts.code.store(sha256, zip),
      'invoke-function': (effect, scope, engine) => invokeInTurn(effect, parts, scope, engine),
      'retire-environments': async ({ functionArn }) => parts.pool.retire(functionArn),
      'send-to-queue': (effect, scope, engine) => sendRecord(effect, access, scope, engine),
    },
    async reset() {
      parts.turns.clear()
      await parts.pool.endAll()
      parts.logs.clear()
      parts.credentials.clear()
      await parts.code.clear()
    },
    async close() {
      parts.turns.clear()
      await parts.pool.endAll()
    },
  }
}

async function invokeInTurn(
  effect: Of<'invoke-function'>,
  parts: Parts,
  scope: Scope,
  engine: Engine,
): Promise<void> {
  if (!effect.isAsynchronous) return await invoke(effect, parts, scope, engine)
  if (!(await parts.turns.enter(effect.spec.arn))) return
  try {
    await invoke(effect, parts, scope, engine)
  } finally {
    parts.turns.leave(effect.spec.arn)
  }
}

async function invoke(
  effect: Of<'invoke-function'>,
  parts: Parts,
  scope: Scope,
  engine: Engine,
): Promise<void> {
  const { kind: _kind, isAsynchronous: _isAsynchronous, spec, ...request } = effect
  const { root, stamp } = await parts.code.open(spec.code)
  const credentials = await parts.credentials.of(spec, scope, engine)
  const end = credentials
    ? await runIn(parts.pool, `${spec.environmentId} ${stamp}`, spec, request, () =>
        start(spec, root, credentials, parts.logs, scope, engine),
      )
    : notAssumable
  const report: LambdaReport = { kind: 'function-ended', requestId: request.requestId, ...end }
  engine.report('lambda', scope, report)
}

async function runIn(
  pool: FunctionPool,
  key: string,
  spec: FunctionSpec,
  request: InvocationRequest,
  startNew: () => FunctionEnvironment,
): Promise<InvocationEnd> {
  try {
    const one = pool.take(spec, key, startNew)
    const end = await one.environment.invoke(request)
    pool.free(one)
    return end
  } catch (error) {
    // A NODE_OPTIONS that Node refuses: on Lambda the runtime process ends with status 9 before it has begun.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_WORKER_INVALID_EXEC_ARGV') throw error
    const errorMessage = `RequestId: ${request.requestId} Error: Runtime exited with error: exit status 9`
    const payload = JSON.stringify({ errorType: 'Runtime.ExitError', errorMessage })
    return { payload, failed: true, log: `${(error as Error).message}\n${errorMessage}\n` }
  }
}

function start(
  spec: FunctionSpec,
  root: string,
  credentials: Variables,
  logs: FunctionLogs,
  scope: Scope,
  engine: Engine,
): FunctionEnvironment {
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '/')
  const logStream = `${day}/[$LATEST]${crypto.randomUUID().replaceAll('-', '')}`
  const { arn: functionArn, logGroup } = spec
  return new FunctionEnvironment(
    spec,
    root,
    { ...variablesOf(spec, root, logStream, scope, engine.endpoint), ...credentials },
    (text) =>
      logs.write({ at: Date.now(), engineTime: engine.clock.now(), functionArn, logGroup, logStream, text }),
    () => (isVirtual(engine.clock) ? engine.clock.now() : undefined),
  )
}

/** What becomes of an invocation whose function's role does not trust Lambda. */
const notAssumable: InvocationEnd = {
  payload: JSON.stringify({
    errorType: 'AccessDeniedException',
    errorMessage: 'The role defined for the function cannot be assumed by Lambda.',
  }),
  failed: true,
  log: 'The role defined for the function cannot be assumed by Lambda.\n',
}

/**
 * A queue that is gone or refuses the message, or that the function's role may not send to, loses it; AWS counts that as
 * DestinationDeliveryFailures or DeadLetterErrors.
 */
async function sendRecord(
  { queueArn, body, attributes, roleArn, functionName }: Of<'send-to-queue'>,
  access: Access,
  scope: Scope,
  engine: Engine,
): Promise<void> {
  try {
    const acting = { ...scope, roleArn, sessionName: functionName }
    access.requireAs(acting, 'sqs', 'SendMessage', { QueueUrl: queueArn })
    await sendToQueue(queueArn, { MessageBody: body, MessageAttributes: attributes }, engine)
  } catch (error) {
    if (!answerOf(error)) throw error
  }
}

/** Developer Guide, Lambda runtime environment variables; nothing of the host's own environment is passed on. */
function variablesOf(
  spec: FunctionSpec,
  root: string,
  logStream: string,
  { region }: Scope,
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
    LAMBDA_TASK_ROOT: root,
    LAMBDA_RUNTIME_DIR: root,
    _HANDLER: spec.handler,
  }
}
