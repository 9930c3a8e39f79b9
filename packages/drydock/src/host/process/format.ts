/** Tells from a program file's first bytes whether this machine can run it. */
import { access, type FileHandle, open } from 'node:fs/promises'

/** `native` runs as it is, `foreign` cannot run here, and a script names its interpreter and at most one argument. */
export type Format = 'native' | 'foreign' | readonly [interpreter: string, argument?: string]

/** As much as Linux looks at for a script's first line (execve(2)). */
const HEAD_BYTES = 256

/** The format of a program file. Rejects if it cannot be read. */
export async function formatOf(file: string): Promise<Format> {
  await using handle = await open(file)
  const head = await read(handle, 0, HEAD_BYTES)
  if (head.subarray(0, 2).toString('latin1') === '#!') return scriptFormat(textOf(head))
  if (head.readUInt32BE(0) === ELF_MAGIC) return await elfFormat(handle, head)
  return process.platform === 'darwin' && machMagics.has(head.readUInt32BE(0)) ? 'native' : 'foreign'
}

/** execve(2), interpreter scripts: all that follows the interpreter is one argument. */
export function scriptFormat(head: string): Format {
  const [, interpreter, argument] = /^#![ \t]*([^\s]+)[ \t]*([^\n]*)/.exec(head) ?? []
  if (!interpreter) return 'foreign'
  return argument?.trim() ? [interpreter, argument.trim()] : [interpreter]
}

const ELF_MAGIC = 0x7f454c46
/** Mach-O for 64 bits as it lies on a disk of little-endian machines, and files for several machines. */
const machMagics = new Set([0xcffaedfe, 0xcafebabe])
/** System V ABI, ELF header: e_machine. */
const elfMachines: Partial<Record<NodeJS.Architecture, number>> = { x64: 62, arm64: 183, riscv64: 243 }
const PT_INTERP = 3
const PROGRAM_HEADER_BYTES = 56
/** PATH_MAX of Linux. */
const LONGEST_PATH = 4096

/** A dynamic program also needs its loader: one of a musl image does not run on a machine with glibc. */
async function elfFormat(handle: FileHandle, head: Buffer): Promise<Format> {
  const is64LittleEndian = head[4] === 2 && head[5] === 1
  const isMachine = head.readUInt16LE(18) === elfMachines[process.arch]
  const hasHeaders = head.readUInt16LE(54) === PROGRAM_HEADER_BYTES
  if (process.platform !== 'linux' || !is64LittleEndian || !isMachine || !hasHeaders) return 'foreign'
  const loader = await elfLoader(handle, head)
  if (loader === undefined) return 'native'
  return access(loader).then(
    () => 'native',
    () => 'foreign',
  )
}

/** The path in the PT_INTERP program header; none in a static program. */
async function elfLoader(handle: FileHandle, head: Buffer): Promise<string | undefined> {
  const size = PROGRAM_HEADER_BYTES * head.readUInt16LE(56)
  const table = await read(handle, Number(head.readBigUInt64LE(32)), size)
  for (let at = 0; at < size; at += PROGRAM_HEADER_BYTES) {
    if (table.readUInt32LE(at) !== PT_INTERP) continue
    const path = await read(handle, Number(table.readBigUInt64LE(at + 8)), LONGEST_PATH)
    return textOf(path)
  }
  return undefined
}

/** The text up to the first zero byte. */
const textOf = (bytes: Buffer) => bytes.toString('utf8').replace(/\0.*$/s, '')

/** Bytes of a file, filled up with zeros where it is shorter. */
async function read(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length)
  await handle.read(buffer, 0, length, position)
  return buffer
}
