/**
 * Performs what ECS asks of the host, with one driver and the registry's images. What fails here is reported, never
 * thrown: a task that cannot run is ECS's business, not a bug.
 */

import type { EcsReport, TaskEffect } from '../ecs/effects.ts'
import type { Engine } from '../engine.ts'
import { messageOf } from '../message-of.ts'
import type { Scope } from '../service.ts'
import type { Exit, PulledImage, TaskDriver } from './driver.ts'
import type { Performers } from './effects.ts'
import { parseReference } from './image-reference.ts'
import { ipv6AddressIn } from './interfaces.ts'
import type { TaskLogs } from './task-logs.ts'

/** Where the host finds images: the engine's own registry. */
export interface Images {
  /** What a reference points to now, without fetching it. */
  resolve(
    engine: Engine,
    scope: Scope,
    reference: string,
  ): Promise<ResolvedImage | { readonly error: string }>
  /**
   * Makes an image's files ready, pinned to `digest` if given. Throws an Error whose message is what ECS puts into
   * `stoppedReason`.
   */
  pull(engine: Engine, scope: Scope, reference: string, digest?: string): Promise<PulledImage>
}

export interface ResolvedImage {
  readonly repository: string
  readonly digest: string
}

type Of<K extends TaskEffect['kind']> = Extract<TaskEffect, { kind: K }>

/** The performers of ECS's effects. Each answers with the reports that `TaskEffect` names. */
export function taskEffects(
  driver: TaskDriver,
  images: Images,
  logs: TaskLogs,
  onStart: () => void,
): Performers<TaskEffect> {
  const pulled = new Map<string, Map<string, PulledImage>>()

  return {
    'resolve-images': (effect, scope, engine) => resolveImages(images, effect, scope, engine),

    async 'provision-task'({ taskArn, subnetId }, scope, engine) {
      pulled.set(taskArn, new Map())
      const address = await driver.provision(taskArn)
      const ipv6Address = ipv6AddressIn(subnetId, address, driver, scope, engine)
      report(engine, scope, {
        kind: 'task-provisioned',
        taskArn,
        address,
        ...(ipv6Address !== undefined && { ipv6Address }),
      })
    },

    async 'pull-image'(effect, scope, engine) {
      const { taskArn, container } = effect
      const outcome = await pull(driver, images, effect, scope, engine)
      if ('error' in outcome) {
        return report(engine, scope, { kind: 'pull-failed', taskArn, container, reason: outcome.error })
      }
      const { image } = outcome
      if (image) pulled.get(taskArn)?.set(container, image)
      const digest = image ? { imageDigest: image.digest } : {}
      report(engine, scope, { kind: 'image-pulled', taskArn, container, ...digest })
    },

    async 'start-container'(effect, scope, engine) {
      onStart()
      const image = pulled.get(effect.taskArn)?.get(effect.container.name)
      await start({ driver, logs }, effect, image, scope, engine)
    },

    async 'signal-container'({ taskArn, container, signal }) {
      // One turn later: a simulated program ends at once, and its report must not overtake effects already asked for.
      await Promise.resolve()
      driver.signal(taskArn, container, signal)
    },

    async 'check-health'({ taskArn, container, command, timeoutMs, run }, scope, engine) {
      const hasPassed = await driver.check(taskArn, container, command, timeoutMs)
      report(engine, scope, { kind: 'health-checked', taskArn, container, run, hasPassed })
    },

    async 'release-task'({ taskArn }, scope, engine) {
      pulled.delete(taskArn)
      await driver.release(taskArn)
      logs.close(taskArn)
      report(engine, scope, { kind: 'task-released', taskArn })
    },
  }
}

function report(engine: Engine, scope: Scope, ecsReport: EcsReport): void {
  engine.report('ecs', scope, ecsReport)
}

async function resolveImages(images: Images, effect: Of<'resolve-images'>, scope: Scope, engine: Engine) {
  const { serviceArn, deploymentId } = effect
  const resolved = await Promise.all(
    Object.entries(effect.images).map(async ([container, reference]) => {
      const image = await images.resolve(engine, scope, reference)
      return 'error' in image ? [] : [[container, image.digest] as const]
    }),
  )
  const digests = Object.fromEntries(resolved.flat())
  report(engine, scope, { kind: 'images-resolved', serviceArn, deploymentId, digests })
}

/** An image, none where the driver does without, or why it cannot be had. */
async function pull(
  driver: TaskDriver,
  images: Images,
  { image, imageDigest }: Of<'pull-image'>,
  scope: Scope,
  engine: Engine,
): Promise<{ image?: PulledImage } | { error: string }> {
  const isForeign = 'error' in parseReference(image, engine.endpoint, scope)
  if (!driver.needsImages && isForeign) return {}
  const outcome = await outcomeOf(images.pull(engine, scope, image, imageDigest))
  return 'error' in outcome ? outcome : { image: outcome.value }
}

async function start(
  { driver, logs }: { readonly driver: TaskDriver; readonly logs: TaskLogs },
  { taskArn, container }: Of<'start-container'>,
  image: PulledImage | undefined,
  scope: Scope,
  engine: Engine,
): Promise<void> {
  const name = container.name
  const exited = (exit: Exit) =>
    report(engine, scope, { kind: 'container-exited', taskArn, container: name, ...exit })
  const held: Exit[] = []
  let onExit = (exit: Exit): void => void held.push(exit)
  const request = { taskArn, spec: container, ...(image ? { image } : {}) }
  const launch = async () => {
    if (container.logs) await logs.open(taskArn, name, scope, container.logs)
    return driver.start({ ...request, onExit: (exit) => onExit(exit) })
  }
  const started = await outcomeOf(launch())
  if ('error' in started) {
    return report(engine, scope, { kind: 'start-failed', taskArn, container: name, reason: started.error })
  }
  const ports = container.ports.map((port) => ({
    ...port,
    hostPort: driver.portOf(taskArn, port.containerPort),
  }))
  const runtimeId = started.value
  report(engine, scope, { kind: 'container-started', taskArn, container: name, runtimeId, ports })
  // A program may end before its start has been reported; ECS hears of the start first.
  onExit = exited
  held.forEach(exited)
}

async function outcomeOf<T>(promise: Promise<T>): Promise<{ value: T } | { error: string }> {
  try {
    return { value: await promise }
  } catch (error) {
    return { error: messageOf(error) }
  }
}
