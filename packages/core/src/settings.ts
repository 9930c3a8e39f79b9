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

export interface Settings {
  /** Whether config or tags name the service at all. */
  readonly enrolled: boolean
  /** Where the settings come from, for people. */
  readonly source: 'config' | 'tags' | 'none'
  readonly tracks: readonly Track[]
  /** Sentences: what is wrong, because of what, what to write instead. With any, nothing is deployed. */
  readonly problems: readonly string[]
}
