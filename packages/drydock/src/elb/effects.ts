/** What Elastic Load Balancing asks of the host, and what the host reports back. Pure data. */
import type { Protocol } from './state.ts'

/** One health check, with all that it needs. */
export interface Probe {
  readonly targetGroupArn: string
  /** `id:port` of the target, and which of its registrations. */
  readonly target: string
  readonly registration: string
  readonly protocol: Protocol
  readonly address: string
  readonly port: number
  /** For HTTP and HTTPS. */
  readonly path: string
  readonly timeoutMs: number
}

/** How a target answered a health check. */
export type Answer =
  | { readonly kind: 'status'; readonly status: number }
  /** For TCP: the connection was made. */
  | { readonly kind: 'connected' }
  | { readonly kind: 'timeout' }
  /** No connection, or no HTTP. */
  | { readonly kind: 'failed' }

/** What the data plane does. */
export type DataPlaneEffect =
  /** Check a target. Always answered by `target-answered`. */
  | ({ readonly kind: 'probe-target' } & Probe)
  /** Listen, at the load balancer's own address, on the ports of its listeners and no others. Answered by `listening`. */
  | { readonly kind: 'listen'; readonly loadBalancerArn: string }
  /** End what is still open to a target that has been drained. */
  | { readonly kind: 'end-connections'; readonly targetGroupArn: string; readonly target: string }
  /** Hand CloudWatch what was counted in the ten seconds from `at`. */
  | { readonly kind: 'publish-metrics'; readonly at: number }

/** What others look at has changed: a target was registered, its health is another, it drains or is gone. */
export interface TargetNotice {
  readonly kind: 'target-changed'
  readonly targetGroupArn: string
  /** `id:port`. */
  readonly target: string
}

export type ElbEffect = DataPlaneEffect | TargetNotice

export type ElbReport =
  | {
      readonly kind: 'target-answered'
      readonly targetGroupArn: string
      readonly target: string
      readonly registration: string
      readonly answer: Answer
    }
  /** The load balancer's address, if it could be claimed, and the ports that could not be listened on. */
  | {
      readonly kind: 'listening'
      readonly loadBalancerArn: string
      readonly address?: string
      readonly closedPorts: Readonly<Record<string, string>>
    }
  /** The engine was started anew on kept state: nothing listens, and no probe is under way. */
  | { readonly kind: 'host-restarted' }
