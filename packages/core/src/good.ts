/** The states of a service that were good: which images each is, and how many are kept. */
import type { DeployedImage, GoodState } from './view.ts'

/** How many good states the ledger keeps: one may be what runs, and the next one may be unusable. */
const MOST_GOOD_STATES = 3

/** The good states once another one was verified, newest first; of the same images only the newest is kept. */
export function goodAfter(good: readonly GoodState[] | undefined, verified: GoodState): readonly GoodState[] {
  const others = (good ?? []).filter(({ images }) => digestsOf(images) !== digestsOf(verified.images))
  return [verified, ...others].slice(0, MOST_GOOD_STATES)
}

/** Whether these very images were verified. */
export function isGood(good: readonly GoodState[] | undefined, images: GoodState['images']): boolean {
  return (good ?? []).some((state) => digestsOf(state.images) === digestsOf(images))
}

/** A text that is equal for equal digests in the same containers. */
function digestsOf(images: Readonly<Record<string, DeployedImage>>): string {
  const pairs = Object.entries(images).map(([container, { digest }]) => [container, digest] as const)
  return JSON.stringify(pairs.sort(([a], [b]) => (a < b ? -1 : 1)))
}
