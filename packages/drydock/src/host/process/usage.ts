/** What programs use of the machine, read from /proc (proc(5)); Linux only. */
import { readdir, readFile } from 'node:fs/promises'
import type { TaskUsage } from '../driver.ts'

/** The kernel tells times in ticks of a hundredth of a second, whatever its own are (time(7), USER_HZ). */
const MS_PER_TICK = 10

/** What the members of process groups use, by the number of the group. Groups without a member are left out. */
export async function usageOfGroups(groups: ReadonlySet<number>): Promise<Map<number, TaskUsage>> {
  const found = new Map<number, TaskUsage>()
  const names = await readdir('/proc')
  await Promise.all(
    names.filter(isProcess).map(async (pid) => {
      const used = await usageOf(pid, groups)
      if (!used) return
      const { cpuMs, memoryBytes } = found.get(used.group) ?? { cpuMs: 0, memoryBytes: 0 }
      found.set(used.group, { cpuMs: cpuMs + used.cpuMs, memoryBytes: memoryBytes + used.memoryBytes })
    }),
  )
  return found
}

const isProcess = (name: string) => /^\d+$/.test(name)

/** A process that ends meanwhile uses nothing. Its children's time counts once it has waited for them. */
async function usageOf(pid: string, groups: ReadonlySet<number>) {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    // The name, in parentheses, may hold anything; what follows does not.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const group = Number(fields[2])
    if (!groups.has(group)) return undefined
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
    const status = await readFile(`/proc/${pid}/status`, 'utf8')
    const kilobytes = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0)
    return { group, cpuMs: ticks * MS_PER_TICK, memoryBytes: kilobytes * 1024 }
  } catch {
    return undefined
  }
}
