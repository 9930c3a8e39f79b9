/** All that Cloud Map knows in one scope, as plain JSON: times in milliseconds since the epoch. */
import type {
  CustomHealthStatus,
  NamespaceType,
  OperationStatus,
  OperationTargetType,
  OperationType,
  RecordType,
  RoutingPolicy,
} from '@aws-sdk/client-servicediscovery'
import { type Context, emptyRecord, type OperationContext } from '../service.ts'
import type { DiscoveryEffect, OperationError } from './effects.ts'

/** What an operation may touch. */
export type DiscoveryOperationContext = OperationContext<DiscoveryState, DiscoveryEffect>
/** What performing an action may touch. */
export type DiscoveryContext = Context<DiscoveryState, DiscoveryEffect>

export interface NamespaceRecord {
  readonly id: string
  readonly arn: string
  readonly name: string
  readonly type: NamespaceType
  /** By which it is discovered: its name, or that and a suffix where another namespace has the name already. */
  readonly httpName: string
  /** Of a private DNS namespace. */
  readonly vpc?: string
  /** In Route 53; DNS namespaces only. */
  readonly hostedZoneId?: string
  description?: string
  /** Of the zone's SOA record, in seconds; DNS namespaces only. */
  soaTtl?: number
  readonly creatorRequestId: string
  readonly createdAt: number
  tags: Record<string, string>
}

/** The DNS records of a service's instances. */
export interface DnsSettings {
  readonly routingPolicy: RoutingPolicy
  /** TTLs in seconds. */
  readonly records: readonly { readonly type: RecordType; readonly ttl: number }[]
}

export interface ServiceRecord {
  readonly id: string
  readonly arn: string
  readonly name: string
  readonly namespaceId: string
  description?: string
  dns?: DnsSettings
  /** Whether the health of its instances is told by UpdateInstanceCustomHealthStatus. */
  readonly hasCustomHealth: boolean
  readonly creatorRequestId: string
  readonly createdAt: number
  tags: Record<string, string>
  attributes: Record<string, string>
  /** Grows with each instance that is registered or deregistered. */
  revision: number
  /** By id. */
  readonly instances: Record<string, InstanceRecord>
}

export interface InstanceRecord {
  readonly id: string
  readonly attributes: Record<string, string>
  readonly creatorRequestId: string
  /** Only where the service has a custom health check. */
  health?: CustomHealthStatus
  /** A status that was told and does not count yet. */
  told?: { readonly status: CustomHealthStatus; readonly at: number }
}

/** What an operation does when it is done. */
export type Change =
  | { readonly kind: 'create-namespace'; readonly namespace: NamespaceRecord }
  | {
      readonly kind: 'update-namespace'
      readonly namespaceId: string
      readonly description?: string
      readonly soaTtl?: number
    }
  | { readonly kind: 'delete-namespace'; readonly namespaceId: string }
  | {
      readonly kind: 'update-service'
      readonly serviceId: string
      readonly description?: string
      readonly dns?: DnsSettings
    }
  | { readonly kind: 'register'; readonly serviceId: string; readonly instance: InstanceRecord }
  | { readonly kind: 'deregister'; readonly serviceId: string; readonly instanceId: string }

/** An asynchronous operation, as GetOperation shows it. */
export interface OperationRecord {
  readonly id: string
  readonly type: OperationType
  status: OperationStatus
  readonly createdAt: number
  updatedAt: number
  readonly targets: Partial<Record<OperationTargetType, string>>
  readonly namespaceId: string
  readonly serviceId?: string
  /** Where it has failed. */
  readonly error?: OperationError
}

/** An operation under way. */
export interface PendingOperation extends OperationRecord {
  readonly change: Change
  /** When it is done, or its zone is asked to be changed. */
  readonly dueAt: number
  /** The zone has been asked to be changed: what comes of it is reported. */
  isAsked?: true
}

export interface DiscoveryState {
  /** By id. */
  namespaces: Record<string, NamespaceRecord>
  /** By id. */
  services: Record<string, ServiceRecord>
  /** By id: operations under way. */
  pending: Record<string, PendingOperation>
  /** By id, the oldest first: those that have ended, a bounded history. */
  ended: Record<string, OperationRecord>
  /** How many of them there are, since they were last counted. */
  endedCount?: number
  /** Instances with a status that does not count yet: when it will, by `service/instance`. */
  tellings: Record<string, { readonly serviceId: string; readonly instanceId: string; readonly at: number }>
}

export const emptyState = (): DiscoveryState => ({
  namespaces: emptyRecord(),
  services: emptyRecord(),
  pending: emptyRecord(),
  ended: emptyRecord(),
  tellings: emptyRecord(),
})
