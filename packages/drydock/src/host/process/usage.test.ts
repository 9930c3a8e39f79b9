import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { usageOfGroups } from './usage.ts'

test.runIf(process.platform === 'linux')(
  'a group that computes has used processor time and memory',
  async () => {
    const program = `
    const end = process.cpuUsage().user + 200_000
    while (process.cpuUsage().user < end);
    console.log('done')
    setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ['-e', program], {
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    try {
      await once(createInterface(child.stdout), 'line')
      const { pid = 0 } = child
      const found = await usageOfGroups(new Set([pid]))
      expect([...found.keys()]).toEqual([pid])
      expect(found.get(pid)?.cpuMs).toBeGreaterThanOrEqual(150)
      expect(found.get(pid)?.memoryBytes).toBeGreaterThan(5_000_000)
    } finally {
      child.kill('SIGKILL')
    }
    await once(child, 'close')
    expect(await usageOfGroups(new Set([child.pid ?? 0]))).toEqual(new Map())
  },
)
