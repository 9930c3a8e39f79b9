/** A container's files: a writable copy of the image's, and paths in it that cannot lead outside of it. */
import { constants, cp, mkdtemp, readlink } from 'node:fs/promises'
import { join } from 'node:path'

/** Copies an image's root into a new folder in `folder` and returns that. Blocks are shared where the disk can. */
export async function copyRoot(imageRoot: string, folder: string, name: string): Promise<string> {
  const root = await mkdtemp(join(folder, `${name}-`))
  await cp(imageRoot, root, { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE })
  return root
}

/** As many links as Linux follows in one path (path_resolution(7)). */
const MOST_LINKS = 40

/**
 * Where a path of the container lies on this machine. Links are followed as if `root` were `/`, so that none leads
 * outside; what does not exist yet is taken as it stands. Throws on links that go round in circles.
 */
export async function pathInRoot(root: string, path: string): Promise<string> {
  const ahead = partsOf(path)
  let behind: string[] = []
  let links = 0
  for (let part = ahead.shift(); part !== undefined; part = ahead.shift()) {
    const target = part === '..' ? undefined : await linkTarget(join(root, ...behind, part))
    if (part === '..') behind.pop()
    else if (target === undefined) behind.push(part)
    else {
      if (++links > MOST_LINKS) throw new Error(`too many levels of symbolic links: ${path}`)
      if (target.startsWith('/')) behind = []
      ahead.unshift(...partsOf(target))
    }
  }
  return join(root, ...behind)
}

const partsOf = (path: string) => path.split('/').filter((part) => part && part !== '.')

async function linkTarget(path: string): Promise<string | undefined> {
  return readlink(path).catch(() => undefined)
}
