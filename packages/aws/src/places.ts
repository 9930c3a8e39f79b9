/**
 * Where something is to be done: the only code that knows of several places. What observes, decides and applies is handed
 * the connection to one of them, and knows nothing of the others.
 */
import { Failure } from '@capstan/core/failure.ts'
import type { Measures } from '@capstan/core/measures.ts'
import {
  HOME,
  type Place,
  type PlaceConfig,
  placeAt,
  placeOf,
  strangePlace,
  type Whereabouts,
} from '@capstan/core/places.ts'
import type { Log } from './apply.ts'
import { type Settled, settleEach, valuesOf } from './parallel.ts'

/** The name of another place than home. */
export const nameElsewhere = (place: Place | undefined): string | undefined =>
  place?.name === HOME ? undefined : place?.name

/** A log of what is done in another place than home: its lines say the place, and what is measured of a service there is its own. */
export function logAt(log: Log, place: Place | undefined): Log {
  const name = nameElsewhere(place)
  if (name === undefined) return log
  const there = ({ by, ...rest }: Measures): Measures => ({
    ...rest,
    ...(by && { by: 'service' in by ? { service: `${name}:${by.service}` } : by }),
  })
  return {
    info: (message, fields) => log.info(message, { ...fields, place: name }),
    measure: (measures) => log.measure?.(measures.map(there)),
  }
}

/** How connections are made: one to each place, when something is first to be done there. */
export interface Connecting<T> {
  /** The places besides home. */
  readonly others: readonly Place[]
  /** Which account and region home is: asked for only where there are others. */
  readonly findHome: () => Promise<PlaceConfig>
  /** Connects to one of `all`; to home, of which nothing need be known, where there is no other. */
  readonly connect: (place?: Place, all?: readonly Place[]) => T
}

type Work<T> = (here: T) => Promise<unknown>

/** Does work in the places where it is to be done. What is about none of them is ignored, and the log says why. */
export interface Places<T> {
  /** In the place that `where` says. */
  at(where: Whereabouts, log: Log, work: Work<T>): Promise<void>
  /** In every place, because of what happened in one. One that fails hinders no other; then throws as `valuesOf`. */
  each(where: Whereabouts, log: Log, work: Work<T>): Promise<void>
  /** In the place of each message, all those of one place together; resolves with what became of each, in their order. */
  groups<M extends { readonly from: Whereabouts }>(
    messages: readonly M[],
    log: Log,
    work: (here: T, own: readonly M[]) => Promise<readonly Settled<unknown>[]>,
  ): Promise<readonly Settled<unknown>[]>
  /** The connection to a place by its name, to home without one. Throws `Failure` INVALID_REQUEST where there is none. */
  named(name?: string): Promise<T>
}

/** Places to which connections are made as `connecting` says. */
export function placesOf<T>(connecting: Connecting<T>): Places<T> {
  return connecting.others.length ? several(connecting) : onlyHome(connecting.connect())
}

/** Whatever comes is about home: nothing has to be asked. */
function onlyHome<T>(home: T): Places<T> {
  return {
    at: async (_where, _log, work) => void (await work(home)),
    each: async (_where, _log, work) => void (await work(home)),
    groups: (messages, _log, work) => work(home, messages),
    async named(place = HOME) {
      if (place === HOME) return home
      throw new Failure('INVALID_REQUEST', `The config file has no place "${place}"; it names none.`)
    },
  }
}

function several<T>({ others, findHome, connect }: Connecting<T>): Places<T> {
  let asked: Promise<readonly Place[]> | undefined
  const everywhere = () => {
    asked ??= findHome().then((home) => {
      const own = { ...home, name: HOME }
      return [own, ...others.filter((place) => !placeAt([own], place))]
    })
    // What failed is asked for again.
    asked.catch(() => {
      asked = undefined
    })
    return asked
  }
  const connections = new Map<string, T>()
  const connected = (place: Place, all: readonly Place[]): T => {
    const here = connections.get(place.name) ?? connect(place, all)
    connections.set(place.name, here)
    return here
  }
  /** The connection to the place that something is about; without one, it is told. */
  const find = async (where: Whereabouts, log: Log): Promise<T | undefined> => {
    const all = await everywhere()
    const place = placeOf(all, where)
    if (place) return connected(place, all)
    log.info(strangePlace(all, where), { ...where })
    return undefined
  }
  return {
    async at(where, log, work) {
      const here = await find(where, log)
      if (here) await work(here)
    },
    async each(where, log, work) {
      if (!(await find(where, log))) return
      const all = await everywhere()
      valuesOf(await settleEach(all, (place) => work(connected(place, all))))
    },
    async groups(messages, log, work) {
      const found = await Promise.all(messages.map(({ from }) => find(from, log)))
      return inGroups(messages, found, work)
    },
    async named(place) {
      const all = await everywhere()
      const found = placeOf(all, { place })
      if (found) return connected(found, all)
      throw new Failure('INVALID_REQUEST', strangePlace(all, { place }))
    },
  }
}

/** Works on the messages of each place together; what hinders all of one place is what became of each of its messages. */
async function inGroups<T, M>(
  messages: readonly M[],
  found: readonly (T | undefined)[],
  work: (here: T, own: readonly M[]) => Promise<readonly Settled<unknown>[]>,
): Promise<readonly Settled<unknown>[]> {
  const became = new Map<M, Settled<unknown> | undefined>()
  const groups = Map.groupBy(messages.entries(), ([index]) => found[index])
  await settleEach([...groups], async ([here, entries]) => {
    const own = entries.map(([, message]) => message)
    const outcomes = here
      ? await work(here, own).catch((reason: unknown) => own.map(() => failed(reason)))
      : []
    for (const [index, message] of own.entries()) became.set(message, outcomes[index])
  })
  return messages.map((message) => became.get(message) ?? IGNORED)
}

const IGNORED: Settled<unknown> = { status: 'fulfilled', value: undefined }

const failed = (reason: unknown): Settled<unknown> => ({ status: 'rejected', reason })
