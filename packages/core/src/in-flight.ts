/** What became of the deployment that Capstan has under way, told by the service's deployments. */
import { isCompleted } from './bake.ts'
import { chooseImages } from './choose.ts'
import { isCreatedAnew, runningImages } from './current.ts'
import type { DeliveryDecision } from './decision.ts'
import { canRun } from './rollback.ts'
import { keyOf } from './service-key.ts'
import type {
  DeliveryView,
  Hold,
  InFlight,
  KnownState,
  ObservedDeployment,
  ObservedService,
  Rollback,
} from './view.ts'

type RecordDecision = Extract<DeliveryDecision, { kind: 'record' }>
type Fate = RecordDecision['reason'] | 'under-way' | 'not-begun'

/**
 * How long an intent is left to the one who wrote it (ms). Two deliveries of one event run side by side, and the second
 * must not carry out what the first is just about to.
 */
export const INTENT_LEASE_MS = 10_000
/** How long DescribeServices may still show the state before an UpdateService (ms); ECS is eventually consistent. */
const SETTLING_MS = 60_000

/** The status of a service deployment that leads to its target (API reference: ServiceDeployment). */
const FORWARD = /^(?:PENDING|IN_PROGRESS|SUCCESSFUL)$/
/** The status of a service deployment that was stopped, or goes back (API reference: ServiceDeployment). */
const UNDER_WAY_BACK = /^(?:STOP_REQUESTED|ROLLBACK_REQUESTED|ROLLBACK_IN_PROGRESS)$/

/**
 * The record that is due, if any.
 *
 * | primary deployment                         | intended  | started    |
 * | ------------------------------------------ | --------- | ---------- |
 * | of a service created anew                  | overtaken | overtaken  |
 * | ours, COMPLETED                            | completed | completed  |
 * | ours, FAILED                               | failed    | failed     |
 * | ours, else                                 | started   | (under way) |
 * | the one it was based on                    | (not begun) | failed, once a minute old |
 * | another, after one of ours FAILED          | failed    | failed     |
 * | another, of the last known task definition | overtaken | failed     |
 * | another                                    | overtaken | overtaken  |
 *
 * A rollback of Capstan's own is recognised by the task definition that it goes back to as well. Still on its base it is
 * not begun, or under way if ECS says so; it is failed if what it goes back to can no longer be run. If it was started and
 * what it went back from is there again, ECS's own record of the rollout says whether it failed or someone else did that.
 *
 * ECS rolls back to the last completed deployment (API reference: DeploymentCircuitBreaker), which is the known one;
 * it may be listed under its old id or a new one.
 */
export function recordInFlight(view: DeliveryView, now: number): RecordDecision | undefined {
  const { inFlight } = view.record ?? {}
  if (inFlight === undefined) return undefined
  const fate = fateOf(view, inFlight, now)
  if (fate === 'under-way' || fate === 'not-begun') return undefined
  const { primary } = view.service
  return {
    kind: 'record',
    reason: fate,
    service: keyOf(view.service),
    deployment: inFlight.id,
    primaryId: primary.id,
    known: knownAfter(view, inFlight, fate),
    ...(fate === 'failed' && { failedDigests: failedDigests(inFlight, view.record?.known) }),
    ...(fate === 'failed' && holdAfter(view, inFlight, now)),
    facts: {
      deployment: inFlight.id,
      primary: primary.id,
      ...(fate === 'failed' && whyFailed(view, inFlight)),
    },
  }
}

/** Whether the intent was written and nothing has happened to the service since: it may or may not have been sent. */
export function isNotBegun(view: DeliveryView, now: number): boolean {
  const { inFlight } = view.record ?? {}
  return inFlight !== undefined && fateOf(view, inFlight, now) === 'not-begun'
}

function fateOf(view: DeliveryView, inFlight: InFlight, now: number): Fate {
  const { service } = view
  const { rollback, state } = inFlight
  if (isCreatedAnew(view)) return 'overtaken'
  if (isOurs(service, inFlight)) return fateOfOurs(service, state)
  if (failedDeployment(service, inFlight) !== undefined) return 'failed'
  if (service.primary.id === inFlight.basePrimaryId) {
    if (state === 'started') return now - inFlight.intendedAt < SETTLING_MS ? 'under-way' : 'failed'
    if (rollback !== undefined) return fateOfRollback(view, rollback)
    return isLeftToDo(view, inFlight) ? 'not-begun' : 'overtaken'
  }
  const isBack = service.primary.taskDefinitionArn === view.record?.known?.taskDefinitionArn
  if (!isBack || state !== 'started') return 'overtaken'
  return rollback === undefined ? 'failed' : fateOfUndone(view)
}

/** Of a started rollback, when what it went back from is primary again; until ECS's record of that is seen it is open. */
function fateOfUndone({ health, service }: DeliveryView): Fate {
  if (health === undefined) return 'under-way'
  const { status = '', targetTaskDefinitionArn } = health.serviceDeployment ?? {}
  const isMeant = targetTaskDefinitionArn === service.primary.taskDefinitionArn && FORWARD.test(status)
  return isMeant ? 'overtaken' : 'failed'
}

