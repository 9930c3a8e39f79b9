/**
 * Unpacks an image's layers into one folder (image-spec v1.1: layer.md). Nothing is ever written outside of the folder,
 * whatever a layer names: paths and links are resolved inside of it, as if it were the root of a file system.
 */

import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import {
  chmod,
  type FileHandle,
  lchown,
  link,
  lstat,
  mkdir,
  open,
  readdir,
  readlink,
  rm,
  symlink,
  utimes,
} from 'node:fs/promises'
import { basename, dirname, join, relative, sep } from 'node:path'
import type { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { Parser, type ReadEntry } from 'tar'
import { hasCode, noneIfMissing } from './system-error.ts'

const WHITEOUT = '.wh.'
const OPAQUE = '.wh..wh..opq'
/** Without set-user-id and set-group-id: the files lie on the user's own machine. */
const PERMISSIONS = 0o777
/** As many links as Linux follows in one path (path_resolution(7)). */
const MOST_LINKS = 40

/** A folder that layers are unpacked into, and what the layer under way has put there. */
interface Target {
  readonly root: string
  /** Paths of this layer and all folders above them: its whiteouts are meant for the layers below. */
  readonly unpacked: Set<string>
}

/**
 * Unpacks one layer, a tar file as it is or compressed with gzip or zstd, over what is in `root`. Throws for what is no
 * tar file. Either way nothing is written any more after that.
 */
export async function unpackLayer(file: string, root: string): Promise<void> {
  const target: Target = { root, unpacked: new Set([root]) }
  let turn: Promise<void> = Promise.resolve()
  let failure: unknown
  const waiting = new Set<ReadEntry>()
  const parser = new Parser({
    strict: true,
    onReadEntry(entry) {
      waiting.add(entry)
      turn = turn
        .then(() => (failure === undefined ? unpackEntry(entry, target) : undefined))
        .catch((error: unknown) => {
          failure ??= error
        })
        .finally(() => {
          waiting.delete(entry)
          entry.resume()
        })
    },
  })
  const feed = (bytes: AsyncIterable<Buffer>) => parse(parser, bytes)
  const decompress = await decompressor(file)
  try {
    if (decompress) await pipeline(createReadStream(file), decompress, feed)
    else await pipeline(createReadStream(file), feed)
  } catch (error) {
    failure ??= error
    // No more bytes will come for these: whoever reads them must not wait.
    for (const entry of waiting) entry.destroy()
  }
  await turn
  if (failure !== undefined) throw failure
}

/** Hands bytes to the parser as fast as it takes them. Throws what it finds wrong with them. */
async function parse(parser: Parser, bytes: AsyncIterable<Buffer>): Promise<void> {
  const ended = once(parser, 'end')
  ended.catch(() => {}) // it may fail before it is awaited
  let isBlank = true
  for await (const chunk of bytes) {
    isBlank &&= chunk.every((byte) => byte === 0)
    if (!isBlank && !parser.write(chunk)) await Promise.race([once(parser, 'drain'), ended])
  }
  if (isBlank) return // no entry at all, only the end mark; the parser takes that for no tar file
  parser.end()
  await ended
}

/** By the first bytes, not by the media type: both gzip and tar are called `tar` by some clients. */
async function decompressor(file: string): Promise<Transform | undefined> {
  const handle = await open(file)
  try {
    const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0)
    if (buffer.readUInt16BE() === 0x1f8b) return createGunzip()
    return buffer.readUInt32LE() === 0xfd2fb528 ? createZstdDecompress() : undefined
  } finally {
    await handle.close()
  }
}

async function unpackEntry(entry: ReadEntry, target: Target): Promise<void> {
  const path = await pathOf(entry.path, target)
  if (path === target.root) return
  const name = basename(path)
  if (name === OPAQUE) return await removeBelow(dirname(path), target)
  if (name.startsWith(WHITEOUT))
    return await removeLower(join(dirname(path), name.slice(WHITEOUT.length)), target)
  if (!(await write(entry, path, target))) return
  for (let at = path; at !== target.root; at = dirname(at)) target.unpacked.add(at)
}

