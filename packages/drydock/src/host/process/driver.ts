/**
 * Runs tasks as real programs of this machine: no container engine, no root and no isolation. Each container has its
 * own copy of its image's files, each task its own address, and no program outlives the engine.
 */

import { realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, isAbsolute } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { ContainerSpec } from '../../ecs/effects.ts'
import { messageOf } from '../../message-of.ts'
import type { PulledImage, StartRequest, TaskDriver, TaskUsage } from '../driver.ts'
import { type Folder, takeTemporaryFolder } from '../folder.ts'
import { runtimeIdOf, taskIdOf } from '../runtime-id.ts'
import { type ClaimedAddress, claimAddress, freePort, requireBindable } from './address.ts'
import { reachingTask } from './command.ts'
import { prepareProgram } from './prepare.ts'
import { type Program, startProgram } from './program.ts'
import { copyRoot } from './root.ts'
import { stopSignalOf } from './stop-signal.ts'
import { usageOfGroups } from './usage.ts'

export interface ProcessDriverOptions {
  /** Takes every line that a program writes to stdout or stderr. Must not throw. */
  readonly onOutput?: (taskArn: string, container: string, line: string) => void
  /** The folders with programs that stand in for those an image lacks; the engine's own PATH unless told. */
  readonly hostPath?: readonly string[]
  /** Whether all tasks share 127.0.0.1, their declared ports moved to free ones; so on all systems but Linux. */
  readonly sharesAddress?: boolean
  /** How long `close` lets programs end by themselves, in milliseconds; 2000 unless told. */
  readonly closeGraceMs?: number
}

export interface ProcessDriver extends TaskDriver {
  /** The last lines (at most 100) that a container's program has written; none after the task's release. */
  recentOutput(taskArn: string, container: string): readonly string[]
}

/** A program that is being started, or has been. */
interface Started {
  readonly program: Promise<Program>
}

interface ProcessContainer extends Started {
  /** Runs another command as the program was run: with its files, environment and address. */
  readonly run: (command: readonly string[]) => Promise<Program>
  readonly output: string[]
  readonly stopSignal: NodeJS.Signals
}

interface ProcessTask {
  readonly claim: Promise<ClaimedAddress>
  readonly containers: Map<string, ProcessContainer>
  /** A container's copy of its image's files, by its name. */
  readonly roots: Map<string, string>
  /** Health checks under way. */
  readonly probes: Set<Started>
  /** Where declared container ports are reached at the task's address. */
  readonly ports: Map<number, number>
  released?: Promise<void>
}

const RECENT_LINES = 100
const CLOSE_GRACE_MS = 2000

/** A driver that runs tasks as programs of this machine. It has no effect before the first task. */
export function processDriver(options: ProcessDriverOptions = {}): ProcessDriver {
  return new ProcessTasks(options)
}

class ProcessTasks implements ProcessDriver {
  readonly name = 'process'
  readonly needsImages = true
  readonly #options: ProcessDriverOptions
  readonly #hostPath: readonly string[]
  readonly #sharesAddress: boolean
  readonly #tasks = new Map<string, ProcessTask>()
  /** Holds the files of all tasks. */
  #folder: Promise<Folder> | undefined

  constructor(options: ProcessDriverOptions) {
    this.#options = options
    this.#hostPath = options.hostPath ?? (process.env.PATH ?? '').split(delimiter).filter(isAbsolute)
    this.#sharesAddress = options.sharesAddress ?? process.platform !== 'linux'
  }

  async provision(taskArn: string): Promise<string> {
    let task = this.#tasks.get(taskArn)
    if (!task) {
      const claim = this.#sharesAddress ? Promise.resolve(sharedAddress) : claimAddress()
      task = { claim, containers: new Map(), roots: new Map(), probes: new Set(), ports: new Map() }
      this.#tasks.set(taskArn, task)
    }
    return (await task.claim).address
  }

  async start(request: StartRequest): Promise<string> {
    const { taskArn, spec, image, onExit } = request
    const task = this.#tasks.get(taskArn)
    if (!task || task.released !== undefined)
      throw new Error(`CannotStartContainerError: ${taskArn} has been released`)
    const output: string[] = []
    const program = this.#launch(request, task, output).catch(throwStartError)
    const run = (command: readonly string[]) => this.#runBeside(request, task, command)
    const stopSignal = stopSignalOf(image?.config.StopSignal)
    task.containers.set(spec.name, { run, program, output, stopSignal })
    const { gone } = await program
    void gone.then(onExit)
    return runtimeIdOf(taskArn, spec.name)
  }

  signal(taskArn: string, name: string, signal: 'SIGTERM' | 'SIGKILL'): void {
    const container = this.#tasks.get(taskArn)?.containers.get(name)
    if (container) send(container, signal === 'SIGTERM' ? container.stopSignal : signal)
  }

  async check(
    taskArn: string,
    name: string,
    command: readonly string[],
    timeoutMs: number,
  ): Promise<boolean> {
    const task = this.#tasks.get(taskArn)
    const container = task?.containers.get(name)
    if (!task || !container || task.released !== undefined) return false
    const probe = { program: container.run(command) }
    task.probes.add(probe)
    const timer = setTimeout(() => send(probe, 'SIGKILL'), timeoutMs)
    const exitCode = await exitCodeOf(probe)
    clearTimeout(timer)
    task.probes.delete(probe)
    return exitCode === 0
  }

  portOf(taskArn: string, containerPort: number): number {
    return this.#tasks.get(taskArn)?.ports.get(containerPort) ?? containerPort
  }

