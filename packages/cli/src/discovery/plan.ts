/** What discovery would do at names, and how it is told. Pure. */
import { decideDiscovery } from '@capstan/core/discovery/decide.ts'
import type { DiscoveryDecision } from '@capstan/core/discovery/decision.ts'
import { explainDiscovery } from '@capstan/core/discovery/explain.ts'
import { targetName } from '@capstan/core/discovery/names.ts'
import type { NameView } from '@capstan/core/discovery/view.ts'
import { changeLines } from './change-lines.ts'
import { leftUndone, whereOf } from './state.ts'

export interface NamePlan {
  readonly view: NameView
  readonly decisions: readonly DiscoveryDecision[]
}

/** What is decided for each name. */
export function planNames(views: readonly NameView[]): NamePlan[] {
  return views.map((view) => ({ view, decisions: decideDiscovery(view) }))
}

/** Whether anything at all would be changed. */
export function changesAnything(plans: readonly NamePlan[]): boolean {
  return plans.some(({ decisions }) => decisions.some(({ kind }) => kind !== 'skip'))
}

/** The names where something is to be done, or is left undone. */
export function worthTelling(plans: readonly NamePlan[]): NamePlan[] {
  return plans.filter((plan) => changesAnything([plan]) || leftUndone(plan.decisions).length > 0)
}

/** A plan for people: where, what and why, and the records with a sign each. */
export function planLines({ view, decisions }: NamePlan): string[] {
  return [
    `${targetName(view.target)}, ${whereOf(view.place)}:`,
    ...decisions.map((decision) => `  ${explainDiscovery(decision)}`),
    ...changeLines(decisions).map((line) => `    ${line}`),
  ]
}

/** How many records a pass takes over. */
export function countAdopted(decisions: readonly DiscoveryDecision[]): number {
  return decisions.reduce(
    (sum, decision) => sum + (decision.kind === 'adopt' ? decision.records.length : 0),
    0,
  )
}

/** Decisions for programs. */
export function withSentences(decisions: readonly DiscoveryDecision[]) {
  return decisions.map((decision) => ({ ...decision, sentence: explainDiscovery(decision) }))
}
