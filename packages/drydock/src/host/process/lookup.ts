/**
 * Finds the program of a container: the image's own where it can run on this machine, else the machine's program of
 * that name, so that an image of one layer with nothing but an app in it runs with the Node of the engine.
 */
import { access, constants, stat } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, posix } from 'node:path'
import { formatOf } from './format.ts'
import { pathInRoot } from './root.ts'

export interface Surroundings {
  /** The container's root folder on this machine. */
  readonly root: string
  /** The working directory, as a path of the container. */
  readonly workingDirectory: string
  /** Where the container looks for programs, as paths of the container. */
  readonly path: readonly string[]
  /** Where this machine looks for programs. */
  readonly hostPath: readonly string[]
}

/**
 * The command line that runs `command` on this machine. Arguments that name something in the image by an absolute path
 * become its path here. Throws with the reason that a container runtime gives when there is nothing to run.
 */
export async function hostCommand(command: readonly string[], around: Surroundings): Promise<string[]> {
  const [name, ...args] = command
  if (!name) throw new Error('CannotCreateContainerError: Error response from daemon: no command specified')
  const program = await findProgram(name, around)
  return [...program, ...(await Promise.all(args.map((arg) => hostArgument(arg, around.root))))]
}

async function hostArgument(arg: string, root: string): Promise<string> {
  if (!isAbsolute(arg) || namesRoot.test(arg)) return arg
  const path = await pathInRoot(root, arg)
  return (await exists(path)) ? path : arg
}

/** `/` alone names no file of the image but the machine's, and more often is no path at all. */
const namesRoot = /^[/.]*$/

/** How many interpreters of interpreters Linux allows before it answers ELOOP (execve(2)). */
const MOST_INTERPRETERS = 4

async function findProgram(name: string, around: Surroundings, depth = 0): Promise<string[]> {
  if (depth > MOST_INTERPRETERS) throw startError(name, 'too many levels of symbolic links')
  let problem = name.includes('/')
    ? `stat ${name}: no such file or directory`
    : 'executable file not found in $PATH'
  for (const candidate of candidates(name, around)) {
    const found = await programAt(await pathInRoot(around.root, candidate), around, depth)
    if (Array.isArray(found)) return found
    problem = found ?? problem
  }
  const host = mayComeFromHost(name, around) ? await hostProgram(basename(name), around.hostPath) : undefined
  if (!host) throw startError(name, problem)
  return [host]
}

/** What Docker's engine, and so the ECS agent, says when runc cannot start a container's program. */
function startError(name: string, problem: string): Error {
  return new Error(
    'CannotStartContainerError: Error response from daemon: failed to create task for container: failed to create ' +
      'shim task: OCI runtime create failed: runc create failed: unable to start container process: ' +
      `exec: "${name}": ${problem}: unknown`,
  )
}

/** Where in the image a program may be, as paths of the container. */
function candidates(name: string, { path, workingDirectory }: Surroundings): string[] {
  if (name.includes('/')) return [posix.resolve(workingDirectory, name)]
  return path.map((folder) => posix.join(folder, name))
}

/** `/app/server` is the image's or nothing; `node` and `/usr/local/bin/node` may be the machine's. */
function mayComeFromHost(name: string, { path }: Surroundings): boolean {
  return !name.includes('/') || path.includes(dirname(name))
}

/** How to run the file, or why that is not possible; nothing if there is none. */
async function programAt(
  file: string,
  around: Surroundings,
  depth: number,
): Promise<string[] | string | undefined> {
  const found = await stat(file).catch(() => undefined)
  if (!found) return undefined
  if (!found.isFile() || !(await isExecutable(file))) return 'permission denied'
  const format = await formatOf(file)
  if (format === 'native') return [file]
  if (format === 'foreign') return 'exec format error'
  const [interpreter, argument] = format
  return [...(await findProgram(interpreter, around, depth + 1)), ...(argument ? [argument] : []), file]
}

/** The machine's program of this name. `node` is the engine's own, whatever else is installed. */
async function hostProgram(name: string, hostPath: readonly string[]): Promise<string | undefined> {
  if (name === 'node') return process.execPath
  for (const folder of hostPath) {
    const file = join(folder, name)
    if ((await stat(file).catch(() => undefined))?.isFile() && (await isExecutable(file))) return file
  }
  return undefined
}

const exists = (path: string) => isAllowed(path, constants.F_OK)
const isExecutable = (path: string) => isAllowed(path, constants.X_OK)

async function isAllowed(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  )
}
