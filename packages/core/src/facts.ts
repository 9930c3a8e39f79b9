/** The facts of a decision about one container, as plain values for people. None of them is a time or a count. */
import type { Outcome } from './choose.ts'
import { shortDigest } from './image.ts'
import { formatPolicy } from './policy.ts'
import type { PassedOverReason } from './select.ts'
import type { Track } from './settings.ts'

/** An image as people name it: its tag and the beginning of its digest. */
export function describeImage(image: { readonly tag?: string; readonly digest?: string }): string {
  const short = image.digest && shortDigest(image.digest)
  if (image.tag === undefined) return short ?? 'an unknown image'
  return short === undefined ? image.tag : `${image.tag} (${short})`
}

/** Which container, what it runs, what it follows and what its policy chooses. */
export function imageFacts({ track, current, chosen }: Outcome): Record<string, string> {
  return {
    container: track.container,
    repository: track.repository,
    policy: formatPolicy(track.policy),
    running: describeImage(current),
    ...(chosen !== undefined && { chosen: describeImage(chosen) }),
  }
}

const PASSED_OVER: Readonly<Record<PassedOverReason, string>> = {
  lower: 'lower',
  'pre-release': 'a pre-release',
  'outside-range': 'outside the range',
  'not-a-version': 'no version (major.minor.patch)',
  'not-ordered': "not readable in the policy's order",
  'wrong-platform': 'for another platform',
}

/** The image pushed last and why it is not the chosen one, if anyone could ask: told anew only when another is pushed. */
export function latestFacts({ passedOver }: Outcome): Record<string, string> {
  if (passedOver === undefined) return {}
  return { latest: describeImage(passedOver), latestIs: PASSED_OVER[passedOver.reason] }
}

/** What is followed and how, where nothing more can be said. */
export function trackFacts(tracks: readonly Track[]): Record<string, string> {
  return {
    repository: tracks.map(({ repository }) => repository).join(', '),
    policy: tracks.map(({ policy }) => formatPolicy(policy)).join(', '),
  }
}
