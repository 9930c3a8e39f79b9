/**
 * Publishes targets, place by place, each by one writer at a time: whoever holds a place does the errands of all who come
 * meanwhile, so that writes are coalesced where there are many, and immediate where there are few.
 */
import { targetName } from '@capstan/core/discovery/names.ts'
import type { Target } from '@capstan/core/discovery/view.ts'
import { Failure } from '@capstan/core/failure.ts'
import { type Settled, settleEach, valuesOf } from '../parallel.ts'
import type { Claim, Errand } from './ledger.ts'
import { findTargets, type ViewTools } from './views.ts'
import { type Hold, type Next, type Published, type WorkTools, workAt } from './work-place.ts'

/** How long one may write in a place unless one says that one goes on (ms): longer than a round takes, throttling included. */
const LEASE_MS = 20_000
/** What is kept of it for writing down what was done. */
const LEASE_MARGIN_MS = 3_000
/** With less time left than this (ms), no round is begun. */
const ROUND_MS = 5_000
/** When somebody comes again for what failed and nobody waits for (ms). */
const RETRY_MS = 2_000
/** A target goes from its old place to its new one, and may find that it has moved again; then it is left to the sweep. */
const MOST_MOVES = 4

export interface PublishTools extends WorkTools {
  /** Names this process for as long as it works on one event. */
  readonly newHolder: () => string
}

/**
 * Does errands, each brought to a place, and whatever else is left to do there. Resolves with what became of each target,
 * by its name. `deadline` is in ms since the epoch.
 */
export async function publish(
  errands: readonly Next[],
  deadline: number,
  tools: PublishTools,
): Promise<ReadonlyMap<string, Settled<Published>>> {
  const done = new Map<string, Settled<Published>>()
  let next = errands
  for (let moves = 0; next.length && moves < MOST_MOVES; moves++) {
    const places = [...Map.groupBy(next, ({ placeId }) => placeId)]
    const works = await settleEach(places, ([placeId, same]) => {
      return publishAt(placeId, uniqueErrands(same), deadline, tools)
    })
    next = works.flatMap((work, index) => {
      const outcomes =
        work.status === 'fulfilled' ? work.value.done : failedAll(places[index]?.[1] ?? [], work)
      for (const [name, outcome] of outcomes) done.set(name, outcome)
      return work.status === 'fulfilled' ? work.value.next : []
    })
  }
  return done
}

const failedAll = (errands: readonly Next[], failure: PromiseRejectedResult) =>
  errands.map(({ errand }) => [targetName(errand.target), failure] as const)

/** Adopts what others have written at a target. Throws `Failure` CONFLICT where someone else writes in its place now. */
export async function adopt(target: Target, deadline: number, tools: PublishTools): Promise<Published> {
  const errand = { target, verifies: true }
  const [next] = await bring([errand], tools)
  const { done } = await publishAt(next?.placeId, [errand], deadline, tools, true)
  const outcome = done.get(targetName(target))
  const [published] = valuesOf(outcome ? [outcome] : [])
  if (published && published.outcome !== 'left') return published
  const what = `Someone else writes in the place of ${targetName(target)} at this moment.`
  throw new Failure('CONFLICT', `${what} Try again in some seconds.`)
}

/** Finds out where errands are to be brought. One whose target cannot be read is brought nowhere, and fails there. */
export async function bring(errands: readonly Errand[], tools: ViewTools): Promise<Next[]> {
  const found = await findTargets(errands, tools)
  return errands.map((errand, index) => {
    const one = found[index]
    const place = one?.status === 'fulfilled' ? one.value.place : undefined
    return { errand, placeId: place === undefined || place.kind === 'none' ? undefined : place.id }
  })
}

function uniqueErrands(all: readonly Next[]): Errand[] {
  const byName = Map.groupBy(all, ({ errand }) => targetName(errand.target))
  return [...byName.values()].flatMap((same) => {
    const verifies = same.some(({ errand }) => errand.verifies)
    return same.slice(0, 1).map(({ errand: { target } }) => ({ target, verifies }))
  })
}

interface Work {
  readonly done: Map<string, Settled<Published>>
  readonly next: Next[]
}

