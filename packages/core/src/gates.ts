/** What keeps a delivery waiting although there is something to deliver: a pause, a freeze, a rollback not over yet. */
import type { DeliveryDecision, WaitReason } from './decision.ts'
import { describeImage } from './facts.ts'
import { isGoneBack } from './rollback.ts'
import { keyOf } from './service-key.ts'
import type { DeliveryView, DeployedImage } from './view.ts'

/**
 * How long a newer image waits for the trouble to end that a rollback was for (ms). An alarm that rings when the new
 * deployment begins could not tell on it. Beyond that the rollback has not helped, and something newer may.
 */
const RECOVERY_MS = 300_000

/** Why a deployment of these images waits, if it has to. A rollback that is under way holds up no operator. */
export function gateOf(
  view: DeliveryView,
  images: readonly DeployedImage[],
  now: number,
  breakGlass: string | undefined,
): DeliveryDecision | undefined {
  const names = images.map(describeImage).join(' and ')
  // A wish is not kept: whoever has it tries again.
  const waits = view.request === undefined ? `${names} waits` : `${names} is not deployed`
  if (breakGlass === undefined) {
    const stop = pausedBy(view, waits) ?? frozenBy(view, waits)
    if (stop !== undefined) return stop
  }
  if (view.request !== undefined || !isRecovering(view, now)) return undefined
  return wait(view, 'recovering', { note: view.record?.trouble?.note ?? '', waits })
}

/** Why nothing at all is done to the service, if a person paused it. */
export function pausedBy(view: DeliveryView, waits: string): DeliveryDecision | undefined {
  const pause = view.record?.pause
  return pause && wait(view, 'paused', { by: pause.by, why: pause.reason, waits })
}

/** Whether it was rolled back so lately that its trouble may be about to end. */
export function isRecovering(view: DeliveryView, now: number): boolean {
  const { inFlight, rolledBack, trouble } = view.record ?? {}
  if (rolledBack === undefined || trouble?.reason !== 'recovering') return false
  const isBack = inFlight?.rollback !== undefined || isGoneBack(view)
  return isBack && now - rolledBack.at < RECOVERY_MS
}

function frozenBy(view: DeliveryView, waits: string): DeliveryDecision | undefined {
  const freeze = view.freezes?.[0]
  if (freeze === undefined) return undefined
  const { by, id, reason, scope, until } = freeze
  return wait(view, 'frozen', {
    freeze: id,
    scope,
    by,
    why: reason,
    ...(until !== undefined && { until: new Date(until).toISOString() }),
    waits,
  })
}

function wait(view: DeliveryView, reason: WaitReason, facts: Record<string, string>): DeliveryDecision {
  return { kind: 'wait', reason, service: keyOf(view.service), facts }
}
