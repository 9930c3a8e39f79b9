/** Chooses among a repository's images the one that a track's policy wants, and says of every other tag why not. */
import { isDeployable, isReferrerTag, isRunnable } from './deployable.ts'
import { compareKeys, compareText, type OrderKey } from './order.ts'
import { compileGlob } from './pattern.ts'
import type { Track } from './settings.ts'
import { type TagReader, type TagRejection, tagReader } from './tag-reader.ts'
import type { ObservedImage, Platform } from './view.ts'

export type RejectionReason =
  | TagRejection
  | 'untagged' // a child of an index, or an image whose tag moved on
  | 'not-an-image' // a signature, an attestation, an SBOM, a chart
  | 'ignored' // matches the ignore list
  | 'not-included' // matches nothing of the include list
  | 'wrong-platform' // would be chosen, but the task cannot run it

export interface Candidate {
  readonly tag: string
  readonly digest: string
  readonly pushedAt: number
  readonly key: OrderKey
}

export interface Rejection {
  /** Absent for an untagged image. */
  readonly tag?: string
  readonly digest: string
  readonly reason: RejectionReason
}

/** Why the image pushed last is not the chosen one; what the settings leave out on purpose is not asked about. */
export type PassedOverReason =
  | Exclude<
      RejectionReason,
      'untagged' | 'not-an-image' | 'ignored' | 'not-included' | 'not-matching' | 'paused'
    >
  | 'lower' // a candidate, but another one is higher

export interface PassedOver {
  readonly tag: string
  readonly digest: string
  readonly reason: PassedOverReason
}

export interface Selection {
  /** The highest candidate that runs on the platform; absent too while `manifestsToRead` is not empty. */
  readonly chosen?: Candidate
  readonly rejected: readonly Rejection[]
  /** Digests whose platforms have to be known before anything can be chosen: at most the one in question. */
  readonly manifestsToRead: readonly string[]
  /** The image pushed last, where a person could expect it to be chosen and it is not. */
  readonly passedOver?: PassedOver
}

/** How many of the highest candidates are tried for the platform: each may cost two calls to look at. */
const MOST_TRIED = 20

type Rated = { readonly image: ObservedImage; readonly candidate: Candidate }

/** Chooses by the track's policy, lists and order; equal keys go to the image pushed last, then to the digest. */
export function selectImage(track: Track, images: readonly ObservedImage[], platform: Platform): Selection {
  const rejected: Rejection[] = []
  const rated: Rated[] = []
  const admit = admission(track)
  for (const image of images) {
    const { digest } = image
    if (image.tags.length === 0) rejected.push({ digest, reason: 'untagged' })
    for (const tag of image.tags) {
      const reading = admit(image, tag)
      if (typeof reading === 'string') rejected.push({ tag, digest, reason: reading })
      else rated.push({ image, candidate: { tag, digest, pushedAt: image.pushedAt, key: reading } })
    }
  }
  rated.sort((a, b) => compareCandidates(b.candidate, a.candidate))
  const selection = firstOnPlatform(rated.slice(0, MOST_TRIED), platform, rejected)
  const passedOver = passedOverOf(images, rated, selection)
  return passedOver === undefined ? selection : { ...selection, passedOver }
}

/** Judges one tag of one image: its key, or why it is not a candidate. */
function admission(track: Track): (image: ObservedImage, tag: string) => OrderKey | RejectionReason {
  const include = track.include.map(compileGlob)
  const ignore = track.ignore.map(compileGlob)
  const read: TagReader = tagReader(track.policy)
  return (image, tag) => {
    if (!isRunnable(image) || isReferrerTag(tag)) return 'not-an-image'
    if (ignore.some((matches) => matches(tag))) return 'ignored'
    if (include.length > 0 && !include.some((matches) => matches(tag))) return 'not-included'
    const { key, rejected } = read(tag, image.pushedAt)
    return rejected ?? key ?? 'not-ordered'
  }
}

function compareCandidates(a: Candidate, b: Candidate): number {
  return (
    compareKeys(a.key, b.key) ||
    a.pushedAt - b.pushedAt ||
    compareText(a.digest, b.digest) ||
    // Two tags of one image: `1.2.0` names it before `v1.2.0` does.
    compareText(b.tag, a.tag)
  )
}

function firstOnPlatform(rated: readonly Rated[], platform: Platform, rejected: Rejection[]): Selection {
  for (const { image, candidate } of rated) {
    if (image.platforms === undefined) return { rejected, manifestsToRead: [image.digest] }
    if (runsOn(image.platforms, platform)) return { chosen: candidate, rejected, manifestsToRead: [] }
    rejected.push({ tag: candidate.tag, digest: candidate.digest, reason: 'wrong-platform' })
  }
  return { rejected, manifestsToRead: [] }
}

function passedOverOf(
  images: readonly ObservedImage[],
  rated: readonly Rated[],
  { chosen, rejected, manifestsToRead }: Selection,
): PassedOver | undefined {
  const latest = images.filter(isDeployable).toSorted(byPush).at(-1)
  if (latest === undefined || manifestsToRead.length > 0) return undefined
  if (chosen !== undefined && latest.pushedAt <= chosen.pushedAt) return undefined
  const { digest } = latest
  const why = rejected.filter((each) => each.digest === digest)
  const candidate = rated.find(({ image }) => image === latest)?.candidate
  if (candidate !== undefined) {
    const isTried = why.some(({ reason }) => reason === 'wrong-platform')
    return { tag: candidate.tag, digest, reason: isTried ? 'wrong-platform' : 'lower' }
  }
  for (const { tag, reason } of why) if (tag !== undefined && isAsked(reason)) return { tag, digest, reason }
  return undefined
}

function byPush(a: ObservedImage, b: ObservedImage): number {
  return a.pushedAt - b.pushedAt || compareText(a.digest, b.digest)
}

function isAsked(reason: RejectionReason): reason is Exclude<PassedOverReason, 'lower'> {
  const asked: readonly string[] = ['not-a-version', 'pre-release', 'outside-range', 'not-ordered']
  return asked.includes(reason)
}

/** A platform as OCI tools spell it: `linux/amd64`. */
export function formatPlatform({ os, architecture }: Platform): string {
  return `${os}/${architecture}`
}

/** Whether one of the platforms is the one asked for. */
export function runsOn(platforms: readonly Platform[], wanted: Platform): boolean {
  return platforms.some(({ os, architecture }) => os === wanted.os && architecture === wanted.architecture)
}
