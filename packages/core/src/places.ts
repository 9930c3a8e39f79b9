/** Places: the accounts and regions that Capstan delivers to besides its own, which is home, as the config file names them. */
import { Failure } from './failure.ts'

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
export function readPlaces(input: unknown): { readonly places: Place[]; readonly problems: string[] } {
  if (input === undefined) return { places: [], problems: [] }
  const entries = typeof input === 'object' && input !== null && !Array.isArray(input) ? input : undefined
  const places: Place[] = []
  const problems = entries ? [] : [`The config file: places is an object; write ${EXAMPLE}.`]
  for (const [name, entry] of Object.entries(entries ?? {})) {
    const { account, region, ...rest } = fieldsOf(entry)
    const place = { name, account: String(account), region: String(region) }
    const wrong = problemsOf(place, Object.keys(rest), places)
    if (wrong.length === 0) places.push(place)
    problems.push(...wrong.map((problem) => `The config file: place "${name}" ${problem}.`))
  }
  return { places, problems }
}

const EXAMPLE = "{ eu: { account: '111122223333', region: 'eu-west-1' } }"

const fieldsOf = (entry: unknown): Record<string, unknown> =>
  typeof entry === 'object' && entry !== null ? { ...entry } : {}

function problemsOf(place: Place, unknown: readonly string[], before: readonly Place[]): string[] {
  const { account, name, region } = place
  const twin = placeAt(before, place)
  return [
    ...(NAME.test(name) && name !== HOME
      ? []
      : [`cannot be called so; write 1 to 32 of a-z, 0-9 and -, not ${HOME}`]),
    ...(ACCOUNT.test(account) ? [] : [`needs the twelve digits of an account as text; write ${EXAMPLE}`]),
    ...(REGION.test(region) ? [] : [`needs a region; write ${EXAMPLE}`]),
    ...unknown.map((key) => `has an unknown key "${key}"; it has account and region`),
    ...(twin === undefined ? [] : [`is the same as place "${twin.name}"; keep one of them`]),
  ]
}

/** The place of an account and region, if it is one of `places`. */
export function placeAt(places: readonly Place[], { account, region }: PlaceConfig): Place | undefined {
  return places.find((place) => place.account === account && place.region === region)
}

/** The place called `name`. Throws `Failure` INVALID_CONFIG where there is none, with those that there are. */
export function placeNamed(places: readonly Place[], name: string): Place {
  const found = places.find((place) => place.name === name)
  if (found) return found
  const known = [HOME, ...places.map((place) => place.name)].join(', ')
  throw new Failure('INVALID_CONFIG', `The config file has no place "${name}"; it has ${known}.`)
}

/** Why an event of a place that nobody named calls for nothing, and what to add if it is to. */
export function strangePlace({ account, region }: PlaceConfig): string {
  const entry = `{ account: '${account}', region: '${region}' }`
  return `Account ${account} in ${region} is no place of the config file; to deliver there, add it to places: ${entry}.`
}
