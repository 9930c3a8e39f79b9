/** Where records are kept: hosted zones of Route 53, and services of Cloud Map. Each has its own implementation. */
import type { RecordWrite } from '@capstan/core/discovery/decision.ts'
import type { ActualRecord, Place, Publication, Target } from '@capstan/core/discovery/view.ts'

/** Writes that belong together: those of one target, done at once where the API can. */
export interface NameWrites {
  readonly target: Target
  readonly writes: readonly RecordWrite[]
}

/** What became of the writes of one target: done; or refused, for this reason, and none of them done for certain. */
export type WriteOutcome =
  | { readonly kind: 'written' }
  | { readonly kind: 'refused'; readonly reason: string }
  /** The place itself is gone (a hosted zone or a Cloud Map service that was deleted). */
  | { readonly kind: 'place-gone'; readonly reason: string }

export interface Registrar {
  /**
   * Finds where a target is kept, by what was asked at `since` (ms since the epoch) or later. Unless told, that may be a
   * minute ago, and ten seconds where it is kept nowhere.
   */
  find(
    target: Target,
    publication: Pick<Publication, 'address' | 'types' | 'zone'>,
    since?: number,
  ): Promise<Place>
  /**
   * What is really there: for each target all records at its names, everybody's (a DNS name's own, its tasks' names below
   * it, and `_capstan.` before it; all instances of a Cloud Map service), in the targets' order. A place that is gone has nothing.
   */
  read(place: Place, targets: readonly Target[]): Promise<readonly (readonly ActualRecord[])[]>
  /**
   * Does the writes, coalesced into as few requests as the API allows, and answers for each target in their order. All of
   * a target are done at once where they can be; otherwise additions come before deletions. A target that is refused
   * hinders no other. Throttling is waited for, with jitter, until
   * `deadline` (ms since the epoch); then it throws `Failure` UNAVAILABLE.
   */
  write(place: Place, names: readonly NameWrites[], deadline: number): Promise<readonly WriteOutcome[]>
}
