/** For tests: decisions in few words, and a target after the writes of a place that takes all of them. */
import { nameRecord } from './builders.ts'
import { decideDiscovery } from './decide.ts'
import type { DiscoveryDecision, RecordWrite } from './decision.ts'
import { explainDiscovery } from './explain.ts'
import { ownedAfter } from './owned.ts'
import { recordKey } from './record.ts'
import type { ActualRecord, NameView } from './view.ts'

/** Each decision as kind and reason, and each write in one line. All of them can be explained. */
export function told(decisions: readonly DiscoveryDecision[]): string[] {
  return decisions.flatMap((decision) => {
    const sentence = explainDiscovery(decision)
    if (/undefined|unknown/.test(sentence)) throw new Error(`An explanation lacks a fact: ${sentence}`)
    return [`${decision.kind} ${decision.reason}`, ...writesOf([decision]).map(lineOf)]
  })
}

function lineOf({ action, record }: RecordWrite): string {
  return `${action} ${record.type} ${record.name} ${record.values.join(' ')}`
}

export function writesOf(decisions: readonly DiscoveryDecision[]): RecordWrite[] {
  return decisions.flatMap((each) => ('writes' in each ? each.writes : []))
}

/** The view after a pass. */
export function after(view: NameView): NameView {
  const decisions = decideDiscovery(view)
  const record = nameRecord({ target: view.target, owned: ownedAfter(view, decisions, 'done') })
  const { adopts: _, ...rest } = view
  return {
    ...rest,
    record,
    ...(view.actual !== undefined && { actual: written(view.actual, writesOf(decisions)) }),
  }
}

function written(actual: readonly ActualRecord[], writes: readonly RecordWrite[]): ActualRecord[] {
  const touched = new Set(writes.map(({ record }) => recordKey(record)))
  const added = writes.filter(({ action }) => action !== 'delete')
  return [
    ...actual.filter((each) => !touched.has(recordKey(each))),
    ...added.map(({ record }) => ({ ...record, isPlain: true })),
  ]
}
