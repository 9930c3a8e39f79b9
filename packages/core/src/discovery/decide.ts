/**
 * Decides what is written and deleted at one target, so that exactly the tasks that can serve now are found there.
 * Level-triggered: what should be there is derived from the tasks as they are known, whatever the last event said; and
 * nothing is ever written on that is not Capstan's by the ledger.
 */
import { adoptable, instancesOfEcs } from './adopt.ts'
import { changesOf, type Outlook } from './changes.ts'
import type { DiscoveryDecision } from './decision.ts'
import { adoptionTold, skipOf, skipsTold, writesTold } from './outcome.ts'
import { settleOwned } from './owned.ts'
import type { NameView } from './view.ts'
import { candidatesOf } from './want.ts'

/**
 * The decisions of one pass over one target, in the order in which they are told: what is adopted, added and removed, all
 * of it one change; then what is left undone and why. Decided again on what came of it, they are `up-to-date`, or the same
 * that was left undone.
 */
export function decideDiscovery(seen: NameView): DiscoveryDecision[] {
  const view = withoutElsewhere(seen)
  const { place } = view
  if (place.kind === 'none') return [skipOf(view, place.reason, { note: place.note })]
  const owned = settleOwned(view)
  const adopted = view.adopts === true ? adoptable(view, owned) : []
  const ofEcs = view.adopts === true ? instancesOfEcs(view) : []
  const outlook: Outlook = { view, owned: [...owned, ...adopted], candidates: candidatesOf(view), ofEcs }
  const changes = changesOf(outlook)
  const decisions = [
    ...adoptionTold(view, adopted),
    ...writesTold(view, changes.changes),
    ...skipsTold(outlook, changes),
  ]
  if (decisions.length > 0) return decisions
  const tasks = new Set(changes.wanted.flatMap(({ task }) => task ?? [])).size
  return [skipOf(view, 'up-to-date', { tasks })]
}

/** What the ledger keeps of another place is none of this pass's. */
function withoutElsewhere(view: NameView): NameView {
  const { place, record, ...rest } = view
  if (place.kind === 'none' || record?.placeId === undefined || record.placeId === place.id) return view
  return { ...rest, place, record: { ...record, owned: [] } }
}
