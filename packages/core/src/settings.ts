/** What a service asks of Capstan, put together from the config file and its tags, with everything that is wrong with it. */
import type { Policy } from './policy.ts'

/** One container that follows a repository. */
export interface Track {
  readonly container: string
  readonly repository: string
  readonly policy: Policy
  /** Only tags that match one of these globs are considered; empty means all. */
  readonly include: readonly string[]
  /** Tags that match one of these globs are never considered. */
  readonly ignore: readonly string[]
  /** Whether what the policy chooses may be older than what runs. */
  readonly downgrade: 'never' | 'allow'
}

/** How a service is watched, and when it is rolled back. Durations in milliseconds. */
export interface Guard {
  /**
   * `watch`: the alarms that exist are watched. `auto`: Capstan also makes and owns the recommended ones. `off`: nothing
   * is ever rolled back by itself; what runs is still verified by its bake.
   */
  readonly mode: 'auto' | 'watch' | 'off'
  /** How long a completed deployment must do well before it counts as last known good. */
  readonly bakeMs: number
  /** For how long after its completion trouble is put down to a deployment. */
  readonly watchMs: number
  /** How long targets must be unhealthy before that counts. */
  readonly dwellMs: number
  /** Alarms that are about the service whatever their dimensions say: globs over their names. */
  readonly alarms: readonly string[]
  /** So many crashes or failed starts within ten minutes are a crash loop. */
  readonly crashes: number
  /** With fewer requests in its window, an alarm about traffic proves nothing. */
  readonly minimumRequests: number
  /** If more than this share of the watched services is in alarm at once, no single deployment is to blame: 0 to 1. */
  readonly share: number
  /** The period of the alarms that Capstan makes. AWS measures load balancers each minute, Drydock every ten seconds. */
  readonly periodMs: number
}

export interface Settings {
  /** Whether config or tags name the service at all. */
  readonly enrolled: boolean
  /** Where the settings come from, for people. */
  readonly source: 'config' | 'tags' | 'none'
  readonly tracks: readonly Track[]
  readonly guard: Guard
  /** Sentences: what is wrong, because of what, what to write instead. With any, nothing is deployed. */
  readonly problems: readonly string[]
}
