/** What STS asks of the host, and what the host reports back. Pure data. */
import type { AssumedRole } from '../service.ts'

/** Who asks for a role, as trust policies name it. */
export interface RoleAsker {
  readonly kind: 'AWS' | 'Service'
  readonly names: readonly string[]
  /** Of the role whose session asks, or of the account's root; a service has none. */
  readonly principalArn?: string
  /** A service's own resource, for which it asks. */
  readonly sourceArn?: string
}

/** Look whether a role may be taken on. Always answered by `role-assumed` or `role-refused`. */
export interface StsEffect {
  readonly kind: 'assume-role'
  readonly request: string
  readonly roleArn: string
  readonly sessionName: string
  readonly seconds: number
  readonly externalId?: string
  readonly asker: RoleAsker
}

export type StsReport =
  | {
      readonly kind: 'role-assumed'
      readonly request: string
      readonly role: AssumedRole
      readonly seconds: number
      /** A service's credentials do not expire: it would get others in time. */
      readonly isOfService: boolean
    }
  | { readonly kind: 'role-refused'; readonly request: string; readonly reason: 'denied' | 'too-long' }
  /** The engine was started anew: whatever services had started with credentials of theirs is gone. */
  | { readonly kind: 'host-restarted' }
