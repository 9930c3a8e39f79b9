/**
 * Decides what a service needs so that it runs what its policies choose. Level-triggered: it compares what is with what
 * should be and never looks at an event, so a repeated, late or lost one can do no harm.
 */
import { afterwards } from './afterwards.ts'
import { chooseImages, deployedImage, manifestsFor, type Outcome } from './choose.ts'
import { type RunningImage, runningImage } from './current.ts'
import type { DeliveryDecision, ImageChange, SkipReason } from './decision.ts'
import { imageFacts, latestFacts, trackFacts } from './facts.ts'
import { adopt, recogniseChange, releaseHold } from './foreign.ts'
import { gateOf, pausedBy } from './gates.ts'
import { type Guarded, guardService } from './guard.ts'
import { INTENT_LEASE_MS, isNotBegun, recordInFlight } from './in-flight.ts'
import { findReference, requestedTrack, requireEnrolled, resolveRequest } from './request.ts'
import { type Occasion, requestedGood, resumeRollback, rollBackTo } from './rollback.ts'
import { formatPlatform } from './select.ts'
import { keyOf } from './service-key.ts'
import type { Track } from './settings.ts'
import type { DeliveryView, DeployedImage, DeployRequest, Hold, Rollback, RollbackRequest } from './view.ts'

type Deploy = Extract<DeliveryDecision, { kind: 'deploy' }>

/**
 * The decisions for one service: first what the ledger has to learn (`record`, `adopt`, `bake`, `verify`, `clear`, and
 * `hold` with a trouble), then exactly one of deploy, roll-back, hold with a foreign change, wait and skip. `now` is in
 * milliseconds since the epoch.
 *
 * Throws `Failure` INVALID_REQUEST if the view carries a request that cannot be met.
 */
export function decideDelivery(view: DeliveryView, now: number): DeliveryDecision[] {
  const record = recordInFlight(view, now)
  const recorded = record === undefined ? view : afterwards(view, record, now)
  const first = record === undefined ? [] : [record]
  if (!isRequested(view)) {
    const reason = reasonNotToLook(recorded)
    if (reason !== undefined && !isRequestUnfinished(recorded)) return [...first, skip(recorded, reason)]
  }
  const change = recogniseChange(recorded)
  if (change?.kind === 'wait') return [...first, change]
  const changed = change === undefined ? recorded : afterwards(recorded, change, now)
  const { learned, main } = decideKnown(changed, now)
  if (change === undefined) return [...first, ...learned, main]
  if (change.kind === 'adopt') return [...first, change, ...learned, main]
  // A hold that is overtaken at once is never seen: the change is only taken note of.
  return main.kind === 'deploy' || main.kind === 'roll-back'
    ? [...first, adopt(recorded, 'foreign-change', change.hold), ...learned, main]
    : [...first, ...learned, change]
}

/** The decisions on a state of the service that the ledger knows. */
function decideKnown(view: DeliveryView, now: number): Required<Guarded> {
  const guarded = guardService(view, now)
  const seen = guarded.learned.reduce((before, decision) => afterwards(before, decision, now), view)
  const main = isRequested(view) ? undefined : guarded.main
  if (main !== undefined) return { learned: guarded.learned, main }
  const decided = decideMain(seen, now)
  // What is replaced at once is not watched.
  const learned = guarded.learned.filter(({ kind }) => kind !== 'bake' || decided.kind !== 'deploy')
  return { learned, main: decided }
}

function isRequested({ request, rollbackRequest }: DeliveryView): boolean {
  return request !== undefined || rollbackRequest !== undefined
}

/** Digests whose manifests have to be read before `decideDelivery` can choose; ask again until there are none. */
export function manifestsToRead(view: DeliveryView): { repository: string; digest: string }[] {
  if (view.request !== undefined) return requestedManifests(view, view.request)
  if (reasonNotToLook(view) !== undefined) return []
  return view.settings.tracks.flatMap((track) => {
    return manifestsFor(view, track).map((digest) => ({ repository: track.repository, digest }))
  })
}

function requestedManifests(
  view: DeliveryView,
  request: DeployRequest,
): { repository: string; digest: string }[] {
  const track = requestedTrack(view, request)
  const { repository } = track
  const image = request.reference && findReference(view.repositories[repository] ?? [], request.reference)
  const named = image && image.platforms === undefined ? [image.digest] : []
  return [...new Set([...named, ...manifestsFor(view, track)])].map((digest) => ({
    repository,
    digest,
  }))
}

function reasonNotToLook({ settings }: DeliveryView): SkipReason | undefined {
  if (!settings.enrolled) return 'not-enrolled'
  if (settings.problems.length > 0) return 'invalid-settings'
  return settings.tracks.every(({ policy }) => policy.kind === 'off') ? 'paused' : undefined
}

