/**
 * A driver that runs no programs: for the virtual clock, where real programs have no place, and for scale. A task
 * starts at once and lives until it is signalled, or as its container's environment says (see `simulatedVariables`).
 */
import { parseDuration } from '../duration.ts'
import { ipv6Within } from '../ec2/cidr.ts'
import type { Exit, StartRequest, TaskDriver } from './driver.ts'
import { runtimeIdOf } from './runtime-id.ts'

export interface SimulatedDriverOptions {
  /** Runs `run` once, when engine time has passed by `delayMs`: the engine's `after`. */
  readonly after: (delayMs: number, run: () => void) => void
}

/** What a task definition may say in a container's environment about how its program behaves. */
const simulatedVariables = {
  /** A duration (`5s`) after which the program ends by itself. */
  exitAfter: 'DRYDOCK_EXIT_AFTER',
  /** The exit code that it then ends with; 0 unless told. */
  exitCode: 'DRYDOCK_EXIT_CODE',
  /** `1`: the program does not react to SIGTERM. */
  ignoreSigterm: 'DRYDOCK_IGNORE_SIGTERM',
  /** The program does not start, for this reason. */
  startError: 'DRYDOCK_START_ERROR',
  /**
   * The HTTP status with which the task answers health checks, 200 unless told; its container health check fails from
   * 400 on. `200,503@30s` answers 200 first, and 503 from 30 s after its start.
   */
  healthStatus: 'DRYDOCK_HEALTH_STATUS',
} as const

interface SimulatedContainer {
  readonly ignoresSigterm: boolean
  healthStatus: number
  readonly onExit: (exit: Exit) => void
}

interface SimulatedTask {
  readonly address: string
  readonly containers: Map<string, SimulatedContainer>
}

/** `curl -f`, by which most containers are checked, fails from this status on. */
const FIRST_FAILURE = 400

/** A driver without programs. `provision` throws when all 65,531 addresses are taken. */
export function simulatedDriver({ after }: SimulatedDriverOptions): TaskDriver {
  const tasks = new Map<string, SimulatedTask>()
  const addresses = addressPool()

  const end = (taskArn: string, name: string, container: SimulatedContainer, exitCode: number) => {
    const containers = tasks.get(taskArn)?.containers
    if (containers?.get(name) !== container) return
    containers.delete(name)
    container.onExit({ exitCode })
  }

  const start = ({ taskArn, spec, onExit }: StartRequest): string => {
    const task = tasks.get(taskArn)
    if (!task) throw new Error(`CannotStartContainerError: ${taskArn} has been released`)
    const life = lifeOf(spec.environment)
    const { ignoresSigterm, health } = life
    const container: SimulatedContainer = { ignoresSigterm, healthStatus: 200, onExit }
    for (const step of health) takeStep(step, container, after)
    task.containers.set(spec.name, container)
    const { exitAfterMs, exitCode } = life
    if (exitAfterMs !== undefined) after(exitAfterMs, () => end(taskArn, spec.name, container, exitCode))
    return runtimeIdOf(taskArn, spec.name)
  }

  const release = (taskArn: string) => {
    const task = tasks.get(taskArn)
    if (!task) return
    for (const [name, container] of task.containers) end(taskArn, name, container, 137)
    tasks.delete(taskArn)
    addresses.give(task.address)
  }

  const signal: TaskDriver['signal'] = (taskArn, name, signal) => {
    const container = tasks.get(taskArn)?.containers.get(name)
    if (!container || (signal === 'SIGTERM' && container.ignoresSigterm)) return
    end(taskArn, name, container, signal === 'SIGTERM' ? 143 : 137)
  }

  return {
    name: 'simulated',
    needsImages: false,
    provision: async (taskArn) => provision(tasks, addresses, taskArn).address,
    start: async (request) => start(request),
    signal,
    check: async (taskArn, name) => isWell(tasks.get(taskArn)?.containers.get(name)),
    portOf: (_, containerPort) => containerPort,
    publicAddressOf,
    ipv6AddressOf: (address, block) => ipv6Within(block, address),
    answerOf: (address) => answerOf(tasks, address),
    release: async (taskArn) => release(taskArn),
    async close() {
      for (const [taskArn, { containers }] of tasks) {
        for (const name of containers.keys()) signal(taskArn, name, 'SIGTERM')
        release(taskArn)
      }
    },
  }
}

