/** What Cloud Map tells the host. Pure data. */

/** An instance was registered, or is gone: told when the operation is done, whoever asked for it. */
export interface DiscoveryEffect {
  readonly kind: 'instance-changed'
  readonly serviceArn: string
  readonly instanceId: string
  readonly isRegistered: boolean
}
