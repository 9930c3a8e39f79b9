/**
 * One round of the one who writes in a place: all targets are looked at and decided on, what is intended is in the ledger
 * before anything is written, all is written together, and what came of it is in the ledger afterwards.
 */
import { decideDiscovery } from '@capstan/core/discovery/decide.ts'
import type { DiscoveryDecision } from '@capstan/core/discovery/decision.ts'
import { needsLookAgain } from '@capstan/core/discovery/look-again.ts'
import { discoveryMeasures } from '@capstan/core/discovery/measures.ts'
import { targetName } from '@capstan/core/discovery/names.ts'
import type { NameRecord, NameView, Target } from '@capstan/core/discovery/view.ts'
import { Failure } from '@capstan/core/failure.ts'
import type { Log } from '../apply.ts'
import { type Settled, settleEach, valuesOf } from '../parallel.ts'
import type { DiscoveryLedger, Errand } from './ledger.ts'
import type { LookAgain } from './look-again.ts'
import {
  type Commit,
  doneOf,
  intentOf,
  isOver,
  type Plan,
  planOf,
  refusalOf,
  withoutPlace,
} from './name-commit.ts'
import type { WriteOutcome } from './registrar.ts'
import { type Found, findTargets, placeOfRecord, type ViewTools, viewsOf } from './views.ts'

/** What was done at one target; `left`: another one writes in its place, and does it. */
export interface Published {
  readonly target: Target
  readonly decisions: readonly DiscoveryDecision[]
  readonly outcome: 'written' | 'unchanged' | 'refused' | 'left'
  /** Why it was refused. */
  readonly reason?: string
}

export interface WorkTools extends ViewTools {
  readonly ledger: DiscoveryLedger
  readonly lookAgain: LookAgain
  readonly now: () => number
  /** An id for what is decided now; it sorts by time. */
  readonly newId: (now: number) => string
  readonly log?: Log
}

/** Where and until when (ms) one may write; without a place, targets are looked at that have none. */
export interface Hold {
  readonly placeId: string | undefined
  readonly until: number
  /** Whether an operator asks for what others have written at the targets. */
  readonly adopts?: boolean
}

/** What a round came to: of each errand, done here, or to be done elsewhere next. */
export interface Round {
  readonly done: ReadonlyMap<string, Settled<Published>>
  readonly next: readonly Next[]
}

/** An errand for another place than the one that it was brought to. */
export interface Next {
  readonly errand: Errand
  readonly placeId: string | undefined
}

/** Each conflict means that someone else has got on with the same target, so few looks are ever needed. */
const MOST_LOOKS = 5

/** Does errands in a place. Only what concerns all of them is thrown. */
export async function workAt(errands: readonly Errand[], hold: Hold, tools: WorkTools): Promise<Round> {
  const done = new Map<string, Settled<Published>>()
  const next: Next[] = []
  let open = errands
  for (let look = 1; open.length; look++) {
    const round = await lookAt(open, hold, tools)
    next.push(...round.next)
    const again =
      look < MOST_LOOKS ? open.filter(({ target }) => isConflict(round.done.get(targetName(target)))) : []
    for (const [name, outcome] of round.done) done.set(name, outcome)
    open = again
  }
  return { done, next }
}

const isConflict = (outcome: Settled<unknown> | undefined): boolean =>
  outcome?.status === 'rejected' && outcome.reason instanceof Failure && outcome.reason.code === 'CONFLICT'

async function lookAt(errands: readonly Errand[], hold: Hold, tools: WorkTools): Promise<Round> {
  const done = new Map<string, Settled<Published>>()
  const next: Next[] = []
  const here: Found[] = []
  for (const [index, found] of (await findTargets(errands, tools)).entries()) {
    const errand = errands[index]
    if (!errand) continue
    if (found.status === 'rejected') done.set(targetName(errand.target), found)
    else {
      const { role, placeId } = roleAt(found.value, hold.placeId)
      if (role !== 'pass on') here.push(role === 'release' ? released(found.value) : found.value)
      if (role !== 'publish') next.push({ errand, placeId })
    }
  }
  const outcomes = await publishHere(here, hold, tools)
  for (const [index, outcome] of outcomes.entries()) done.set(targetName(at(here, index).target), outcome)
  return {
    done,
    next: next.filter(({ errand }) => done.get(targetName(errand.target))?.status !== 'rejected'),
  }
}

/**
 * What is to be done at a target from one place, and where it goes on:
 *
 * | records are by the ledger | should be here             | should be elsewhere         |
 * | ------------------------- | -------------------------- | --------------------------- |
 * | nowhere                   | publish                    | go on there                 |
 * | here                      | publish                    | release, then go on there   |
 * | in another place          | go on there, to release it | go on there, to release it  |
 */
function roleAt({ place, record }: Found, here: string | undefined): Role {
  const should = place.kind === 'none' ? undefined : place.id
  const are = record?.owned.length ? record.placeId : undefined
  if (are !== undefined && are !== should)
    return { role: are === here ? 'release' : 'pass on', placeId: are === here ? should : are }
  return { role: should === here ? 'publish' : 'pass on', placeId: should }
}

interface Role {
  readonly role: 'publish' | 'release' | 'pass on'
  /** Where it goes on. */
  readonly placeId: string | undefined
}

/** The target as its old place has it: nobody asks for it there any more. */
function released(found: Found): Found {
  return { ...found, asking: [], problems: [], unclear: [], place: placeOfRecord(found.target, found.record) }
}

