/** Places: the accounts and regions that Capstan delivers to besides its own, which is home, as the config file names them. */
import type { Path, Problem } from './problem.ts'

/** Where Capstan itself runs; no other place is called so. */
export const HOME = 'home'

/** An account and a region. */
export interface PlaceConfig {
  /** Twelve digits. */
  readonly account: string
  readonly region: string
}

/** A place by its name. */
export interface Place extends PlaceConfig {
  readonly name: string
}

/** What says which place something is about: an event's envelope, or a name; nothing stands for home. */
export type Whereabouts = PlaceConfig | { readonly place?: string | undefined }

const NAME = /^[a-z0-9-]{1,32}$/
const ACCOUNT = /^\d{12}$/
// Region codes (AWS General Reference): `eu-west-1`, `us-gov-west-1`, `eusc-de-east-1`.
const REGION = /^[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}$/

/** Reads `places` of the config file. One that is not understood is none, and a sentence says what to write instead. */
export function readPlaces(input: unknown): { readonly places: Place[]; readonly problems: Problem[] } {
  if (input === undefined) return { places: [], problems: [] }
  const entries = typeof input === 'object' && input !== null && !Array.isArray(input) ? input : undefined
  const places: Place[] = []
  const problems: Problem[] = []
  const tell = (path: Path, ending: string) =>
    problems.push({ path: ['places', ...path], sentence: `The config file: ${ending}.` })
  if (!entries) tell([], `places is an object; write ${EXAMPLE}`)
  for (const [name, entry] of Object.entries(entries ?? {})) {
    const { account, region, ...rest } = fieldsOf(entry)
    const place = { name, account: String(account), region: String(region) }
    const wrong = problemsOf(place, Object.keys(rest), places)
    if (wrong.length === 0) places.push(place)
    for (const { ending, path } of wrong) tell([name, ...path], `place "${name}" ${ending}`)
  }
  return { places, problems }
}

const EXAMPLE = "{ eu: { account: '111122223333', region: 'eu-west-1' } }"

/** What is wrong with a place, by its keys, as the end of a sentence. */
interface Wrong {
  readonly path: Path
  readonly ending: string
}

const fieldsOf = (entry: unknown): Record<string, unknown> =>
  typeof entry === 'object' && entry !== null ? { ...entry } : {}

function problemsOf(place: Place, unknown: readonly string[], before: readonly Place[]): Wrong[] {
  const { account, name, region } = place
  const twin = placeAt(before, place)
  const wrong: Wrong[] = unknown.map((key) => {
    return { path: [key], ending: `has an unknown key "${key}"; it has account and region` }
  })
  const tell = (path: Path, ending: string) => wrong.push({ path, ending })
  if (!NAME.test(name) || name === HOME)
    tell([], `cannot be called so; write 1 to 32 of a-z, 0-9 and -, not ${HOME}`)
  if (!ACCOUNT.test(account))
    tell(['account'], `needs the twelve digits of an account as text; write ${EXAMPLE}`)
  if (!REGION.test(region)) tell(['region'], `needs a region; write ${EXAMPLE}`)
  if (twin !== undefined) tell([], `is the same as place "${twin.name}"; keep one of them`)
  return wrong
}

/** The place of an account and region, if it is one of `places`. */
export function placeAt(places: readonly Place[], { account, region }: PlaceConfig): Place | undefined {
  return places.find((place) => place.account === account && place.region === region)
}

/** The place of all that there are, home among them, that something is about. */
export function placeOf(all: readonly Place[], where: Whereabouts): Place | undefined {
  if ('account' in where) return placeAt(all, where)
  return all.find(({ name }) => name === (where.place ?? HOME))
}

/** Why something that is about no place calls for nothing, and what to write if it is to. */
export function strangePlace(all: readonly Place[], where: Whereabouts): string {
  if (!('account' in where)) {
    const names = all.map(({ name }) => name).join(', ')
    return `The config file has no place "${where.place}"; it has ${names}.`
  }
  const { account, region } = where
  const entry = `{ account: '${account}', region: '${region}' }`
  return `Account ${account} in ${region} is no place of the config file; to deliver there, add it to places: ${entry}.`
}