/** Takes a place, or leaves word with who has it. Where there is no place there is nothing to take. */
async function publishAt(
  placeId: string | undefined,
  errands: readonly Errand[],
  deadline: number,
  tools: PublishTools,
  adopts = false,
): Promise<Work> {
  const until = () => Math.min(deadline, tools.now() + LEASE_MS - LEASE_MARGIN_MS)
  if (placeId === undefined) {
    const round = await workAt(errands, { placeId, until: until(), adopts }, tools)
    return { done: new Map(round.done), next: [...round.next] }
  }
  const holder = tools.newHolder()
  const claim = await tools.ledger.claim(placeId, errands, holder, LEASE_MS)
  if (claim.kind === 'left') return { done: new Map(errands.map(leftOf)), next: [] }
  const work: Work = { done: new Map(), next: [] }
  const hold = (isFirst: boolean): Hold => ({ placeId, until: until(), adopts: adopts && isFirst })
  const own = new Set(errands.map(({ target }) => targetName(target)))
  await workUntilDone(claim, { holder, hold, deadline, work, placeId, own }, tools)
  return work
}

function leftOf({ target }: Errand): [string, Settled<Published>] {
  return [targetName(target), { status: 'fulfilled', value: { target, decisions: [], outcome: 'left' } }]
}

interface Shift {
  readonly placeId: string
  readonly holder: string
  readonly hold: (isFirst: boolean) => Hold
  readonly deadline: number
  readonly work: Work
  /** The targets that one came for: who brought them hears of it when they fail. */
  readonly own: ReadonlySet<string>
}

/**
 * Round after round, as long as more is left meanwhile. Who has no time for another one gives the place back with its
 * errands undone, and so does who fails in a way that a retry may help: whoever comes next does them.
 */
async function workUntilDone(
  first: Extract<Claim, { kind: 'held' }>,
  { placeId, holder, hold, deadline, work, own }: Shift,
  tools: PublishTools,
): Promise<void> {
  const { ledger, now } = tools
  try {
    for (let claim: Claim | undefined = first; claim?.kind === 'held'; ) {
      if (claim !== first && now() > deadline - ROUND_MS)
        return await handOver(placeId, holder, claim.errands, tools)
      const round = await workAt(claim.errands, hold(claim === first), tools)
      for (const [name, outcome] of round.done) work.done.set(name, laterOf(work.done.get(name), outcome))
      work.next.push(...round.next)
      const failed = claim.errands.filter(({ target }) => mayHelp(round.done.get(targetName(target))))
      // Of those that others left nobody hears any more.
      const left = failed.filter(({ target }) => !own.has(targetName(target)))
      if (failed.length) return await handOver(placeId, holder, left, tools, RETRY_MS)
      claim = await ledger.finish(placeId, { generation: claim.generation, holder }, LEASE_MS)
    }
  } catch (error) {
    // The place must not wait for its lease to end; what went wrong first is what is told.
    await Promise.allSettled([ledger.abandon(placeId, holder)])
    throw error
  }
}

/** What came of a target in all rounds: that a later one had nothing to write takes nothing from an earlier one. */
function laterOf(before: Settled<Published> | undefined, after: Settled<Published>): Settled<Published> {
  const wrote = before?.status === 'fulfilled' && before.value.outcome === 'written'
  return wrote && after.status === 'fulfilled' && after.value.outcome === 'unchanged' ? before : after
}

/** Whether a retry may help, or nobody knows. */
const mayHelp = (outcome: Settled<unknown> | undefined): boolean =>
  outcome?.status === 'rejected' && (!(outcome.reason instanceof Failure) || outcome.reason.retry)

/** Gives the place back, and lets somebody come for `errands`, in `delayMs`. */
async function handOver(
  placeId: string,
  holder: string,
  errands: readonly Errand[],
  { ledger, lookAgain }: PublishTools,
  delayMs = 0,
): Promise<void> {
  await ledger.abandon(placeId, holder)
  const [errand] = errands
  const source = errand && (await ledger.getName(errand.target))?.sources[0]
  // Whoever comes for one errand does all; where nobody is known to ask, the sweep comes.
  if (errand && source) await lookAgain(source, errand.target, delayMs)
}
