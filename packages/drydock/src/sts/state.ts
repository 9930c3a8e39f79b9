/** What STS keeps: sessions of roles by access key, and requests that wait for a look at their role. Times in milliseconds. */
import { type AssumedRole, type Context, emptyRecord, type OperationContext } from '../service.ts'
import type { StsEffect } from './effects.ts'

export interface Session {
  readonly role: AssumedRole
  /** Absent where a service has the credentials, which would get others in time. */
  readonly expiresAt?: number
}

export interface StsState {
  sessions: Record<string, Session>
  /** Who asks for which role, as refusals name them. */
  pending: Record<string, { readonly callerArn: string; readonly roleArn: string }>
}

export type StsContext = Context<StsState, StsEffect>
export type StsOperationContext = OperationContext<StsState, StsEffect>

/** No sessions. */
export const emptyState = (): StsState => ({ sessions: emptyRecord(), pending: emptyRecord() })
