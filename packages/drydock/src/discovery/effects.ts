/** What Cloud Map tells and asks of the host, and what the host reports back. Pure data. */

/** An instance was registered, or is gone: told when the operation is done, whoever asked for it. */
interface InstanceChanged {
  readonly kind: 'instance-changed'
  readonly serviceArn: string
  readonly instanceId: string
  readonly isRegistered: boolean
}

/** An operation on an instance has failed: it is as it was before. */
interface InstanceFailed {
  readonly kind: 'instance-failed'
  readonly serviceArn: string
  readonly instanceId: string
  readonly reason: string
}

/** What is told of instances. Not answered. */
export type InstanceNotice = InstanceChanged | InstanceFailed

/** What is asked of the hosted zone of a namespace. */
export type ZoneEffect =
  /** Make the zone what an operation under way makes of it. Answered by `zone-changed` or `zone-refused`. */
  | { readonly kind: 'change-zone'; readonly namespaceId: string; readonly operationId: string }
  /** Make the records of an instance, or of all of a service, say what is known of them now. Not answered. */
  | {
      readonly kind: 'refresh-records'
      readonly namespaceId: string
      readonly serviceId: string
      readonly instanceId?: string
    }

export type DiscoveryEffect = InstanceNotice | ZoneEffect

/** What comes of what was asked. */
export type DiscoveryReport =
  /** The zone is as these operations make it. `hostedZoneId` is that of a zone that was made. */
  | {
      readonly kind: 'zone-changed'
      readonly operationIds: readonly string[]
      readonly hostedZoneId?: string
    }
  /** Route 53 has refused, and the zone is as it was. */
  | { readonly kind: 'zone-refused'; readonly operationId: string; readonly error: OperationError }
  /** Whatever was asked before may never have been done. */
  | { readonly kind: 'host-restarted' }

/** Why an operation failed, as GetOperation shows it (API Reference: Operation). */
export interface OperationError {
  readonly code:
    | 'ACCESS_DENIED'
    | 'CANNOT_CREATE_HOSTED_ZONE'
    | 'HOSTED_ZONE_NOT_FOUND'
    | 'INTERNAL_FAILURE'
    | 'INVALID_CHANGE_BATCH'
    | 'THROTTLED_REQUEST'
  readonly message: string
}