  publicAddressOf(address: string): string {
    return address
  }

  /** Where there is no /proc nothing can be said. */
  async usage(): Promise<Map<string, TaskUsage>> {
    if (process.platform !== 'linux') return new Map()
    const groups = new Map<number, string>()
    for (const [taskArn, { containers }] of this.#tasks) {
      for (const { program } of containers.values()) {
        const started = await program.catch(() => undefined)
        if (started) groups.set(started.group, taskArn)
      }
    }
    const byTask = new Map<string, TaskUsage>()
    for (const [group, used] of await usageOfGroups(new Set(groups.keys()))) {
      const taskArn = groups.get(group) ?? ''
      const { cpuMs, memoryBytes } = byTask.get(taskArn) ?? { cpuMs: 0, memoryBytes: 0 }
      byTask.set(taskArn, { cpuMs: cpuMs + used.cpuMs, memoryBytes: memoryBytes + used.memoryBytes })
    }
    return byTask
  }

  recentOutput(taskArn: string, name: string): readonly string[] {
    return this.#tasks.get(taskArn)?.containers.get(name)?.output ?? []
  }

  async release(taskArn: string): Promise<void> {
    const task = this.#tasks.get(taskArn)
    if (!task) return
    task.released ??= this.#clear(taskArn, task)
    await task.released
  }

  async close(): Promise<void> {
    const folder = this.#folder
    this.#folder = undefined
    const containers = [...this.#tasks.values()].flatMap((task) => [...task.containers.values()])
    for (const container of containers) send(container, container.stopSignal)
    const grace = delay(this.#options.closeGraceMs ?? CLOSE_GRACE_MS, undefined, { ref: false })
    await Promise.race([grace, Promise.all(containers.map(exitCodeOf))])
    await Promise.all([...this.#tasks.keys()].map((taskArn) => this.release(taskArn)))
    if (folder !== undefined) (await folder).release()
  }

  async #launch(
    { taskArn, spec, image }: StartRequest,
    task: ProcessTask,
    output: string[],
  ): Promise<Program> {
    if (!image) throw new Error(`the image ${spec.image} has not been pulled`)
    this.#folder ??= realpath(tmpdir()).then(takeTemporaryFolder)
    const folder = (await this.#folder).path
    const root = await copyRoot(image.root, folder, `${taskIdOf(taskArn)}-${spec.name}`)
    task.roots.set(spec.name, root)
    const { address } = await task.claim
    for (const { containerPort, protocol } of spec.ports) {
      if (protocol === 'tcp') task.ports.set(containerPort, await this.#placePort(address, containerPort))
    }
    const prepared = await this.#prepare(taskArn, task, spec, image)
    const onLine = (line: string) => {
      output.push(line)
      if (output.length > RECENT_LINES) output.shift()
      this.#options.onOutput?.(taskArn, spec.name, line)
    }
    return startProgram({ ...prepared, folder, onLine })
  }

  async #prepare(taskArn: string, task: ProcessTask, spec: ContainerSpec, image: PulledImage) {
    const { address } = await task.claim
    const root = task.roots.get(spec.name) ?? image.root
    return prepareProgram({
      taskArn,
      spec,
      image,
      root,
      address,
      ports: task.ports,
      hostPath: this.#hostPath,
    })
  }

  /** A command in a container that runs; what it writes is nobody's. */
  async #runBeside(
    { taskArn, spec, image }: StartRequest,
    task: ProcessTask,
    command: readonly string[],
  ): Promise<Program> {
    if (!image || this.#folder === undefined) throw new Error(`${taskArn} does not run`)
    const { address } = await task.claim
    const entryPoint = command.map((part) => reachingTask(part, address, task.ports))
    const { command: _, ...rest } = spec
    const prepared = await this.#prepare(taskArn, task, { ...rest, entryPoint }, image)
    return startProgram({ ...prepared, folder: (await this.#folder).path, onLine: () => {} })
  }

  async #placePort(address: string, containerPort: number): Promise<number> {
    if (this.#sharesAddress) return freePort(address)
    await requireBindable(address, containerPort)
    return containerPort
  }

  async #clear(taskArn: string, task: ProcessTask): Promise<void> {
    const started = [...task.containers.values(), ...task.probes]
    for (const each of started) send(each, 'SIGKILL')
    await Promise.all(started.map(exitCodeOf))
    await Promise.all(
      [...task.roots.values()].map((root) => rm(root, { recursive: true, force: true, maxRetries: 3 })),
    )
    await task.claim.then(
      (claim) => claim.release(),
      () => {},
    )
    this.#tasks.delete(taskArn)
  }
}

const sharedAddress: ClaimedAddress = { address: '127.0.0.1', release: () => {} }

/** Signals a program as soon as it is there. */
function send({ program }: Started, signal: NodeJS.Signals): void {
  program.then(
    (running) => running.signal(signal),
    () => {},
  )
}

/** Resolves when a program is gone, with its exit code; undefined if it has failed to start. */
async function exitCodeOf({ program }: Started): Promise<number | undefined> {
  return program.then(
    async ({ gone }) => (await gone).exitCode,
    () => undefined,
  )
}

/** Whatever keeps a program from starting is told in ECS's form. */
function throwStartError(cause: unknown): never {
  const message = messageOf(cause)
  if (/^Cannot\w+Error: /.test(message)) throw cause
  throw new Error(`CannotStartContainerError: ${message}`, { cause })
}
