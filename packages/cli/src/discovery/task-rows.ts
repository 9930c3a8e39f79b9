/** The tasks of a name as rows of a table: how each stands, where it is, and why it is found or not. Pure. */
import { sourceName } from '@capstan/core/discovery/names.ts'
import { type Standing, standingOf } from '@capstan/core/discovery/standing.ts'
import type { NameView, Publication, PublishedTask } from '@capstan/core/discovery/view.ts'

/** A task at a name. */
export interface TaskAtName {
  readonly task: PublishedTask
  readonly source: string
  readonly standing: Standing
  readonly addresses: readonly string[]
  /** Whether a record of Capstan's names it. */
  readonly isFound: boolean
}

/** All tasks of a name that are not gone, those that serve first, then by id. */
export function tasksAt({ target, place, sources, record }: NameView): TaskAtName[] {
  const owned = (record?.owned ?? []).filter(({ state }) => state !== 'leaving')
  const found = new Set(owned.flatMap(({ task }) => (task === undefined ? [] : [task])))
  return sources
    .flatMap(({ source, publication, tasks }) =>
      tasks.map((task) => ({
        ...{ task, source: sourceName(source), addresses: addressesOf(task, publication) },
        standing: standingOf(task, publication, target, place),
        isFound: found.has(task.id),
      })),
    )
    .filter(({ standing, isFound }) => standing.kind !== 'gone' || isFound)
    .toSorted((a, b) => rankOf(a) - rankOf(b) || (a.task.id < b.task.id ? -1 : 1))
}

const rankOf = ({ standing }: TaskAtName) => (standing.kind === 'serving' ? 0 : 1)

function addressesOf({ addresses }: PublishedTask, { address, types }: Publication): string[] {
  const ipv4 = types.every((type) => type === 'AAAA') ? undefined : addresses[address]
  const ipv6 = types.includes('AAAA') ? addresses.ipv6 : undefined
  return [ipv4, ipv6].filter((each) => each !== undefined)
}

/** How many tasks serve, of how many that run: `2/3`. */
export function countTasks(tasks: readonly TaskAtName[]): string {
  const { serving, running } = tally(tasks)
  return `${serving}/${running}`
}

/** The same as numbers. A task runs as long as ECS wants it to and says that it does. */
export function tally(tasks: readonly TaskAtName[]): { readonly serving: number; readonly running: number } {
  const isRunning = ({ task }: TaskAtName) => task.desired === 'RUNNING' && task.last === 'RUNNING'
  return {
    serving: tasks.filter(({ standing }) => standing.kind === 'serving').length,
    running: tasks.filter(isRunning).length,
  }
}

/** A task's row: TASK, SOURCE, STATUS, ADDRESS, FOUND, WHY. */
export function taskRow({ task, source, standing, addresses, isFound }: TaskAtName): string[] {
  const status = task.health === 'UNKNOWN' ? task.last : `${task.last}, ${task.health}`
  return [task.id, source, status, addresses.join('\n') || '-', isFound ? 'yes' : 'no', describe(standing)]
}

/** Why a task is in or out, in few words. */
function describe(standing: Standing): string {
  return 'why' in standing ? standing.why : WORDS[standing.kind]
}

const WORDS: Readonly<Record<Exclude<Standing, { why: string }>['kind'], string>> = {
  serving: 'it serves',
  starting: 'it starts',
  stopping: 'it is to stop, or has stopped',
  gone: 'ECS knows it no more',
}