async function publishHere(
  found: readonly Found[],
  hold: Hold,
  tools: WorkTools,
): Promise<Settled<Published>[]> {
  const { adopts = false } = hold
  const views = await viewsOf(adopts ? found.map((each) => ({ ...each, verifies: true })) : found, tools)
  const seen = views.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  const outcomes = await carryOut(adopts ? seen.map((view) => ({ ...view, adopts })) : seen, hold, tools)
  let index = 0
  return views.map((each) => (each.status === 'rejected' ? each : at(outcomes, index++)))
}

/** The one of its place: lists that belong together are equally long. */
function at<T>(list: readonly T[], index: number): T {
  const one = list[index]
  if (one === undefined) throw new TypeError(`There is nothing at ${index} of ${list.length}`)
  return one
}

/** A plan whose intent is in the ledger. */
interface Intended {
  readonly plan: Plan
  /** As the ledger has it now. */
  readonly record: NameRecord | undefined
}

/** Decides on views, and does it; what was refused is looked at and decided on once more. */
async function carryOut(
  views: readonly NameView[],
  hold: Hold,
  tools: WorkTools,
  isLast = false,
): Promise<Settled<Published>[]> {
  const plans = views.map((view) => planned(view, tools, isLast))
  const intents = await settleEach(plans, (plan) => intend(plan, tools))
  const writing = intents.flatMap((each) =>
    each.status === 'fulfilled' && each.value.plan.writes.length ? [each.value] : [],
  )
  const [written] = await Promise.allSettled([write(writing, hold, tools)])
  return settleEach(intents, async (intent): Promise<Published> => {
    const intended = at(valuesOf([intent]), 0)
    const { decisions, view } = intended.plan
    const index = writing.indexOf(intended)
    if (index < 0) return { target: view.target, decisions, outcome: 'unchanged' }
    const became = at(at(valuesOf([written]), 0), index)
    return after(intended, became, { hold, tools, isLast })
  })
}

function planned(view: NameView, tools: WorkTools, isAgain: boolean): Plan {
  const now = tools.now()
  return planOf(view, decideDiscovery(view), { isAgain, lookInMs: needsLookAgain(view, now), now })
}

/** Writes the intent of a plan down, and sees to it that somebody looks again where that is to be. */
async function intend(plan: Plan, tools: WorkTools): Promise<Intended> {
  const { lookAgain, now } = tools
  const { lookAt, view } = plan
  const commit = intentOf(plan, momentOf(tools))
  if (commit) await settle(view.record, commit, tools)
  const [first] = view.sources
  if (lookAt !== undefined && first) await lookAgain(first.source, view.target, lookAt - now())
  return { plan, record: commit?.record ?? view.record }
}

function momentOf({ newId, now }: WorkTools) {
  const time = now()
  return { now: time, id: newId(time) }
}

/** Writes a record and its decisions, or removes it where nothing is left to say. */
async function settle(
  before: NameRecord | undefined,
  { entries, lines, record }: Commit,
  { ledger, log }: WorkTools,
): Promise<void> {
  if (!isOver(record) || entries.length) await ledger.commitName(record, entries)
  const last = entries.length ? record : before
  if (isOver(record) && last) await ledger.forgetName(last)
  for (const { fields, message } of lines) log?.info(message, fields)
}

/** Writes all plans together, in their place. Who was held up until someone else may write must not go on. */
async function write(
  writing: readonly Intended[],
  { until }: Hold,
  { now, registrar }: WorkTools,
): Promise<readonly WriteOutcome[]> {
  const [first] = writing
  if (!first) return []
  const names = writing.map(({ plan }) => ({ target: plan.view.target, writes: plan.writes }))
  if (now() < until) return registrar.write(first.plan.view.place, names, until)
  const what = 'The records were not written within the time for which their place was held.'
  throw new Failure('UNAVAILABLE', `${what} They are looked at again.`)
}

interface Ending {
  readonly hold: Hold
  readonly tools: WorkTools
  readonly isLast: boolean
}

/** Writes down what came of a plan. */
async function after(
  { plan, record }: Intended,
  became: WriteOutcome,
  { hold, tools, isLast }: Ending,
): Promise<Published> {
  const { decisions, view } = plan
  const { target } = view
  if (!record) throw new TypeError(`${targetName(target)} is written without an intent`)
  switch (became.kind) {
    case 'written':
      await settle(record, doneOf(plan, record, momentOf(tools)), tools)
      tools.log?.measure?.(discoveryMeasures(view, decisions, tools.now()))
      return { target, decisions, outcome: 'written' }
    case 'place-gone':
      await tools.ledger.commitName(withoutPlace(record))
      // So it is looked at again, and may have another place by now.
      throw new Failure('CONFLICT', `The place of ${targetName(target)} is gone: ${became.reason}`)
    case 'refused':
      return isLast ? hindered(plan, record, became.reason, tools) : tryAgain(view, record, hold, tools)
    default:
      return became satisfies never
  }
}

/** Once more, by what is really there. */
async function tryAgain(
  view: NameView,
  record: NameRecord,
  hold: Hold,
  tools: WorkTools,
): Promise<Published> {
  const [actual = []] = await tools.registrar.read(view.place, [view.target])
  return at(valuesOf(await carryOut([{ ...view, record, actual }], hold, tools, true)), 0)
}

/** Tells that a change was refused, by what is now known of it. */
async function hindered(
  plan: Plan,
  record: NameRecord,
  reason: string,
  tools: WorkTools,
): Promise<Published> {
  const { decisions, view } = plan
  const commit = refusalOf(plan, record, reason, momentOf(tools))
  if (commit) await settle(record, commit, tools)
  return { target: view.target, decisions, outcome: 'refused', reason }
}