/** The task that has this address from now on, or has had it already. */
function provision(
  tasks: Map<string, SimulatedTask>,
  addresses: ReturnType<typeof addressPool>,
  taskArn: string,
): SimulatedTask {
  const task = tasks.get(taskArn) ?? { address: addresses.take(), containers: new Map() }
  tasks.set(taskArn, task)
  return task
}

const isWell = (container: SimulatedContainer | undefined) =>
  container !== undefined && container.healthStatus < FIRST_FAILURE

/** Lets a container answer with another status, now or when it is time. */
function takeStep(
  { status, afterMs }: HealthStep,
  container: SimulatedContainer,
  after: SimulatedDriverOptions['after'],
): void {
  const become = () => {
    container.healthStatus = status
  }
  if (afterMs) after(afterMs, become)
  else become()
}

/** A task of several containers is as well as the worst of them. */
function answerOf(tasks: ReadonlyMap<string, SimulatedTask>, address: string): number | 'none' | undefined {
  if (address.startsWith('127.') || address === '::1') return undefined
  const own = privateAddressOf(address)
  const task = tasks.values().find((each) => each.address === own)
  const statuses = [...(task?.containers.values() ?? [])].map(({ healthStatus }) => healthStatus)
  return statuses.length ? Math.max(...statuses) : 'none'
}

interface Life {
  readonly exitAfterMs?: number
  readonly exitCode: number
  readonly ignoresSigterm: boolean
  readonly health: readonly HealthStep[]
}

/** The status that a task answers with from a time after its start on. */
interface HealthStep {
  readonly status: number
  readonly afterMs: number
}

/** How a program lives, as its environment says. Throws the reason why it does not start. */
function lifeOf(environment: Readonly<Record<string, string>>): Life {
  const { exitAfter, exitCode, ignoreSigterm, startError, healthStatus } = simulatedVariables
  const reason = environment[startError]
  if (reason) throw new Error(`CannotStartContainerError: ${reason}`)
  const duration = environment[exitAfter]
  return {
    ...(duration ? { exitAfterMs: parseTime(exitAfter, duration) } : {}),
    exitCode: parseExitCode(environment[exitCode] ?? '0'),
    ignoresSigterm: environment[ignoreSigterm] === '1',
    health: (environment[healthStatus] ?? '200').split(',').map(parseHealth),
  }
}

function parseTime(variable: string, text: string): number {
  try {
    return parseDuration(text)
  } catch (cause) {
    throw new Error(`CannotStartContainerError: ${variable}=${text} is no duration`, { cause })
  }
}

function parseExitCode(text: string): number {
  const code = Number(text)
  if (Number.isInteger(code) && code >= 0 && code <= 255) return code
  throw new Error(`CannotStartContainerError: ${simulatedVariables.exitCode}=${text} is no exit code (0-255)`)
}

function parseHealth(text: string): HealthStep {
  const [status = '', time] = text.trim().split('@')
  const afterMs = time === undefined ? 0 : parseTime(simulatedVariables.healthStatus, time)
  return { status: parseStatus(status), afterMs }
}

function parseStatus(text: string): number {
  if (/^[1-5]\d\d$/.test(text)) return Number(text)
  throw new Error(`CannotStartContainerError: ${simulatedVariables.healthStatus}=${text} is no HTTP status`)
}

/** Public addresses are of the range that is kept for tests of devices and so is nobody's (RFC 2544 section 4, C.2.2). */
const publicAddressOf = (address: string) => address.replace(/^10\.0\./, '198.18.')
const privateAddressOf = (address: string) => address.replace(/^198\.18\./, '10.0.')

/** AWS keeps the first four addresses of a subnet and its last (VPC user guide: subnet sizing). */
const FIRST_ADDRESS = 4
const LAST_ADDRESS = 2 ** 16 - 2

/** The addresses of 10.0.0.0/16, given out in turn, so that one comes back as late as possible. */
function addressPool() {
  const taken = new Set<string>()
  let next = FIRST_ADDRESS
  const step = () => {
    const address = `10.0.${next >> 8}.${next & 255}`
    next = next === LAST_ADDRESS ? FIRST_ADDRESS : next + 1
    return address
  }
  return {
    take(): string {
      if (taken.size > LAST_ADDRESS - FIRST_ADDRESS) throw new Error('All addresses of 10.0.0.0/16 are taken')
      let address = step()
      while (taken.has(address)) address = step()
      taken.add(address)
      return address
    },
    give: (address: string) => void taken.delete(address),
  }
}
