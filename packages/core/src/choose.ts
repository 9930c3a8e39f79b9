/** What should become of one tracked container: changed to the image that its policy chooses, or left, and why. */
import { keyOf, type RunningImage, runningImage } from './current.ts'
import type { SkipReason } from './decision.ts'
import { compareKeys } from './order.ts'
import { type Candidate, type PassedOver, type Selection, selectImage } from './select.ts'
import type { Track } from './settings.ts'
import type { DeliveryView, DeployedImage, ObservedImage } from './view.ts'

export interface Outcome {
  readonly track: Track
  readonly running: RunningImage
  /** What the container is to run if nothing new is chosen: the image in flight, or what runs. */
  readonly current: { readonly digest?: string; readonly tag?: string }
  readonly chosen?: Candidate
  readonly passedOver?: PassedOver
  readonly result: 'change' | SkipReason
}

/** One outcome for each tracked container that the task definition has, in the order of the settings. */
export function chooseImages(view: DeliveryView): readonly Outcome[] {
  return view.settings.tracks.flatMap((track) => {
    const running = runningImage(view, track)
    return running === undefined ? [] : [choose(view, track, running)]
  })
}

function choose(view: DeliveryView, track: Track, running: RunningImage): Outcome {
  const current = view.record?.inFlight?.images[track.container] ?? running
  const base = { track, running, current }
  const images = view.repositories[track.repository]
  if (track.policy.kind === 'off') return { ...base, result: 'paused' }
  if (images === undefined) return { ...base, result: 'repository-missing' }
  const selection = selectFor(view, track)
  const { chosen, passedOver } = selection
  const seen = { ...base, ...(passedOver !== undefined && { passedOver }) }
  if (chosen === undefined) return { ...seen, result: whyNothing(selection) }
  const result = judge(view, base, chosen, images)
  const instead = result === 'quarantined' ? selectUnquarantined(view, track).chosen : undefined
  if (instead !== undefined && isFreed(view, base, instead, images))
    return { ...base, chosen: instead, result: 'change' }
  return { ...seen, chosen, result }
}

/**
 * What is highest among the images that did not fail here, for when the highest of all did. It goes out if it is newer
 * than what runs and, where that is held, was pushed since: a rollback is ended by the next image.
 */
function selectUnquarantined(view: DeliveryView, track: Track): Selection {
  return selectFor(view, track, ({ digest }) => view.record?.quarantine[digest] === undefined)
}

function isFreed(
  view: DeliveryView,
  { track, running, current }: Pick<Outcome, 'track' | 'running' | 'current'>,
  candidate: Candidate,
  images: readonly ObservedImage[],
): boolean {
  if (candidate.digest === current.digest || candidate.digest === running.digest) return false
  const hold = view.record?.hold
  if (hold?.images[track.container] !== undefined && candidate.pushedAt <= hold.since) return false
  const key = keyOf(track, current, images)
  return key === undefined || compareKeys(candidate.key, key) > 0
}

/** Digests whose manifests have to be read before it can be chosen for the track; ask again until there are none. */
export function manifestsFor(view: DeliveryView, track: Track): readonly string[] {
  const { chosen, manifestsToRead } = selectFor(view, track)
  const isSetAside = chosen !== undefined && view.record?.quarantine[chosen.digest] !== undefined
  return isSetAside ? selectUnquarantined(view, track).manifestsToRead : manifestsToRead
}

/** Selects for a track; the image that runs is taken to run on the platform without a look at its manifest. */
export function selectFor(
  view: DeliveryView,
  track: Track,
  admits: (image: ObservedImage) => boolean = () => true,
): Selection {
  const { platform } = view.service
  const running = runningImage(view, track)?.digest
  const images = (view.repositories[track.repository] ?? [])
    .filter(admits)
    .map((image) =>
      image.platforms === undefined && image.digest === running ? { ...image, platforms: [platform] } : image,
    )
  return selectImage(track, images, platform)
}

function whyNothing({ manifestsToRead, rejected }: Selection): SkipReason {
  if (manifestsToRead.length > 0) return 'platform-unknown'
  return rejected.some(({ reason }) => reason === 'wrong-platform') ? 'wrong-platform' : 'no-matching-image'
}

function judge(
  view: DeliveryView,
  { track, running, current }: Pick<Outcome, 'track' | 'running' | 'current'>,
  chosen: Candidate,
  images: readonly ObservedImage[],
): Outcome['result'] {
  if (chosen.digest === current.digest || chosen.digest === running.digest) return 'already-running'
  if (view.record?.quarantine[chosen.digest] !== undefined) return 'quarantined'
  const key = keyOf(track, current, images)
  const difference = key === undefined ? 1 : compareKeys(chosen.key, key)
  const isHeld = view.record?.hold?.images[track.container] !== undefined
  const follows = track.policy.kind === 'tag'
  if (isHeld && (chosen.pushedAt <= (view.record?.hold?.since ?? 0) || !(follows || difference > 0)))
    return 'held'
  if (difference < 0 && !follows && track.downgrade === 'never') return 'would-downgrade'
  return 'change'
}

/** The chosen image as the ledger keeps it. */
export function deployedImage(track: Track, { digest, tag }: Candidate): DeployedImage {
  return { repository: track.repository, digest, tag }
}
