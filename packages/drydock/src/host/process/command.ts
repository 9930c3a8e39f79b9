/** What a container runs: the task definition's command over the image's, as Docker combines them. */
import { posix } from 'node:path'
import type { ContainerSpec } from '../../ecs/effects.ts'
import type { PulledImage } from '../driver.ts'

/** Docker's PATH for images that set none. */
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * The command of a container. An entry point of the task definition drops the image's CMD along with its ENTRYPOINT;
 * a command alone replaces only CMD (Docker run reference: overriding image defaults).
 */
export function commandOf(
  spec: Pick<ContainerSpec, 'entryPoint' | 'command'>,
  config: PulledImage['config'],
): string[] {
  const command = spec.command?.length ? spec.command : undefined
  if (spec.entryPoint?.length) return [...spec.entryPoint, ...(command ?? [])]
  return [...(config.Entrypoint ?? []), ...(command ?? config.Cmd ?? [])]
}

/** The variables that image and task definition set; the task definition's win. */
export function declaredEnvironment(
  spec: Pick<ContainerSpec, 'environment'>,
  config: PulledImage['config'],
): Record<string, string> {
  const pairs = (config.Env ?? []).map((pair) => {
    const equals = pair.indexOf('=')
    return equals < 0 ? ([pair, ''] as const) : ([pair.slice(0, equals), pair.slice(equals + 1)] as const)
  })
  return { ...Object.fromEntries(pairs), ...spec.environment }
}

/** The folders in which a container looks for programs, as paths of the container. */
export function searchPath(declared: Readonly<Record<string, string>>): string[] {
  return (declared.PATH || DEFAULT_PATH).split(':').filter((folder) => folder.startsWith('/'))
}

/** Where a task is reached. */
export interface Reach {
  readonly address: string
  /** Where the container's first declared TCP port is reached; absent if it declares none. */
  readonly port?: number
  /** Declared ports that are reached at others, where tasks share one address. */
  readonly moved: readonly (readonly [declared: number, actual: number])[]
}

/** What the driver adds to a container's environment. */
export interface Surroundings extends Reach {
  /** The container's root folder on this machine. */
  readonly root: string
  /** Folders for PATH, on this machine. */
  readonly path: readonly string[]
  /** The value of DRYDOCK_TASK, which all of the container's processes inherit. */
  readonly marker: string
  /** The file that binds Node servers to the task's address. */
  readonly shim: string
}

/** Hosts that mean "all addresses": only the task's own can be meant, because all tasks share one network. */
const wildcards = new Set(['', '0.0.0.0', '::', '[::]'])

/** A program's environment; the driver makes the folders of HOME and TMPDIR. */
export type ProgramEnvironment = Record<string, string> & Record<'HOME' | 'TMPDIR' | 'DRYDOCK_TASK', string>

/**
 * The whole environment of a container's program; nothing of the engine's own is in it. HOST and PORT are defaults:
 * what the task definition or else the image sets stays, except a HOST that means all addresses, and except PORT where
 * ports are moved.
 */
export function environmentOf(
  declared: Readonly<Record<string, string>>,
  { root, address, port, moved, path, marker, shim }: Surroundings,
): ProgramEnvironment {
  const { HOST = '', HOME = '/root', TMPDIR = '/tmp', NODE_OPTIONS = '' } = declared
  return {
    ...(port === undefined ? {} : { PORT: String(port) }),
    ...declared,
    ...(moved.length
      ? { PORT: String(port), DRYDOCK_PORTS: moved.map((pair) => pair.join(':')).join(',') }
      : {}),
    HOST: wildcards.has(HOST) ? address : HOST,
    HOME: posix.join(root, HOME),
    TMPDIR: posix.join(root, TMPDIR),
    PATH: path.join(':'),
    NODE_OPTIONS: `--require ${JSON.stringify(shim)} ${NODE_OPTIONS}`.trimEnd(),
    DRYDOCK_ADDRESS: address,
    DRYDOCK_TASK: marker,
  }
}

/** This machine's names for itself, where a port or a path may follow. */
const OWN_HOST = /(?<![\w.-])(?:localhost|127\.0\.0\.1|\[::1\])(?::(\d+))?(?![\w.-])/g

/**
 * A part of a health check's command with the task's address where it says `localhost`: in a container that is the
 * container itself, here it would be the whole machine. Ports that are moved are named as they are reached.
 */
export function reachingTask(part: string, address: string, ports: ReadonlyMap<number, number>): string {
  return part.replace(OWN_HOST, (_, port?: string) =>
    port === undefined ? address : `${address}:${ports.get(Number(port)) ?? port}`,
  )
}