/** Writes an entry. Returns whether it did: devices and pipes are left out, a task has those of the machine. */
async function write(entry: ReadEntry, path: string, target: Target): Promise<boolean> {
  switch (entry.type) {
    case 'Directory':
    case 'GNUDumpDir':
      await makeFolder(entry, path)
      return true
    case 'File':
    case 'OldFile':
    case 'ContiguousFile':
      await writeFile(entry, path)
      return true
    case 'SymbolicLink':
      await rm(path, { recursive: true, force: true })
      await symlink(insideTarget(entry.linkpath ?? '', path, target.root), path)
      return true
    case 'Link':
      await makeLink(entry, path, target)
      return true
    default:
      return false
  }
}

async function writeFile(entry: ReadEntry, path: string): Promise<void> {
  const file = await create(path)
  try {
    for await (const chunk of entry) await file.appendFile(chunk)
    await file.chmod(((entry.mode ?? 0o644) & PERMISSIONS) | 0o400)
  } finally {
    await file.close()
  }
  await setOwner(entry, path)
  if (entry.mtime) await utimes(path, entry.mtime, entry.mtime)
}

/** A new file, in place of what is there. */
async function create(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx', 0o600)
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
    await rm(path, { recursive: true, force: true })
    return await open(path, 'wx', 0o600)
  }
}

/** A folder that is there already, from a layer below, keeps what is in it. */
async function makeFolder(entry: ReadEntry, path: string): Promise<void> {
  const before = await lstat(path).catch(noneIfMissing)
  if (before && !before.isDirectory()) await rm(path, { force: true })
  await mkdir(path, { recursive: true })
  await chmod(path, ((entry.mode ?? 0o755) & PERMISSIONS) | 0o700)
  await setOwner(entry, path)
}

/** Owners are kept where the system lets us. */
async function setOwner({ uid = 0, gid = 0 }: ReadEntry, path: string): Promise<void> {
  const isOwn = uid === 0 && gid === 0
  if (process.getuid?.() === 0 && !isOwn) await lchown(path, uid, gid)
}

async function makeLink(entry: ReadEntry, path: string, target: Target): Promise<void> {
  const source = await pathOf(entry.linkpath ?? '', target)
  if (source === path) return
  await rm(path, { recursive: true, force: true })
  await link(source, path)
}

/** Removes what the layers below put at `path`, and leaves what this layer has put there. */
async function removeLower(path: string, target: Target): Promise<void> {
  if (target.unpacked.has(path)) await removeBelow(path, target)
  else await rm(path, { recursive: true, force: true })
}

async function removeBelow(folder: string, target: Target): Promise<void> {
  const stats = await lstat(folder).catch(noneIfMissing)
  if (!stats?.isDirectory()) return
  for (const name of await readdir(folder)) await removeLower(join(folder, name), target)
}

/**
 * Where an entry's path leads: every folder on the way is resolved inside the root and made if it is not there; the
 * last part is not followed. `..` at the root stays at the root.
 */
async function pathOf(path: string, { root }: Target): Promise<string> {
  const parts = partsOf(path)
  let at = root
  let links = 0
  while (parts.length) {
    const part = parts.shift() ?? ''
    if (part === '..') {
      at = at === root ? root : dirname(at)
      continue
    }
    const next = join(at, part)
    if (!parts.length) return next
    const stats = await lstat(next).catch(noneIfMissing)
    if (stats?.isSymbolicLink()) {
      if (++links > MOST_LINKS) throw new Error(`Too many links on the way to '${path}'`)
      const to = await readlink(next)
      parts.unshift(...partsOf(to))
      if (to.startsWith('/')) at = root
      continue
    }
    if (!stats) await mkdir(next)
    else if (!stats.isDirectory())
      throw new Error(`'${relative(root, next)}' is no folder, but '${path}' is under it`)
    at = next
  }
  return at
}

const partsOf = (path: string) => path.split('/').filter((part) => part !== '' && part !== '.')

/** A link's target, rewritten where it would lead out of the folder: absolute targets are meant from the image's root. */
function insideTarget(to: string, path: string, root: string): string {
  const depth = partsOf(relative(root, dirname(path))).length
  if (!to.startsWith('/') && !climbsAbove(to, depth)) return to
  const parts = to.startsWith('/') ? [] : partsOf(relative(root, dirname(path)))
  for (const part of partsOf(to)) {
    if (part === '..') parts.pop()
    else parts.push(part)
  }
  return relative(dirname(path), join(root, ...parts)) || `.${sep}`
}

function climbsAbove(to: string, depth: number): boolean {
  let at = depth
  return partsOf(to).some((part) => {
    at += part === '..' ? -1 : 1
    return at < 0
  })
}
