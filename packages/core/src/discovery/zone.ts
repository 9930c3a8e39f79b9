/** Finds the hosted zone that a name belongs to. */
import { nameProblem } from './names.ts'
import type { Place, Publication } from './view.ts'

/** A hosted zone, by its name without the last dot, and its id without `/hostedzone/`. */
export interface Zone {
  readonly id: string
  readonly name: string
  readonly isPrivate: boolean
}

type ZonePlace = Extract<Place, { kind: 'zone' | 'none' }>

/**
 * The zone with the longest name that `name` ends with. Of a private and a public one of the same name, the private one
 * keeps private addresses and the public one all else, as split-horizon DNS has them. A zone that is named by its id wins,
 * as long as the name belongs there.
 */
export function zoneFor(
  name: string,
  zones: readonly Zone[],
  wish: Pick<Publication, 'address' | 'zone'>,
): ZonePlace {
  const mine = zones.filter((zone) => isWithin(name, zone.name))
  if (wish.zone !== undefined) return named(name, wish.zone, zones, mine)
  const isFitting = (zone: Zone) => zone.isPrivate === (wish.address === 'private')
  const [best] = mine.toSorted(
    (a, b) =>
      b.name.length - a.name.length || Number(isFitting(b)) - Number(isFitting(a)) || (a.id < b.id ? -1 : 1),
  )
  return best === undefined
    ? none(
        `no hosted zone of this account has a name that ${name} ends with; create one, or write another name`,
      )
    : placeOf(best)
}

/** Whether a name is a zone's own, or below it. */
function isWithin(name: string, zone: string): boolean {
  return nameProblem(zone) === undefined && (name === zone || name.endsWith(`.${zone}`))
}

function named(name: string, id: string, zones: readonly Zone[], mine: readonly Zone[]): ZonePlace {
  const zone = mine.find((each) => each.id === id)
  if (zone !== undefined) return placeOf(zone)
  const other = zones.find((each) => each.id === id)
  return other === undefined
    ? none(`this account has no hosted zone ${id}; write the id of one that it has`)
    : none(
        `the hosted zone ${id} is of ${other.name}, which ${name} does not end with; write another zone or name`,
      )
}

function placeOf({ id, name, isPrivate }: Zone): ZonePlace {
  return { kind: 'zone', id, name, isPrivate }
}

function none(note: string): ZonePlace {
  return { kind: 'none', reason: 'no-zone', note }
}
