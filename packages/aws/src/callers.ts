/** In whose name each place is called: at home in the process's own, elsewhere in that of the role that trusts it there. */
import { OPERATOR, placeRoleArn, placeRoleName } from '@capstan/core/place-roles.ts'
import { HOME, type Place, type PlaceConfig } from '@capstan/core/places.ts'
import { type CallerOptions, callerOf } from './clients.ts'
import type { Environment } from './environment.ts'
import { apiOf, type ShapedApi } from './wire/api.ts'
import type { Caller } from './wire/connection.ts'
import type { CredentialsProvider } from './wire/credentials.ts'
import { STS, type STS_SHAPES } from './wire/services.ts'

/** Callers by place. */
export interface Callers {
  /** Who calls in a place, always the same for the same one; at home without one. */
  at(place?: Place): Caller
  /** Which account and region home is, by GetCallerIdentity, which needs no permission. */
  findHome(): Promise<PlaceConfig>
}

interface Session {
  readonly RoleArn: string
  readonly RoleSessionName: string
}

type StsApi = ShapedApi<typeof STS_SHAPES, { AssumeRole: Session; GetCallerIdentity: object }>

/** The callers of this process; `now` in ms. */
export function callersOf(environment: Environment, options: CallerOptions, now: () => number): Callers {
  const home = callerOf(environment, options)
  const role = environment.placeRole ?? placeRoleName(OPERATOR)
  const callers = new Map([[HOME, home]])
  const elsewhere = (place: Place): Caller => {
    const RoleArn = placeRoleArn(role, place)
    const sts = apiOf<StsApi>(STS, home, { calls: {}, where: ` of ${RoleArn}` })
    const session = { RoleArn, RoleSessionName: role.replace(/^.*\}/, 'capstan') }
    return { ...home, region: async () => place.region, credentials: sessionOf(sts, session, now) }
  }
  return {
    at(place) {
      if (!place) return home
      const caller = callers.get(place.name) ?? elsewhere(place)
      callers.set(place.name, caller)
      return caller
    },
    async findHome() {
      const sts = apiOf<StsApi>(STS, home, { calls: {} })
      const { Account: account = '' } = await sts.call('GetCallerIdentity', {})
      return { account, region: await home.region() }
    },
  }
}

/** A session is given up so long before its end (ms): what was signed with it is still on its way. */
const MARGIN_MS = 5 * 60_000

type Credentials = Awaited<ReturnType<CredentialsProvider>>

/** Credentials of a session, asked for again when it is about to end, and by all who wait for them but once. */
function sessionOf(sts: StsApi, session: Session, now: () => number): CredentialsProvider {
  let asked: Promise<Credentials> | undefined
  return async () => {
    const before = asked
    // What failed is asked for again.
    const held = await before?.catch(() => undefined)
    if (held?.expiration && now() < held.expiration.getTime() - MARGIN_MS) return held
    if (asked === before) asked = begin(sts, session)
    return asked ?? begin(sts, session)
  }
}

/** Throws `Failure` DENIED where the role does not trust the caller. */
async function begin(sts: StsApi, session: Session): Promise<Credentials> {
  const { Credentials: given } = await sts.call('AssumeRole', session)
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken, Expiration } = given ?? {}
  if (!accessKeyId || !secretAccessKey) throw new TypeError('AssumeRole returned no credentials')
  return {
    ...{ accessKeyId, secretAccessKey },
    ...(SessionToken && { sessionToken: SessionToken }),
    ...(Expiration && { expiration: Expiration }),
  }
}
