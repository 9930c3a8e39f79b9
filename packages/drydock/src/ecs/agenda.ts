/**
 * When the scheduler has to look at which task. Pages by time, so that finding what is due costs nothing for the
 * thousands of tasks that rest; a task that was put on another page since is simply passed over on the old one.
 */
import type { EcsState, TaskRecord } from './state.ts'

/** Puts a task on the page of a time (milliseconds since the epoch); it is on one page only. */
export function lookAtTask(state: EcsState, task: TaskRecord, at: number): void {
  if (task.lookAt === at) return
  task.lookAt = at
  const page = state.agenda[at]
  if (page) page.push(task.arn)
  else state.agenda[at] = [task.arn]
}

/** The times that have a page. */
export const pageTimes = ({ agenda }: EcsState): number[] => Object.keys(agenda).map(Number)

/** The tasks that are to be looked at at one of these times. */
export function tasksOn(state: EcsState, times: readonly number[]): TaskRecord[] {
  const tasks = times.flatMap((at) =>
    (state.agenda[at] ?? []).flatMap((arn) => {
      const task = state.tasks[arn]
      return task?.lookAt === at ? [task] : []
    }),
  )
  return [...new Set(tasks)]
}