// A request is carried out although the policy is off, and so is one whose intent was written but not done.
function isRequestUnfinished({ settings, record }: DeliveryView): boolean {
  const { inFlight, hold } = record ?? {}
  if (settings.problems.length > 0 || inFlight === undefined || hold?.reason !== 'requested') return false
  return Object.entries(inFlight.images).some(([container, { digest }]) => hold.images[container] === digest)
}

function decideMain(view: DeliveryView, now: number): DeliveryDecision {
  const { inFlight } = view.record ?? {}
  const notBegun = isNotBegun(view, now)
  if (inFlight !== undefined && notBegun && now - inFlight.intendedAt < INTENT_LEASE_MS) return wait(view)
  if (view.rollbackRequest !== undefined) return decideRequestedRollback(view, view.rollbackRequest, now)
  if (view.request !== undefined) return deployRequest(view, view.request, now)
  if (notBegun && inFlight?.rollback !== undefined) return finishRollback(view, inFlight.rollback, now)
  const outcomes = chooseImages(view)
  const chosen = outcomes.filter(({ result }) => result === 'change')
  if (notBegun) return gated(view, finishIntent(view, chosen), now)
  if (chosen.length > 0) return gated(view, deployChosen(view, chosen), now)
  if (inFlight !== undefined) return wait(view)
  return skipAll(view, outcomes)
}

/** The deployment, or why it waits. */
function gated(view: DeliveryView, decision: Deploy, now: number): DeliveryDecision {
  const { breakGlass, changes } = decision
  const images = changes.filter(({ fromDigest, to }) => fromDigest !== to.digest).map(({ to }) => to)
  return gateOf(view, images, now, breakGlass) ?? decision
}

function deployChosen(view: DeliveryView, chosen: readonly Outcome[]): Deploy {
  const moved = chosen.every(
    ({ track, current, chosen: to }) => track.policy.kind === 'tag' || current.tag === to?.tag,
  )
  const hold = releaseHold(
    view.record?.hold,
    chosen.map(({ track }) => track.container),
  )
  return deploy(view, moved ? 'tag-moved' : 'newer-image', imagesOf(chosen), hold, chosen[0])
}

/** Carries on an intent that never reached the service; something newer takes its place with an intent of its own. */
function finishIntent(view: DeliveryView, newer: readonly Outcome[]): Deploy {
  const { inFlight, hold } = view.record ?? {}
  const images = { ...inFlight?.images, ...imagesOf(newer) }
  if (newer.length > 0) {
    const left = releaseHold(
      hold,
      newer.map(({ track }) => track.container),
    )
    return deploy(view, 'newer-image', images, left, newer[0])
  }
  const { supersedes: resumes = '', ...decision } = deploy(view, 'unfinished-intent', images, hold, undefined)
  const { breakGlass } = inFlight ?? {}
  return { ...decision, resumes, ...(breakGlass !== undefined && { breakGlass }) }
}

/** A rollback goes through a freeze, but not through a pause. */
function finishRollback(view: DeliveryView, rollback: Rollback, now: number): DeliveryDecision {
  const { breakGlass } = view.record?.inFlight ?? {}
  const paused = breakGlass === undefined ? pausedBy(view, 'its rollback waits') : undefined
  return paused ?? resumeRollback(view, rollback, now) ?? wait(view)
}

function decideRequestedRollback(
  view: DeliveryView,
  request: RollbackRequest,
  now: number,
): DeliveryDecision {
  requireEnrolled(view, 'rolled back')
  if (view.record?.inFlight?.rollback !== undefined) return wait(view)
  const good = requestedGood(view, request)
  const { breakGlass, by, reason } = request
  const paused = breakGlass === undefined ? pausedBy(view, 'it is not rolled back') : undefined
  if (paused !== undefined) return paused
  const occasion: Occasion = {
    reason: 'requested',
    cause: `requested:${by}@${now}`,
    evidence: [`${by} asked for it (${reason})`],
    facts: { by, why: reason, ...(breakGlass !== undefined && { breakGlass }) },
    ...(breakGlass !== undefined && { breakGlass }),
  }
  return rollBackTo(view, good, occasion, now)
}

