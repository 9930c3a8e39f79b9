/** Says what the guard decides, one sentence each: what is done, because of what evidence, and what comes next. */
import type { DeliveryDecision, RollBackReason } from './decision.ts'
import { describeImage } from './facts.ts'
import { nameOf } from './service-key.ts'
import type { HoldReason } from './view.ts'

type Kind<K extends DeliveryDecision['kind']> = Extract<DeliveryDecision, { kind: K }>
type GuardDecision =
  | Kind<'roll-back' | 'bake' | 'verify' | 'clear'>
  | Extract<DeliveryDecision, { kind: 'hold'; reason: HoldReason }>

/** What the guard does or leaves, and why, in one sentence. */
export function explainGuard(decision: GuardDecision): string {
  const name = nameOf(decision.service)
  switch (decision.kind) {
    case 'bake':
      return `Watches ${name} for ${decision.facts.bake} before ${decision.facts.images} counts as good.`
    case 'verify':
      return `Counts ${decision.facts.images} of ${name} as good: ${decision.facts.evidence}.`
    case 'clear':
      return `The trouble of ${name} is over (${decision.trouble.note}).`
    case 'roll-back':
      return explainRollBack(decision)
    case 'hold':
      return `Does not roll back ${name}: ${HOLD[decision.reason]} (${decision.trouble.note}).`
  }
}

const ROLL_BACK: Readonly<Record<RollBackReason, (decision: Kind<'roll-back'>) => string>> = {
  alarm: ({ facts }) => String(facts.evidence),
  'crash-loop': ({ facts }) => String(facts.evidence),
  'targets-unhealthy': ({ facts }) => String(facts.evidence),
  'deployment-failed': ({ facts }) => String(facts.evidence),
  requested: ({ facts }) => `${facts.by} asked for it (${facts.why})`,
  'unfinished-intent': () => 'it was begun and not finished',
}

function explainRollBack(decision: Kind<'roll-back'>): string {
  const { images, reason, service } = decision
  const back = Object.entries(images).map(([container, image]) => {
    return `${image.repository} ${describeImage(image)} in container ${container}`
  })
  return `Rolls ${nameOf(service)} back to ${back.join(' and ')}: ${ROLL_BACK[reason](decision)}; only an image pushed from now on is deployed by itself.`
}

const HOLD: Readonly<Record<HoldReason, string>> = {
  muted: 'its alarm is muted',
  'already-alarming': 'its alarm rang before the deployment began',
  'missing-data': 'its alarm rings because nothing is measured',
  'no-traffic': 'its alarm is about too few requests',
  'shared-alarm': 'its alarm is about other services as much',
  'correlated-outage': 'many services are in trouble at once',
  'after-outage': 'many services were in trouble at once, this one among them; it counts if it lasts',
  'nothing-recent': 'what runs was deployed too long ago to be the reason',
  infrastructure: 'tasks were taken away by infrastructure, not by the image',
  'targets-unhealthy': 'most of its targets are unhealthy, and it counts only if that lasts',
  recovering: 'it was rolled back and has to recover',
  'rollback-unhealthy': 'it was rolled back already, and a rollback is not rolled back',
  'already-rolled-back': 'it was rolled back for this very cause',
  'nothing-to-roll-back-to': 'there is no good state that it could go back to; someone has to look',
  paused: 'it is paused',
  'guard-off': 'its guard is off',
}