// A rollback deploys an older task definition, which another deployment registered; it never was the one rolled back.
function isOurs({ registeredBy, primary }: ObservedService, inFlight: InFlight): boolean {
  const { basePrimaryId, id, primaryId, rollback } = inFlight
  if (registeredBy === id || primary.id === primaryId) return true
  return primary.id !== basePrimaryId && primary.taskDefinitionArn === rollback?.taskDefinitionArn
}

/** Of a rollback that is not to be seen in the primary deployment yet. */
function fateOfRollback(view: DeliveryView, { taskDefinitionArn }: Rollback): Fate {
  if (UNDER_WAY_BACK.test(view.health?.serviceDeployment?.status ?? '')) return 'under-way'
  const good = view.record?.good?.find((state) => state.taskDefinitionArn === taskDefinitionArn)
  return good !== undefined && canRun(view, good) === false ? 'failed' : 'not-begun'
}

function fateOfOurs(service: ObservedService, state: InFlight['state']): Fate {
  if (service.primary.rolloutState === 'FAILED') return 'failed'
  if (isCompleted(service)) return 'completed'
  return state === 'intended' ? 'started' : 'under-way'
}

/** Our deployment, where ECS lists it as failed; before it was seen, any that failed since the intent was ours. */
function failedDeployment(service: ObservedService, inFlight: InFlight): ObservedDeployment | undefined {
  const { primaryId, intendedAt } = inFlight
  return service.deployments.find(({ id, status, rolloutState, createdAt }) => {
    if (rolloutState !== 'FAILED') return false
    if (status === 'PRIMARY') return isOurs(service, inFlight)
    return primaryId === undefined ? createdAt >= intendedAt : id === primaryId
  })
}

/** Why it failed, in the words of ECS, as far as ECS still lists it. */
function whyFailed({ health, service }: DeliveryView, inFlight: InFlight): { why?: string } {
  const why = failedDeployment(service, inFlight)?.rolloutStateReason ?? health?.serviceDeployment?.reason
  return why ? { why: why.replace(/\.$/, '') } : {}
}

/** What was gone back to is held, until something is pushed that did not fail; a rollback has its hold already. */
function holdAfter(view: DeliveryView, inFlight: InFlight, now: number): { hold?: Hold } {
  if (inFlight.rollback !== undefined || isOurs(view.service, inFlight)) return {}
  const { hold, known } = view.record ?? {}
  if (known?.taskDefinitionArn !== view.service.primary.taskDefinitionArn) return {}
  const failed = failedDigests(inFlight, known)
  const back = Object.entries(inFlight.images).flatMap(([container, { digest }]) => {
    const image = known.images[container]
    return failed.includes(digest) && image !== undefined ? [[container, image.digest] as const] : []
  })
  if (back.length === 0) return {}
  const images = { ...hold?.images, ...Object.fromEntries(back) }
  return { hold: { reason: 'rolled-back', since: now, images, note: `deployment ${inFlight.id} failed` } }
}

// Its containers may no longer be tracked, its images deleted, someone else may have brought in the very images, or the
// policy may choose what runs again; an operator's request, which the hold tells of, does not depend on the policy.
function isLeftToDo(view: DeliveryView, inFlight: InFlight): boolean {
  return chooseImages(view).some(({ track, running, chosen }) => {
    const image = inFlight.images[track.container]
    if (image === undefined || running.digest === image.digest) return false
    const isRequested = view.record?.hold?.images[track.container] === image.digest
    if (!isRequested && chosen !== undefined && chosen.digest === running.digest) return false
    return view.repositories[image.repository]?.some(({ digest }) => digest === image.digest) ?? false
  })
}

function knownAfter(view: DeliveryView, inFlight: InFlight, fate: RecordDecision['reason']): KnownState {
  const { primary } = view.service
  const known = view.record?.known
  const seen = {
    serviceCreatedAt: view.service.createdAt,
    primaryId: primary.id,
    taskDefinitionArn: primary.taskDefinitionArn,
    images: runningImages(view),
  }
  if (fate === 'completed') {
    return { ...seen, images: { ...seen.images, ...inFlight.images }, completedAt: primary.updatedAt }
  }
  if (fate === 'failed' && isOurs(view.service, inFlight)) return seen
  if (known === undefined) return seen
  // Nothing came of it: what it was to replace runs on, which may be an earlier deployment of Capstan's, unfinished.
  const isDropped = fate === 'overtaken' || inFlight.rollback !== undefined
  if (isDropped && primary.id === inFlight.basePrimaryId) return primary.id === known.primaryId ? known : seen
  // Rolled back: the known task definition again, in whatever deployment carries it now.
  const isBack = fate === 'failed' && primary.taskDefinitionArn === known.taskDefinitionArn
  return isBack ? { ...known, primaryId: primary.id } : known
}

/** What a failed deployment brought in and the known state did not have: only that can be to blame. */
export function failedDigests(inFlight: InFlight, known: KnownState | undefined): string[] {
  // A rollback that fails brought nothing in: what it goes back to was good.
  if (inFlight.rollback !== undefined) return []
  const before = known?.images ?? {}
  return Object.entries(inFlight.images)
    .filter(([container, { digest }]) => before[container]?.digest !== digest)
    .map(([, { digest }]) => digest)
}