function deployRequest(view: DeliveryView, request: DeployRequest, now: number): DeliveryDecision {
  const { track, image, isChosen } = resolveRequest(view, request)
  const { container } = track
  const { inFlight } = view.record ?? {}
  const outcome = chooseImages(view).find((each) => each.track.container === container)
  const notBegun = isNotBegun(view, now)
  if (!notBegun && outcome?.running.digest === image.digest) {
    if (inFlight !== undefined) return wait(view)
    const met = skip(view, 'already-running')
    return { ...met, facts: { ...imageFacts(outcome), by: request.by } }
  }
  if (request.reference === undefined && view.record?.quarantine[image.digest] !== undefined)
    return skip(view, 'quarantined', outcome)
  const images = { ...(notBegun && inFlight?.images), [container]: image }
  const left = releaseHold(view.record?.hold, [container])
  const held: Hold = {
    reason: 'requested',
    since: now,
    images: { ...left?.images, [container]: image.digest },
    note: `${request.by} asked for ${image.tag ?? image.digest}`,
  }
  const decision = deploy(view, 'requested', images, isChosen ? left : held, outcome)
  const { breakGlass, by } = request
  const glass = breakGlass === undefined ? {} : { breakGlass }
  return gated(view, { ...decision, ...glass, facts: { ...decision.facts, by, ...glass } }, now)
}

function imagesOf(outcomes: readonly Outcome[]): Record<string, DeployedImage> {
  return Object.fromEntries(
    outcomes.flatMap(({ track, chosen }) =>
      chosen ? [[track.container, deployedImage(track, chosen)]] : [],
    ),
  )
}

function deploy(
  view: DeliveryView,
  reason: Deploy['reason'],
  images: Readonly<Record<string, DeployedImage>>,
  hold: Hold | undefined,
  outcome: Outcome | undefined,
): Deploy {
  const { primary } = view.service
  const inFlight = view.record?.inFlight
  return {
    kind: 'deploy',
    reason,
    service: keyOf(view.service),
    changes: changesTo(view, images),
    baseTaskDefinitionArn: primary.taskDefinitionArn,
    basePrimaryId: primary.id,
    ...(inFlight !== undefined && { supersedes: inFlight.id }),
    ...(hold !== undefined && { hold }),
    facts: outcome === undefined ? {} : imageFacts(outcome),
  }
}

function changesTo(view: DeliveryView, images: Readonly<Record<string, DeployedImage>>): ImageChange[] {
  return view.settings.tracks.flatMap((track) => {
    const running = runningImage(view, track)
    if (running === undefined) return []
    const to = images[track.container] ?? pinOf(view, track, running)
    if (to === undefined) return []
    const { name: container, image } = running.container
    return [
      {
        container,
        from: image.text,
        ...(running.digest !== undefined && { fromDigest: running.digest }),
        to,
      },
    ]
  })
}

/**
 * A tracked container that is named by tag is pinned to what it runs: ECS would resolve its tag anew in the deployment,
 * and bring in an image that nobody chose.
 */
function pinOf(
  view: DeliveryView,
  track: Track,
  { container, digest, tag }: RunningImage,
): DeployedImage | undefined {
  const { repository } = container.image
  if (track.policy.kind === 'off' || container.image.digest !== undefined || digest === undefined)
    return undefined
  const isStored = view.repositories[repository]?.some((image) => image.digest === digest) ?? false
  return isStored ? { repository, digest, ...(tag !== undefined && { tag }) } : undefined
}

// What a person should hear of first, where several containers have different reasons.
const TELLING: readonly SkipReason[] = [
  'repository-missing',
  'quarantined',
  'platform-unknown',
  'wrong-platform',
  'would-downgrade',
  'held',
  'no-matching-image',
  'already-running',
  'paused',
]

function skipAll(view: DeliveryView, outcomes: readonly Outcome[]): DeliveryDecision {
  for (const reason of TELLING) {
    const outcome = outcomes.find(({ result }) => result === reason)
    if (outcome !== undefined) return skip(view, reason, outcome)
  }
  // The task definition has none of the containers that the settings name.
  return { ...skip(view, 'no-matching-image'), facts: trackFacts(view.settings.tracks) }
}

function skip(view: DeliveryView, reason: SkipReason, outcome?: Outcome): DeliveryDecision {
  const facts = {
    ...(outcome !== undefined && { ...imageFacts(outcome), ...latestFacts(outcome) }),
    ...(reason === 'wrong-platform' && { platform: formatPlatform(view.service.platform) }),
    ...(reason === 'invalid-settings' && { problems: view.settings.problems.join(' ') }),
    ...(reason === 'held' && { note: view.record?.hold?.note ?? '' }),
    ...(reason === 'quarantined' && { note: view.record?.quarantine[outcome?.chosen?.digest ?? ''] ?? '' }),
  }
  return { kind: 'skip', reason, service: keyOf(view.service), facts }
}

function wait(view: DeliveryView): DeliveryDecision {
  const deployment = view.record?.inFlight?.id ?? ''
  return {
    kind: 'wait',
    reason: 'deployment-in-progress',
    service: keyOf(view.service),
    facts: { deployment },
  }
}
