/** Makes a container ready to run: its folders, its environment and its command line, on this machine. */
import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { dirname, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ContainerSpec } from '../../ecs/effects.ts'
import type { PulledImage } from '../driver.ts'
import { taskIdOf } from '../runtime-id.ts'
import { commandOf, declaredEnvironment, environmentOf, type Reach, searchPath } from './command.ts'
import { hostCommand } from './lookup.ts'
import type { ProgramOptions } from './program.ts'
import { pathInRoot } from './root.ts'

export interface Preparation {
  readonly taskArn: string
  readonly spec: ContainerSpec
  readonly image: PulledImage
  /** The container's copy of the image's files. */
  readonly root: string
  readonly address: string
  /** Where the task's declared ports are reached. */
  readonly ports: ReadonlyMap<number, number>
  /** The folders with programs that stand in for those the image lacks. */
  readonly hostPath: readonly string[]
}

const SHIM = fileURLToPath(new URL('bind-shim.cjs', import.meta.url))

/** Throws what ECS reports if there is no program to run. */
export async function prepareProgram(
  preparation: Preparation,
): Promise<Omit<ProgramOptions, 'onLine' | 'folder'>> {
  const { taskArn, spec, image, root, hostPath } = preparation
  const declared = declaredEnvironment(spec, image.config)
  const path = searchPath(declared)
  const workingDirectory = posix.resolve('/', spec.workingDirectory || image.config.WorkingDir || '/')
  const command = await hostCommand(commandOf(spec, image.config), { root, workingDirectory, path, hostPath })
  const imagePath = await Promise.all(path.map((folder) => pathInRoot(root, folder)))
  const environment = environmentOf(declared, {
    ...reachOf(preparation),
    root,
    path: [...imagePath, dirname(process.execPath), ...hostPath],
    marker: `${taskIdOf(taskArn)}/${spec.name}/${randomBytes(16).toString('hex')}`,
    shim: SHIM,
  })
  const here = await pathInRoot(root, workingDirectory)
  for (const folder of [here, environment.HOME, environment.TMPDIR]) await mkdir(folder, { recursive: true })
  return { command, environment, workingDirectory: here }
}

function reachOf({ spec, address, ports }: Preparation): Reach {
  const declared = spec.ports.find((port) => port.protocol === 'tcp')?.containerPort
  if (declared === undefined) return { address, moved: [] }
  const moved = [...ports].filter(([from, to]) => from !== to)
  return { address, moved, port: ports.get(declared) ?? declared }
}
