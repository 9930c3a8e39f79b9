/** How a task's containers run. Two implementations: `process` (real programs) and `simulated` (none, for scale). */
import type { ContainerSpec } from '../ecs/effects.ts'

/** An image's files and settings, as far as a driver needs them. */
export interface PulledImage {
  readonly digest: string
  /** A folder that holds the unpacked layers; read-only, shared by all tasks of this image. */
  readonly root: string
  readonly config: {
    readonly Entrypoint?: string[] | null
    readonly Cmd?: string[] | null
    readonly Env?: string[] | null
    readonly WorkingDir?: string
    readonly StopSignal?: string
  }
}

/** What a driver is told of a container's end. */
export interface Exit {
  readonly exitCode: number
  readonly reason?: string
}

export interface StartRequest {
  readonly taskArn: string
  readonly spec: ContainerSpec
  /** Absent for an image that the registry does not know (only `simulated` accepts that). */
  readonly image?: PulledImage
  /** Called once when the program has ended, for whatever reason; never if `start` throws. */
  readonly onExit: (exit: Exit) => void
}

/** What a task's programs have used: processor time since they began, and memory now. */
export interface TaskUsage {
  readonly cpuMs: number
  readonly memoryBytes: number
}

export interface TaskDriver {
  readonly name: 'process' | 'simulated'
  /** Whether every image must be in the registry: `simulated` runs images of other registries too. */
  readonly needsImages: boolean
  /** Gives the task an address; the same one until it is released. */
  provision(taskArn: string): Promise<string>
  /**
   * Starts a container of a task that has been provisioned. Returns its runtime id. Throws an Error whose message is
   * what ECS reports as the reason that it did not start: `CannotStartContainerError: …`.
   */
  start(request: StartRequest): Promise<string>
  /**
   * Signals a container's program; nothing happens if it has ended already. SIGTERM stands for the polite signal: the
   * image's `StopSignal`, where it has one.
   */
  signal(taskArn: string, container: string, signal: 'SIGTERM' | 'SIGKILL'): void
  /**
   * Runs a health check's command in a running container. Resolves with whether it ended with 0 within `timeoutMs`;
   * never rejects: what cannot be run has failed.
   */
  check(taskArn: string, container: string, command: readonly string[], timeoutMs: number): Promise<boolean>
  /**
   * Where a declared container port is reached at the task's address: at the same port wherever a task has an address
   * of its own, which is everywhere but where tasks of the process driver must share 127.0.0.1 (not on Linux).
   */
  portOf(taskArn: string, containerPort: number): number
  /**
   * Where a task with this address is reached from outside its VPC, if it is to have a public address. It is the same
   * one where programs run: they are reached at no other.
   */
  publicAddressOf(address: string): string
  /**
   * The address of a block of IPv6 that goes with a task's address. Only where no program runs: this machine would not
   * answer at it.
   */
  ipv6AddressOf?(address: string, block: string): string
  /**
   * Only where no program runs: the HTTP status with which a task at this address answers health checks, or `none`
   * if there is no task; undefined for this machine's own addresses, where something real may be.
   */
  answerOf?(address: string): number | 'none' | undefined
  /** Only where it can be measured: what each task uses, by its ARN. */
  usage?(): Promise<ReadonlyMap<string, TaskUsage>>
  /** Ends what is left of the task (its exits are still told) and gives back its address and files. */
  release(taskArn: string): Promise<void>
  /** Ends all tasks and resolves when they are gone. New ones may be provisioned after that. */
  close(): Promise<void>
}
