/** The state of Route 53: zones with their records by name, changes, health checks. Times are in milliseconds. */
import type { HealthCheckConfig } from '@aws-sdk/client-route-53'
import type { CallingService, Context, OperationContext } from '../service.ts'
import type { Route53Effect } from './effects.ts'

/** Where an alias leads. */
export interface AliasTarget {
  readonly hostedZoneId: string
  /** In the form of record names. */
  readonly dnsName: string
  readonly evaluateTargetHealth: boolean
}

/** A resource record set. It is never changed, only replaced. */
export interface RecordSetRecord {
  /** In lower case, with a dot at the end, unusual characters as `\ooo` (names.ts). */
  readonly name: string
  readonly type: string
  readonly setIdentifier?: string
  /** In seconds; absent for aliases. */
  readonly ttl?: number
  readonly values?: readonly string[]
  readonly alias?: AliasTarget
  readonly weight?: number
  readonly region?: string
  readonly failover?: 'PRIMARY' | 'SECONDARY'
  readonly multivalue?: boolean
  readonly healthCheckId?: string
}

export interface Vpc {
  readonly id: string
  readonly region: string
}

export interface ZoneRecord {
  readonly id: string
  /** In the form of record names. */
  readonly name: string
  readonly callerReference: string
  /** The service that made it and alone may change it. */
  readonly linkedService?: CallingService
  comment?: string
  readonly isPrivate: boolean
  vpcs: Vpc[]
  readonly nameServers: readonly string[]
  /** All record sets of a name. A list is replaced when anything at its name changes, so what was made of it can be kept. */
  names: Record<string, readonly RecordSetRecord[]>
  /** How many names there are below a name: one that has none of its own but some below it exists all the same. */
  below: Record<string, number>
  recordSetCount: number
}

export interface ChangeRecord {
  readonly id: string
  readonly submittedAt: number
  readonly insyncAt: number
  readonly comment?: string
}

export interface HealthCheckRecord {
  readonly id: string
  readonly callerReference: string
  /** The service that made it and alone may change it. */
  readonly linkedService?: CallingService
  readonly createdAt: number
  config: HealthCheckConfig
  version: number
  /** When its endpoint is asked next. */
  probeAt: number
  /** Of the endpoint itself: before inversion and disabling. A new check counts as healthy. */
  isUp: boolean
  /** Answers in a row that contradict `isUp`. */
  contradictions: number
  last?: { readonly at: number; readonly isSuccess: boolean; readonly text: string }
  lastFailure?: { readonly at: number; readonly text: string }
}

export interface Route53State {
  /** By id. */
  zones: Record<string, ZoneRecord>
  /** Counts zones that came or went. */
  zonesVersion: number
  /** By id, oldest first. */
  changes: Record<string, ChangeRecord>
  /** By id. */
  healthChecks: Record<string, HealthCheckRecord>
  /** By `hostedzone/Z…` and `healthcheck/…`. */
  tags: Record<string, Record<string, string>>
}

export type Route53Context = Context<Route53State, Route53Effect>
export type Route53Operation = OperationContext<Route53State, Route53Effect>

/** Route 53 before anybody has used it. */
export const emptyState = (): Route53State => ({
  zones: {},
  zonesVersion: 0,
  changes: {},
  healthChecks: {},
  tags: {},
})
