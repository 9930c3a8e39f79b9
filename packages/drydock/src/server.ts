/** Puts the engine together: gateway, registry, what performs effects, and where state is kept. */
import type { RequestListener } from 'node:http'
import manifest from '../package.json' with { type: 'json' }
import { Engine } from './engine.ts'
import { type Access, createAccess, type Judgement } from './host/access.ts'
import { admin } from './host/admin.ts'
import { guarded } from './host/browsers.ts'
import type { Clock } from './host/clock.ts'
import { type StateFile, stateFile } from './host/disk.ts'
import type { DnsServer } from './host/dns/server.ts'
import { type Folder, takeFolder, takeTemporaryFolder } from './host/folder.ts'
import { frontDoor } from './host/front-door.ts'
import type { FunctionLogEntry } from './host/function-logs.ts'
import { createGate, type Gate } from './host/gate.ts'
import { createHost, type Host, type TaskMode } from './host/host.ts'
import { closeServer, createHttpServer, listen, type Mount } from './host/http.ts'
import { type IdSource, randomIds } from './host/ids.ts'
import { interrupter } from './host/interrupt.ts'
import { limitedTo, type Rate } from './host/rate.ts'
import { type ServiceName, services } from './services.ts'
import { gateway } from './wire/gateway.ts'

/** Whether policies of roles decide on requests. */
export type IamMode = 'enforce' | 'off'

export interface DrydockOptions {
  /** 4566 unless told; 0 for any free one. */
  readonly port?: number
  /** 127.0.0.1 unless told. */
  readonly host?: string
  /** How tasks run: `auto` (unless told) runs real programs wherever the system can. */
  readonly tasks?: TaskMode
  /** Keeps state across restarts; without it everything is gone on close. */
  readonly dataDir?: string
  readonly clock?: Clock
  readonly ids?: IdSource
  /** Answers DNS queries on 127.0.0.1, over UDP and TCP, at this port; 0 for any free one. Without it there is no DNS server. */
  readonly dns?: { readonly port: number }
  /**
   * `enforce` gives functions the credentials of their roles, and allows whoever calls with a role's credentials what its policies
   * allow. `off` unless told: everyone may do all.
   */
  readonly iam?: IamMode
  /** With `iam: 'enforce'`, told of each action and resource that a role's request was judged for, with the verdict. */
  readonly onJudgement?: (judgement: Judgement) => void
  /** How many requests Route 53 takes of an account (AWS: five a second); without it as many as come. */
  readonly route53Rate?: Rate
  /** More listeners by path, such as a console. */
  readonly mounts?: readonly Mount[]
  /** Told of every log entry of a function as it is written. */
  readonly onFunctionLog?: (entry: FunctionLogEntry) => void
  /** Told of bugs, which otherwise are printed to stderr with their stack; the engine goes on. */
  readonly onFault?: OnFault
}

/** A running engine. */
export interface Drydock {
  readonly engine: Engine
  /** Where clients reach it: `http://127.0.0.1:4566`. */
  readonly endpoint: string
  /** Where DNS queries are answered, if they are: `127.0.0.1:5353`. */
  readonly dns: string | undefined
  /** The last log entries of a function, oldest first, by its ARN. */
  readonly functionLogs: (functionArn: string) => readonly FunctionLogEntry[]
  /** Forgets everything at once: state, tasks, functions, queues, tables, images. */
  reset(): Promise<void>
  /** Ends all tasks and functions, keeps state if there is a data folder, and stops listening. */
  close(): Promise<void>
}

type OnFault = (error: unknown, what: string) => void

/**
 * Starts an engine. Throws a `StartError` that says what to do where it cannot listen, or its data folder is used by another
 * engine or damaged.
 */
export async function startDrydock(options: DrydockOptions = {}): Promise<Drydock> {
  const folder = options.dataDir === undefined ? takeTemporaryFolder() : takeFolder(options.dataDir)
  try {
    return await startIn(folder, options)
  } catch (error) {
    folder.release()
    throw error
  }
}

async function startIn(folder: Folder, options: DrydockOptions): Promise<Drydock> {
  const { host: hostName = '127.0.0.1', port = 4566 } = options
  const { engine, access, host, kept } = assemble(folder, options)
  await engine.restore(kept?.read() ?? [])
  if (engine.loaded().includes('ecr')) await host.tidy()
  if (engine.loaded().includes('logs')) await host.openLogs()
  const gate = createGate()
  const reset = () => gate.closedFor(() => resetAll(engine, host, access))
  const server = createHttpServer(mountsOf(engine, host, access, gate, reset, options))
  const endpoint = await listen(server, hostName, port)
  const dns = await openDns(engine, options).catch(async (error: unknown) => {
    await closeServer(server)
    throw error
  })
  engine.endpoint = endpoint
  engine.resume(() => tellOfRestart(engine))
  const close = once(async () => {
    engine.stop()
    await Promise.all([closeServer(server), dns?.close()])
    await closeAll(host, kept, folder)
  })
  return { engine, endpoint, dns: dns?.address, functionLogs: host.functionLogs, reset, close }
}

