/** What EventBridge keeps: buses with their rules, and the deliveries that are not done. Times are in milliseconds. */
import type { Tag, Target } from '@aws-sdk/client-eventbridge'
import type { Context, OperationContext } from '../service.ts'
import type { EventsEffect } from './effects.ts'

/** An event as rules match it and targets get it. Source: EventBridge User Guide, event structure. */
export interface Envelope {
  readonly version: '0'
  readonly id: string
  readonly 'detail-type': string
  readonly source: string
  readonly account: string
  /** ISO 8601 in whole seconds: `2026-01-01T00:00:00Z`. */
  readonly time: string
  readonly region: string
  readonly resources: readonly string[]
  readonly detail: unknown
}

export type RuleState = 'ENABLED' | 'DISABLED' | 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS'

export interface Rule {
  readonly name: string
  readonly arn: string
  readonly busName: string
  readonly pattern?: string
  readonly schedule?: string
  readonly description?: string
  readonly roleArn?: string
  readonly state: RuleState
  /** When the schedule fires next; absent where there is none or the rule is disabled. */
  readonly nextFireAt?: number
  readonly targets: Readonly<Record<string, Target>>
  readonly tags: readonly Tag[]
}

export interface Bus {
  readonly name: string
  readonly arn: string
  readonly description?: string
  /** Who else may put which events on it: a policy document. */
  readonly policy?: string
  readonly createdAt: number
  readonly modifiedAt: number
  readonly tags: readonly Tag[]
  rules: Record<string, Rule>
}

/** What is known of the last attempt that failed. */
export interface DeliveryError {
  readonly code: string
  readonly message: string
}

/** One event on its way to one target of one rule. */
export interface Delivery {
  readonly id: string
  readonly ruleArn: string
  readonly target: Target
  /** The event as it came, in JSON; what a dead-letter queue gets. */
  readonly event: string
  /** What the target gets, in JSON: the event, or what the target's input settings make of it. */
  readonly input: string
  readonly acceptedAt: number
  readonly attempts: number
  /** When to try next. */
  readonly at: number
  /** The event came from another bus. */
  readonly isForwarded?: boolean
  readonly error?: DeliveryError
  /** Set when the target is given up: the next attempt is to the dead-letter queue. */
  readonly givenUp?: { readonly condition?: ExhaustedCondition }
}

export type ExhaustedCondition = 'MaximumRetryAttempts' | 'MaximumEventAgeInSeconds'

/** How a rule's deliveries ended, so that a drop is never silent. */
export interface Outcomes {
  readonly delivered: number
  readonly deadLettered: number
  readonly dropped: number
}

export interface EventsState {
  /** Buses by name; the default bus is there from its first use on. */
  buses: Record<string, Bus>
  /** Deliveries that wait for their next attempt. */
  deliveries: Record<string, Delivery>
  /** Deliveries that the host is attempting: apart, because thousands of them have nothing to schedule. */
  underWay: Record<string, Delivery>
  /** By the ARN of the rule. */
  outcomes: Record<string, Outcomes>
}

export type EventsContext = Context<EventsState, EventsEffect>
export type EventsOperationContext = OperationContext<EventsState, EventsEffect>

/** No bus: the default one is made by its first use. */
export function emptyState(): EventsState {
  return { buses: {}, deliveries: {}, underWay: {}, outcomes: {} }
}
