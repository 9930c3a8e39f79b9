/**
 * All that does things outside the engine's loop: tasks, functions, deliveries, stored bytes. Made together, and reset
 * and closed together.
 */

import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArn } from '../arn.ts'
import type { ZoneEffect } from '../discovery/effects.ts'
import { createDynamodb, type Dynamodb } from '../dynamodb/index.ts'
import type { Engine, Perform } from '../engine.ts'
import type { LambdaEffect } from '../lambda/effects.ts'
import type { Route53Effect } from '../route53/effects.ts'
import type { Access } from './access.ts'
import { alarmPerformers } from './alarms.ts'
import { type LazyBalancer, lazyBalancer } from './balancer/lazy-balancer.ts'
import { Blobs, blobPerformers, sweepLayers } from './blobs.ts'
import type { TaskDriver } from './driver.ts'
import { performerOf } from './effects.ts'
import { reportMetrics } from './embedded-metrics.ts'
import { eventSourcePerformers } from './event-sources.ts'
import type { Folder } from './folder.ts'
import { roleCredentials, rootCredentials } from './function-credentials.ts'
import { type FunctionLogEntry, type FunctionLogs, functionLogs } from './function-logs.ts'
import { hookPerformers } from './hooks.ts'
import { interfaceEffects } from './interfaces.ts'
import { lazy, lazyPerformers } from './lazy.ts'
import { loadBalancingEffects } from './load-balancing.ts'
import { processDriver } from './process/driver.ts'
import { registryEffects } from './registries.ts'
import { rolePerformers } from './roles.ts'
import { simulatedDriver } from './simulated-driver.ts'
import { targetPerformers } from './targets.ts'
import { type TaskLogs, taskLogs } from './task-logs.ts'
import { taskMetrics } from './task-metrics.ts'
import { type Images, taskEffects } from './tasks.ts'
import { trafficPerformers } from './traffic.ts'

/** How tasks run: `auto` runs real programs wherever the system can. */
export type TaskMode = 'auto' | 'process' | 'simulated'

export interface HostOptions {
  readonly folder: Folder
  readonly tasks: TaskMode
  readonly engine: Engine
  readonly onFault: (error: unknown, what: string) => void
  /** Judges what services do in the name of roles. */
  readonly access: Access
  /** Functions run with the permissions of their roles, not with the account's own. */
  readonly isIamEnforced: boolean
  /** Told of every log entry of a function as it is written. */
  readonly onFunctionLog?: (entry: FunctionLogEntry) => void
}

export interface Host {
  readonly perform: Perform
  readonly driver: TaskDriver
  readonly dynamodb: Dynamodb
  readonly balancer: LazyBalancer
  /** The last log entries of a function. */
  readonly functionLogs: FunctionLogs['of']
  /** Loads CloudWatch Logs, with what functions have logged so far. Nobody else may load it. */
  openLogs(): Promise<void>
  /** Answers everything under `/v2/`. */
  readonly registry: RequestListener
  /** Removes what a crash left behind, once kept state has been restored. */
  tidy(): Promise<void>
  /** Ends all tasks and functions, once the engine has forgotten them, and waits for what is under way. */
  quiesce(): Promise<void>
  /** Removes all stored bytes. */
  clear(): Promise<void>
  /** Ends all tasks and functions; keeps what the folder keeps. */
  close(): Promise<void>
}

/** Effects that have not ended in this time are left to end by themselves. */
const QUIESCE_MS = 5_000

