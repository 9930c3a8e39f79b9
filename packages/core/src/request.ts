/**
 * An operator's request: which image of which container it means, whatever policy and hold say. Only an image that is
 * named goes past the quarantine: who asks for what the policy chooses need not know that it failed.
 */
import { chooseImages, selectFor } from './choose.ts'
import { runningImage } from './current.ts'
import { isRunnable } from './deployable.ts'
import { Failure } from './failure.ts'
import { namesDigest } from './image.ts'
import { formatPlatform, runsOn } from './select.ts'
import { nameOf } from './service-key.ts'
import type { Track } from './settings.ts'
import type { DeliveryView, DeployedImage, DeployRequest, ObservedImage } from './view.ts'

export interface Requested {
  readonly track: Track
  readonly image: DeployedImage
  /** Whether it is what the policy chooses anyway, so that nothing has to be held. */
  readonly isChosen: boolean
}

/**
 * The image that the request means. Throws `Failure` INVALID_REQUEST if the service is not enrolled, the container or the image cannot be told, or the
 * image cannot run there.
 */
export function resolveRequest(view: DeliveryView, request: DeployRequest): Requested {
  const track = requestedTrack(view, request)
  if (request.reference === undefined) {
    // In place of an image that failed it may be a newer one that did not.
    const { chosen } = chooseImages(view).find((each) => each.track === track) ?? {}
    if (chosen === undefined) throw nothingChosen(view, track)
    return {
      track,
      image: { repository: track.repository, digest: chosen.digest, tag: chosen.tag },
      isChosen: true,
    }
  }
  const { chosen } = selectFor(view, track)
  const image = requestedImage(view, track, request.reference)
  requireRuns(view, track, image, request.reference)
  const tag = namesDigest(request.reference, image.digest) ? image.tags[0] : request.reference
  const named = { repository: track.repository, digest: image.digest, ...(tag !== undefined && { tag }) }
  return { track, image: named, isChosen: chosen?.digest === image.digest }
}

/** The track of the container that the request names, or of the only tracked one. Throws `Failure` INVALID_REQUEST. */
export function requestedTrack(view: DeliveryView, request: DeployRequest): Track {
  requireEnrolled(view, 'deployed')
  const { tracks } = view.settings
  const name = nameOf(view.service)
  const names = tracks.map(({ container }) => container).join(', ')
  if (request.container === undefined) {
    const [only, ...others] = tracks
    if (only !== undefined && others.length === 0) return only
    throw invalid(
      `${name} has ${tracks.length} tracked containers, so it is not clear which to change; name one of ${names}.`,
    )
  }
  const track = tracks.find(({ container }) => container === request.container)
  if (track !== undefined) return track
  throw invalid(`${name} has no tracked container ${request.container}; name one of ${names}.`)
}

/** Throws `Failure` INVALID_REQUEST for a service that is not Capstan's business; `done` is what was to be done with it. */
export function requireEnrolled({ service, settings }: DeliveryView, done: string): void {
  const { enrolled, problems } = settings
  const name = nameOf(service)
  if (!enrolled) {
    throw invalid(
      `${name} cannot be ${done}, because it is not enrolled; tag it capstan:track = semver:1.x, or name it in the config file.`,
    )
  }
  if (problems.length > 0)
    throw invalid(
      `${name} cannot be ${done}, because its settings are wrong; first mend this: ${problems.join(' ')}`,
    )
}

function requestedImage(view: DeliveryView, track: Track, reference: string): ObservedImage {
  const images = view.repositories[track.repository]
  if (images === undefined) {
    throw invalid(
      `${reference} cannot be deployed to ${nameOf(view.service)}, because there is no repository ${track.repository}; create it and push the image.`,
    )
  }
  const image = findReference(images, reference)
  if (image !== undefined) return image
  throw invalid(
    `${reference} cannot be deployed to ${nameOf(view.service)}, because repository ${track.repository} has no such tag or digest; push it, or name one that is there.`,
  )
}

/** The image that a tag or a digest names; the digest may be cut short where that leaves one image only. */
export function findReference(
  images: readonly ObservedImage[],
  reference: string,
): ObservedImage | undefined {
  const [image, ...others] = images.filter(
    ({ digest, tags }) => tags.includes(reference) || namesDigest(reference, digest),
  )
  return others.length === 0 ? image : undefined
}

function requireRuns(view: DeliveryView, track: Track, image: ObservedImage, reference: string): void {
  const where = `${reference} cannot be deployed to ${nameOf(view.service)}`
  if (!isRunnable(image))
    throw invalid(
      `${where}, because it is not a container image but ${image.artifactMediaType ?? image.mediaType}; name an image.`,
    )
  if (runningImage(view, track)?.digest === image.digest) return
  if (image.platforms === undefined)
    throw invalid(`${where}, because its manifest could not be read; push it again.`)
  if (runsOn(image.platforms, view.service.platform)) return
  const has = image.platforms.map(formatPlatform).join(', ') || 'no platform'
  const wanted = formatPlatform(view.service.platform)
  throw invalid(
    `${where}, because its tasks run on ${wanted} and the image is for ${has}; build it for ${wanted}.`,
  )
}

function nothingChosen(view: DeliveryView, track: Track): Failure {
  const why =
    track.policy.kind === 'off'
      ? 'its policy is off'
      : `no image of ${track.repository} that it can run matches its policy`
  return invalid(`${nameOf(view.service)} has nothing to deploy, because ${why}; name a tag or a digest.`)
}

function invalid(message: string): Failure {
  return new Failure('INVALID_REQUEST', message)
}
