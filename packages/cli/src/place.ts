/** The place that a verb is about. */
import { HOME } from '@capstan/core/places.ts'

/** What every verb about services or names is told of where they are. */
export interface Where {
  /** The file with the fleet's settings. */
  readonly config?: string
  /** A place of the config file; home without it. */
  readonly place?: string
}

/** The option by which a verb is told the place. */
export const PLACE_OPTION = ['--place <name>', `a place of the config file (default: ${HOME})`] as const

/** What lists say of the place, where there are `all` of these: a first column, and a field for programs. */
export function placeColumn({ place = HOME }: Where, all: readonly unknown[]) {
  const isTold = all.length > 1
  return {
    head: isTold ? ['PLACE'] : [],
    row: isTold ? [place] : [],
    field: isTold ? { place } : {},
  }
}
