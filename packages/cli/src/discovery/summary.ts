/** A name in short, as the list shows it. Pure. */
import { explainDiscovery } from '@capstan/core/discovery/explain.ts'
import { targetName } from '@capstan/core/discovery/names.ts'
import type { NamePlan } from './plan.ts'
import { countRecords } from './record-rows.ts'
import { leftUndone, stateOf, whereOf } from './state.ts'
import { countTasks, tally, tasksAt } from './task-rows.ts'

/** A name's row: NAME, WHERE, RECORDS, TASKS, STATE, WHY. */
export function summaryRow({ view, decisions }: NamePlan): string[] {
  return [
    targetName(view.target),
    whereOf(view.place),
    String(countRecords(view)),
    countTasks(tasksAt(view)),
    stateOf(decisions),
    leftUndone(decisions).map(explainDiscovery).join('\n'),
  ]
}

/** The same for programs. */
export function summaryOf({ view, decisions }: NamePlan) {
  return {
    name: targetName(view.target),
    target: view.target,
    place: view.place,
    state: stateOf(decisions),
    records: countRecords(view),
    tasks: tally(tasksAt(view)),
    sentences: decisions.map(explainDiscovery),
    problems: view.problems,
  }
}
