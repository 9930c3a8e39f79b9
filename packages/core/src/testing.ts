/** For tests: the service after a decision, with an AWS that does at once what it is told. */
import { AMD64, deployment, record, service } from './builders.ts'
import type { DeliveryDecision } from './decision.ts'
import { decideDelivery, manifestsToRead } from './delivery.ts'
import { explain } from './explain.ts'
import { parseImageReference, pinnedReference } from './image.ts'
import { progressAfter, progressOf, withProgress } from './progress.ts'
import type { DeliveryView } from './view.ts'

/** Late enough that no intent of the builders is fresh. */
export const NOW = 100_000

/** Kind and reason of each decision, all of which can be explained. */
export function told(view: DeliveryView): string[] {
  return decideDelivery(view, NOW).map((decision) => {
    const sentence = explain(decision)
    if (/undefined|unknown/.test(sentence)) throw new Error(`An explanation lacks a fact: ${sentence}`)
    return `${decision.kind} ${decision.reason}`
  })
}

/** The one decision that does something, or leaves it. */
export function mainDecision(view: DeliveryView): DeliveryDecision {
  const last = decideDelivery(view, NOW).at(-1)
  if (last === undefined) throw new Error('There is always a main decision.')
  return last
}

/** What observe, decide and apply do together, once, with an AWS that does at once what it is told. */
export function turn(view: DeliveryView, now: number): { view: DeliveryView; decisions: DeliveryDecision[] } {
  const read = readManifests(view)
  const decisions = decideDelivery(read, now)
  return {
    decisions,
    view: decisions.reduce(
      (seen, decision, index) => applyToView(seen, decision, now, `d-${now}-${index}`),
      read,
    ),
  }
}

export function readManifests(view: DeliveryView): DeliveryView {
  const asked = manifestsToRead(view).map((each) => each.digest)
  if (asked.length === 0) return view
  const web = (view.repositories.web ?? []).map((image) =>
    asked.includes(image.digest) ? { ...image, platforms: [AMD64] } : image,
  )
  return readManifests({ ...view, repositories: { web } })
}

function applyToView(view: DeliveryView, decision: DeliveryDecision, now: number, id: string): DeliveryView {
  const remembered = view.record ?? { ...record({}), version: 0 }
  const progress = progressAfter(progressOf(view.record), decision, { id, now })
  const after = { ...view, record: withProgress(remembered, progress) }
  return decision.kind === 'deploy' || decision.kind === 'roll-back'
    ? updateService(after, decision, now)
    : after
}

function updateService(
  view: DeliveryView,
  decision: Extract<DeliveryDecision, { kind: 'deploy' | 'roll-back' }>,
  now: number,
): DeliveryView {
  const { changes } = decision
  const id = view.record?.inFlight?.id ?? ''
  const isOld = decision.kind === 'roll-back' && !decision.register
  const primary = deployment({
    id: `ecs-svc/${id}`,
    taskDefinitionArn: isOld ? decision.rollback.taskDefinitionArn : `arn:…/${id}`,
    rolloutState: 'IN_PROGRESS',
    createdAt: now,
  })
  const containers = view.service.containers.map((each) => {
    const change = changes.find(({ container: name }) => name === each.name)
    return change === undefined
      ? each
      : { ...each, image: parseImageReference(pinnedReference(each.image, change.to)) }
  })
  const updated = { ...view, service: service({ primary, registeredBy: isOld ? undefined : id, containers }) }
  const [started] = decideDelivery(updated, now)
  return started?.kind === 'record' && started.reason === 'started'
    ? applyToView(updated, started, now, id)
    : updated
}

export function complete(view: DeliveryView): DeliveryView {
  const primary = { ...view.service.primary, rolloutState: 'COMPLETED' as const }
  return { ...view, service: { ...view.service, primary, deployments: [primary] } }
}
