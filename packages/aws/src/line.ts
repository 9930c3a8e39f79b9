/** What a line of the log says besides its sentence: the same fields for every decision, so that they can be asked for. */
import { runningImages } from '@capstan/core/current.ts'
import type { DeliveryDecision } from '@capstan/core/decision.ts'
import { nameOf } from '@capstan/core/service-key.ts'
import type { DeliveryView } from '@capstan/core/view.ts'
import { imagesIn } from './ledger/own-event.ts'
import type { DecisionEntry } from './ledger/rows.ts'

/** A line about a decision that was written down; docs/logs.md lists the fields. */
export interface Line {
  readonly message: string
  readonly fields: Record<string, unknown>
}

/** These are about images that do not run yet, or may not run any more; all others are about what runs. */
const CHANGING = new Set<DeliveryDecision['kind']>(['deploy', 'roll-back', 'record', 'verify'])

/** The line of a decision about a service, by its entry in the ledger. */
export function deliveryLine(decision: DeliveryDecision, entry: DecisionEntry, view: DeliveryView): Line {
  const { deployment, sentence } = entry
  const images = CHANGING.has(decision.kind) ? imagesIn(decision, view) : runningImages(view)
  const digests = Object.values(images).map(({ digest }) => digest)
  // What a deployment begins is not known yet.
  const ecsDeployment = 'primaryId' in decision ? decision.primaryId : view.service.primary.id
  const delivery = {
    service: nameOf(view.service),
    ...(deployment !== undefined && { deployment }),
    ...(decision.kind !== 'deploy' && { ecsDeployment }),
    ...(digests.length && { digest: [...new Set(digests)].join(' ') }),
  }
  return { message: sentence, fields: { delivery, ...decisionFields(entry) } }
}

/** The line of a decision about a name or a Cloud Map service, by its entry in the ledger. */
export function discoveryLine(entry: DecisionEntry, tasks: readonly string[]): Line {
  const { facts, sentence } = entry
  const discovery = {
    service: nameOf(entry),
    ...(facts.name !== undefined && { target: facts.name }),
    ...(tasks.length && { tasks: tasks.join(' ') }),
  }
  return { message: sentence, fields: { discovery, ...decisionFields(entry) } }
}

function decisionFields({ facts, id, kind, reason }: DecisionEntry) {
  return { decision: { id, kind, reason, facts } }
}