async function openDns(
  engine: Engine,
  { dns, onFault = printFault }: DrydockOptions,
): Promise<DnsServer | undefined> {
  if (!dns) return undefined
  const { startDns } = await import('./host/dns/server.ts')
  return startDns({ engine, port: dns.port, onFault })
}

interface Parts {
  readonly engine: Engine
  readonly access: Access
  readonly host: Host
  readonly kept: StateFile | undefined
}

function assemble(folder: Folder, options: DrydockOptions): Parts {
  const { clock, ids, iam, onFunctionLog, onJudgement, tasks = 'auto', onFault = printFault } = options
  const isIamEnforced = iam === 'enforce'
  const engine: Engine = new Engine({
    ...(clock && { clock }),
    ...(ids && { ids }),
    perform: (effect, scope) => host.perform(effect, scope, engine),
    onBug: (error) => onFault(error, 'the engine'),
    onChange: () => kept?.changed(),
  })
  const logging = onFunctionLog && { onFunctionLog }
  const access = createAccess(engine, { isEnforced: isIamEnforced, ...(onJudgement && { onJudgement }) })
  const host = createHost({ folder, tasks, engine, onFault, access, isIamEnforced, ...logging })
  const snapshot = () => engine.snapshot()
  const kept = folder.isKept ? stateFile({ folder: folder.path, snapshot, onFault }) : undefined
  return { engine, access, host, kept }
}

function mountsOf(
  engine: Engine,
  host: Host,
  access: Access,
  gate: Gate,
  reset: () => Promise<void>,
  {
    host: hostName = '127.0.0.1',
    ids = randomIds(),
    onFault = printFault,
    mounts = [],
    route53Rate,
  }: DrydockOptions,
): Mount[] {
  const open = (listener: RequestListener) => guarded(gate.held(listener), hostName)
  const state = () => engine.snapshot()
  const health = () => healthOf(engine, host)
  const accessUsage = access.usage
  const interrupt = interrupter(engine)
  const own = admin({ host: hostName, reset, onFault, state, accessUsage, health, interrupt })
  return [
    {
      path: '',
      listener: open(awsGateway(engine, host, access, ids, onFault, takesOf(engine, route53Rate))),
    },
    { path: '/v2', listener: open(host.registry) },
    { path: '/_drydock', listener: own },
    { path: '/moto-api', listener: own },
    host.balancer.mount,
    frontDoor({ engine, driver: host.driver, host: hostName }),
    ...mounts,
  ]
}

/** Takes a request of a client, or throws; what services ask of each other is not counted. */
type Take = (name: string, accountId: string) => void

function takesOf(engine: Engine, route53Rate: Rate | undefined): Take {
  const take = route53Rate && limitedTo(route53Rate, () => engine.clock.now())
  return (name, accountId) => {
    if (name === 'route53') take?.(accountId)
  }
}

function awsGateway(
  engine: Engine,
  host: Host,
  access: Access,
  ids: IdSource,
  onFault: OnFault,
  take: Take,
): RequestListener {
  return gateway({
    services,
    async load(name) {
      if (name === 'logs') await host.openLogs()
      return (await engine.load(name as ServiceName)).model
    },
    execute(name, operation, input, caller) {
      take(name, caller.accountId)
      access.require(name, operation, input, caller)
      return engine.execute(name as ServiceName, operation, input, caller)
    },
    newRequestId: () => ids.uuid(),
    whois: access.whois,
    mounts: { DynamoDB_20120810: access.before('dynamodb', host.dynamodb.handle) },
    onFault,
  })
}

/** No task or invocation of the process before is there any more. */
function tellOfRestart(engine: Engine): void {
  for (const { name, scope } of engine.snapshot()) {
    const isTold = name === 'ecs' || name === 'elb' || name === 'lambda' || name === 'events'
    if (isTold || name === 'sqs' || name === 'discovery' || name === 'sts')
      engine.report(name, scope, { kind: 'host-restarted' })
  }
}

/** State goes first, so that nobody replaces the tasks that are ended, and last, in case an end was still told. */
async function resetAll(engine: Engine, host: Host, access: Access): Promise<void> {
  engine.forget()
  access.forgetUsage()
  await host.quiesce()
  engine.forget()
  await host.clear()
}

async function closeAll(host: Host, kept: StateFile | undefined, folder: Folder): Promise<void> {
  try {
    kept?.close()
    await host.close()
  } finally {
    folder.release()
  }
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined
  return () => (done ??= work())
}

function healthOf(engine: Engine, { driver }: Host): object {
  return { status: 'ok', version: manifest.version, tasks: driver.name, services: engine.loaded() }
}

function printFault(error: unknown, what: string): void {
  console.error(`A bug in ${what}:`, error)
}
