/** What a task may be sized to, and how sizes are written (Developer Guide: task CPU and memory). */
import { clientError } from './errors.ts'

/** Memory in MiB that Fargate offers by CPU units: from, to, step. */
const FARGATE_SIZES: Readonly<Record<string, readonly [number, number, number]>> = {
  256: [512, 2048, 512],
  512: [1024, 4096, 1024],
  1024: [2048, 8192, 1024],
  2048: [4096, 16384, 1024],
  4096: [8192, 30720, 1024],
  8192: [16384, 61440, 4096],
  16384: [32768, 122880, 8192],
}

/** CPU units from `256`, `.25 vCPU`. Throws ClientException. */
export function parseCpu(text: string): string {
  return parseSize(text, /^([\d.]+)\s*vcpu$/i, 'cpu')
}

/** MiB from `512`, `1GB`, `.5 GB`. Throws ClientException. */
export function parseMemory(text: string): string {
  return parseSize(text, /^([\d.]+)\s*gb$/i, 'memory')
}

function parseSize(text: string, inThousands: RegExp, setting: string): string {
  const large = inThousands.exec(text.trim())?.[1]
  const size = large === undefined ? Number(text) : Number(large) * 1024
  if (!Number.isInteger(size) || size <= 0) throw clientError(`Invalid '${setting}' setting for task.`)
  return String(size)
}

/** Throws ClientException unless Fargate offers this size. */
export function requireFargateSize(cpu: string | undefined, memory: string | undefined): void {
  if (!cpu) throw clientError("Fargate requires that 'cpu' be defined at the task level.")
  if (!memory) throw clientError("Fargate requires that 'memory' be defined at the task level.")
  if (isFargateSize(cpu, memory)) return
  throw clientError(
    `No Fargate configuration exists for given values: ${cpu} CPU, ${memory} memory. ` +
      'See the Amazon ECS documentation for the valid values.',
  )
}

/** Whether Fargate offers this many CPU units with this many MiB. */
export function isFargateSize(cpu: string, memory: string): boolean {
  const size = FARGATE_SIZES[cpu]
  if (!size) return false
  const [from, to, step] = size
  const mib = Number(memory)
  // 256 CPU units are the exception: 1.5 GB is not offered.
  if (cpu === '256' && mib === 1536) return false
  return mib >= from && mib <= to && (mib - from) % step === 0
}
