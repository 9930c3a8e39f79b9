/** The view as it will be once the ledger has taken in a decision: what the next decision of a pass rests on. */
import type { DeliveryDecision } from './decision.ts'
import { progressAfter, progressOf, withProgress } from './progress.ts'
import { keyOf } from './service-key.ts'
import type { DeliveryView, ServiceRecord } from './view.ts'

/** `view` after `decision`, which changes nothing but the ledger. */
export function afterwards(view: DeliveryView, decision: DeliveryDecision, now: number): DeliveryView {
  const empty: ServiceRecord = {
    ...keyOf(view.service),
    version: 0,
    repositories: [],
    problems: [],
    quarantine: {},
  }
  const record = view.record ?? empty
  return {
    ...view,
    record: withProgress(record, progressAfter(progressOf(record), decision, { id: '', now })),
  }
}