/** Makes the host of an engine. Nothing is started or loaded before it is needed. */
export function createHost(options: HostOptions): Host {
  const { access, folder, tasks, engine, onFault, isIamEnforced } = options
  const blobs = new Blobs(join(folder.path, 'blobs'))
  const images = lazy(async () => (await import('./images.ts')).createImages(blobs, folder.path))
  const logs = functionLogs(readMetrics(options))
  const credentials = isIamEnforced ? roleCredentials() : rootCredentials
  const functions = lazy(async () =>
    (await import('./functions.ts')).functionEffects({ dataDir: folder.path, logs, credentials, access }),
  )
  const openLogs = lazy(async () => {
    await engine.load('logs')
    logs.follow((entry) => logOfFunction(engine, entry))
  })
  const outputs = taskLogs(engine, openLogs)
  const driver = driverFor(tasks, engine, outputs)
  const balancer = lazyBalancer({ engine, ...(driver.answerOf && { simulated: driver.answerOf }) })
  const metrics = taskMetrics({ engine, driver, onFault })
  const now = () => engine.clock.now()
  const dynamodb = createDynamodb({ now, ...(folder.isKept && { dataDir: folder.path }) })
  return {
    perform: performerOf(
      blobPerformers(blobs),
      targetPerformers(isIamEnforced),
      alarmPerformers,
      trafficPerformers,
      hookPerformers,
      eventSourcePerformers(access),
      rolePerformers,
      probing(),
      zoneKeeping(),
      balancer.performers,
      loadBalancingEffects(driver),
      registryEffects(driver),
      interfaceEffects(driver),
      lazyPerformers<LambdaEffect>(LAMBDA_KINDS, async () => (await functions()).performers),
      taskEffects(driver, lazyImages(images), outputs, metrics.begin),
    ),
    driver,
    dynamodb,
    balancer,
    functionLogs: logs.of,
    openLogs,
    registry: lazyRegistry(engine, blobs, onFault),
    tidy: () => sweepLayers(blobs, engine),
    async quiesce() {
      outputs.clear()
      metrics.reset()
      await Promise.all([driver.close(), balancer.close(), functions.loaded()?.then((each) => each.reset())])
      await Promise.race([engine.settle(), wait(QUIESCE_MS, undefined, { ref: false })])
    },
    async clear() {
      await Promise.all([dynamodb.reset(), blobs.clear(), (await images()).clear()])
    },
    async close() {
      const functionsEnd = functions.loaded()?.then((each) => each.close())
      await Promise.all([driver.close(), balancer.close(), functionsEnd, dynamodb.close()])
    },
  }
}

/** Told of a function's log entries: passes them on, and takes the metrics that are in them. */
function readMetrics({ engine, onFault, onFunctionLog }: HostOptions): (entry: FunctionLogEntry) => void {
  return (entry) => {
    onFunctionLog?.(entry)
    reportMetrics(entry, engine).catch((error: unknown) => onFault(error, 'the metrics in a log'))
  }
}

const lazyImages = (images: () => Promise<Images>): Images => ({
  resolve: async (...asked) => (await images()).resolve(...asked),
  pull: async (...asked) => (await images()).pull(...asked),
})

function driverFor(tasks: TaskMode, engine: Engine, { write: onOutput }: TaskLogs): TaskDriver {
  const isReal = tasks === 'process' || (tasks === 'auto' && process.platform !== 'win32')
  return isReal
    ? processDriver({ onOutput })
    : simulatedDriver({ after: (delayMs, run) => engine.after(delayMs, run) })
}

/** Functions write to their group from the first invocation on, whether anybody has made it or not. */
function logOfFunction(
  engine: Engine,
  { functionArn, logGroup, logStream, engineTime, text }: FunctionLogEntry,
) {
  const { accountId = '', region = '' } = parseArn(functionArn) ?? {}
  const events = text === '' ? [] : [{ at: engineTime, text }]
  engine.report(
    'logs',
    { accountId, region },
    { kind: 'written', logGroup, logStream, createsGroup: true, events },
  )
}

/** The registry speaks ECR, so its code costs as much as ECR's client. */
function lazyRegistry(engine: Engine, blobs: Blobs, onFault: HostOptions['onFault']): RequestListener {
  const registry = lazy(async () => {
    const module = await import('../ecr/registry.ts')
    return module.registry(engine, blobs, { onFault: (error) => onFault(error, 'the registry') })
  })
  return (request, reply) => {
    registry()
      .then((listener) => listener(request, reply))
      .catch((error: unknown) => {
        onFault(error, 'the registry')
        reply.destroy()
      })
  }
}

const PROBE_KINDS = { 'probe-endpoint': true } as const

const probing = () =>
  lazyPerformers<Route53Effect>(
    PROBE_KINDS,
    async () => (await import('./endpoint-probes.ts')).probePerformers,
  )

const ZONE_KINDS = { 'change-zone': true, 'refresh-records': true } as const

const zoneKeeping = () => {
  const load = lazy(async () => (await import('./namespace-zones.ts')).zonePerformers())
  return lazyPerformers<ZoneEffect>(ZONE_KINDS, load)
}

const LAMBDA_KINDS = {
  'store-code': true,
  'invoke-function': true,
  'retire-environments': true,
  'send-to-queue': true,
} as const
