/**
 * Guards a service: watches what completed until it counts as good, and goes back from what is unhealthy because of what
 * runs. Level-triggered, as every decision: it rests on the state of alarms, targets and tasks, never on an event.
 */
import { afterwards } from './afterwards.ts'
import { beginBake, settledState, verifyBaked } from './bake.ts'
import type { DeliveryDecision } from './decision.ts'
import { isRecovering, pausedBy } from './gates.ts'
import type { ObservedHealth } from './health.ts'
import { blamed, firstUsable, goodStates, isGoneBack, type Occasion, rollBackTo } from './rollback.ts'
import { keyOf } from './service-key.ts'
import { type Evidence, judgeHealth, type Verdict } from './verdict.ts'
import type { DeliveryView, GoodState, HoldReason, Trouble } from './view.ts'

type Seen = DeliveryView & { readonly health: ObservedHealth }

/** What the ledger has to learn, and what has to be done, if anything. */
export interface Guarded {
  readonly learned: readonly DeliveryDecision[]
  /** Goes before everything else that could be done to the service. */
  readonly main?: DeliveryDecision
}

/**
 * What the guard makes of a view, of which the ledger has learned all else. `now` is in ms since the epoch.
 *
 * | what is seen                              | decision                                           |
 * | ----------------------------------------- | -------------------------------------------------- |
 * | a deployment that completed               | bake                                               |
 * | healthy for its bake time                 | verify                                             |
 * | healthy again                             | clear                                              |
 * | unhealthy because of what runs            | roll-back, or hold with what stands against it     |
 * | anything else that is wrong               | hold with the reason, once                         |
 */
export function guardService(view: DeliveryView, now: number): Guarded {
  const begun = beginBake(view, now)
  const learned = begun === undefined ? [] : [begun]
  const baking = begun === undefined ? view : afterwards(view, begun, now)
  if (!isSeen(baking) || !isJudged(baking)) return { learned }
  const verdict = judgeHealth(baking, now)
  if (verdict.outcome === 'unhealthy') {
    const { main, learned: held } = judgeUnhealthy(baking, verdict, now)
    return { learned: [...learned, ...held], ...(main !== undefined && { main }) }
  }
  return { learned: [...learned, ...learn(baking, verdict, now)] }
}

/** What could be gone back to and was not looked at: empty, unless the decision is to go back. */
export function goodWanted(view: DeliveryView, now: number): readonly GoodState[] {
  if (!isSeen(view) || !isJudged(view)) return []
  const [evidence] = judgeHealth(view, now).evidence
  if (evidence === undefined || evidence.held !== undefined || hindrance(view, evidence) !== undefined)
    return []
  return goodStates(view)
}

function isSeen(view: DeliveryView): view is Seen {
  return view.health !== undefined
}

/** Whether the primary deployment is one to judge: Capstan's own that was seen, or the known one. No rollback is. */
export function isJudged(view: DeliveryView): boolean {
  const { record, service } = view
  const inFlight = record?.inFlight
  if (inFlight === undefined) return settledState(view) !== undefined
  if (inFlight.rollback !== undefined || inFlight.state !== 'started') return false
  return inFlight.primaryId === service.primary.id || inFlight.id === service.registeredBy
}

function learn(view: Seen, verdict: Verdict, now: number): DeliveryDecision[] {
  const trouble = view.record?.trouble
  const [first] = verdict.evidence
  if (first?.held !== undefined) return hold(view, verdict, heldReason(view, first.held, now), now)
  if (verdict.outcome !== 'healthy') return []
  if (trouble !== undefined) return [clear(view, trouble)]
  return [verifyBaked(view, now)].filter((decision) => decision !== undefined)
}

function judgeUnhealthy(view: Seen, verdict: Verdict, now: number): Guarded {
  const [evidence] = verdict.evidence
  if (evidence === undefined) return { learned: [] }
  const against = hindrance(view, evidence)
  if (against !== undefined) return { learned: hold(view, verdict, heldReason(view, against, now), now) }
  const target = firstUsable(view, goodStates(view))
  if (target === 'unchecked') return { learned: [] }
  if (target === undefined) return { learned: hold(view, verdict, 'nothing-to-roll-back-to', now) }
  return { learned: [], main: rollBackTo(view, target, occasionOf(verdict, evidence), now) }
}

/** What stands against a rollback for this evidence, whatever there is to go back to. */
function hindrance(view: DeliveryView, { cause }: Evidence): HoldReason | undefined {
  if (pausedBy(view, '') !== undefined) return 'paused'
  if (view.settings.guard.mode === 'off') return 'guard-off'
  if (isGoneBack(view)) return 'rollback-unhealthy'
  return view.record?.rolledBack?.cause === cause ? 'already-rolled-back' : undefined
}

// After a rollback its alarm rings on for a while, and it rang before what was gone back to was deployed again.
function heldReason(view: DeliveryView, reason: HoldReason, now: number): HoldReason {
  if (reason !== 'rollback-unhealthy' && reason !== 'already-alarming') return reason
  if (!isGoneBack(view)) return reason
  return isRecovering(view, now) ? 'recovering' : 'rollback-unhealthy'
}

function occasionOf({ evidence }: Verdict, { cause, kind }: Evidence): Occasion {
  const toBlame = evidence.filter(({ held }) => held === undefined)
  // What infrastructure did is always held.
  const reason = kind === 'infrastructure' ? 'alarm' : kind
  return { reason, cause, evidence: toBlame.map(({ note }) => note), facts: {} }
}

/** Told once for each reason; of targets, once for each deployment, since the time counts from then on. */
function hold(view: Seen, { evidence }: Verdict, reason: HoldReason, now: number): DeliveryDecision[] {
  const [first] = evidence
  const before = view.record?.trouble
  if (first === undefined) return []
  const isTold = before?.reason === reason && (reason !== 'targets-unhealthy' || before.cause === first.cause)
  if (isTold) return []
  const notes = evidence.map(({ note }) => note)
  const trouble: Trouble = { reason, cause: first.cause, since: now, note: notes.join('; ') }
  const toBlame = reason === 'nothing-to-roll-back-to' ? blamedWithout(view, trouble) : undefined
  return [
    {
      kind: 'hold',
      reason,
      service: keyOf(view.service),
      trouble,
      ...(toBlame !== undefined && { quarantine: toBlame }),
      evidence: notes,
      facts: { primary: view.service.primary.id, cause: first.cause, evidence: trouble.note },
    },
  ]
}

/** Without a state to go back to: what differs from the last one that was good, though it cannot be run any more. */
function blamedWithout(view: DeliveryView, { note }: Trouble): Record<string, string> {
  return blamed(view, goodStates(view)[0]?.images ?? {}, `unhealthy: ${note}`)
}

function clear(view: DeliveryView, trouble: Trouble): DeliveryDecision {
  const facts = { primary: view.service.primary.id, cause: trouble.cause, was: trouble.reason }
  return { kind: 'clear', reason: 'recovered', service: keyOf(view.service), trouble, facts }
}
