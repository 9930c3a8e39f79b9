/** What the process driver's tests share: images as plain folders, and waiting for what other processes do. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import type { PulledImage } from '../driver.ts'

/** A folder of the running test, removed after it. */
export async function testFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'drydock-test-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** An image that holds `files` (text by path; a text that starts with `#!` is executable). */
export async function imageOf(
  files: Readonly<Record<string, string>>,
  config: PulledImage['config'] = {},
): Promise<PulledImage> {
  const root = await testFolder()
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text, { mode: text.startsWith('#!') ? 0o755 : 0o644 })
  }
  return { digest: `sha256:${'0'.repeat(64)}`, root, config: { WorkingDir: '/app', ...config } }
}

/** Resolves when `condition` holds: other processes send no events. A test that waits in vain runs into its limit. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await delay(5)
}

/** Whether a process runs. One that is dead but not yet taken note of by its parent does not. */
export async function isRunning(pid: number): Promise<boolean> {
  return (await processes()).some((process) => process.pid === pid)
}

/** All processes of the machine that are not dead, from Linux's proc(5). */
export async function processes(): Promise<{ pid: number; parent: number; group: number }[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')))
  return stats.flatMap((stat) => {
    const [, pid, state, parent, group] = /^(\d+) \(.*\) (\S) (\d+) (\d+)/s.exec(stat) ?? []
    return !state || 'ZX'.includes(state)
      ? []
      : [{ pid: Number(pid), parent: Number(parent), group: Number(group) }]
  })
}
