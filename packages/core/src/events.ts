/**
 * The events that wake Capstan, read into small types. Every one is a hint to look at something, never a truth to act
 * on. Properties that are not known are left alone: "make sure that your application is prepared to handle unknown
 * properties" (Amazon ECS developer guide).
 */
import './english.ts'
import * as z from 'zod/mini'
import { text } from './plain.ts'
import { parseServiceArn, parseServiceName } from './service-key.ts'
import type { ServiceKey } from './view.ts'

const envelope = {
  id: text,
  account: text,
  region: text,
  time: text,
  resources: z.array(text),
}

interface Origin {
  /** Of the envelope: the same for every delivery of one event. */
  readonly id: string
  readonly account: string
  readonly region: string
}

/** An event of the right shape that calls for nothing, with the reason. */
export interface IgnoredEvent extends Origin {
  readonly kind: 'ignored'
  readonly reason: string
}

export interface ImagePushed extends Origin {
  readonly kind: 'image-pushed'
  readonly repository: string
  readonly digest: string
  /** Absent for an untagged push: ECR sends an empty `image-tag`, or none. */
  readonly tag?: string
}

export interface ServiceChanged extends Origin, ServiceKey {
  readonly kind: 'deployment-state-changed' | 'tags-changed'
  /** `eventName` of the detail; for changed tags their keys. */
  readonly what: string
}

/** A task of a service stopped: crash or not, the service is looked at. */
export interface TaskStopped extends Origin, ServiceKey {
  readonly kind: 'task-stopped'
  readonly taskArn: string
  /** `stopCode` and `stoppedReason`, as far as ECS tells them. */
  readonly what: string
}

export type AlarmState = z.infer<typeof alarmState>

export interface AlarmStateChanged extends Origin {
  readonly kind: 'alarm-state-changed'
  readonly arn: string
  readonly name: string
  readonly state: AlarmState
  /** When it came into that state. */
  readonly at: number
  readonly reason: string
  /** What keeps a composite alarm's actions back: its suppressor, or the time before or after it. */
  readonly suppressedBy?: string
  /** What the alarm looks at: one entry for each metric of a metric alarm, none for a composite one. */
  readonly metrics: readonly AlarmMetric[]
  /** The rule of a composite alarm. */
  readonly rule?: string
}

export interface AlarmMetric {
  readonly namespace: string
  /** By name. */
  readonly dimensions: Readonly<Record<string, string>>
}

export interface ReconcileDue {
  readonly kind: 'reconcile-due'
  /** The place to look at; home without it. */
  readonly place?: string
}

/**
 * ECR Image Action: a push that succeeded is an image pushed, and so is an ECR Replication Action at its destination; deletions,
 * failures and archivings are ignored.
 */
export const imagePushed = z.pipe(
  z.object({
    ...envelope,
    source: z.literal('aws.ecr'),
    'detail-type': z.enum(['ECR Image Action', 'ECR Replication Action']),
    detail: z.object({
      result: text,
      'action-type': text,
      'repository-name': text.check(z.minLength(1)),
      'image-digest': text.check(z.minLength(1)),
      'image-tag': z.optional(text),
    }),
  }),
  z.transform((event): ImagePushed | IgnoredEvent => {
    const { detail } = event
    const action = `${detail['action-type']} ${detail.result}`
    if (action !== 'PUSH SUCCESS' && action !== 'REPLICATE SUCCESS')
      return { kind: 'ignored', ...originOf(event), reason: `${action} brings no image` }
    const tag = detail['image-tag'] || undefined
    return {
      kind: 'image-pushed',
      ...originOf(event),
      repository: detail['repository-name'],
      digest: detail['image-digest'],
      ...(tag !== undefined && { tag }),
    }
  }),
)

/** ECS Deployment State Change. Its detail names no service; `resources` does. */
export const deploymentStateChanged = z.pipe(
  z.object({
    ...envelope,
    source: z.literal('aws.ecs'),
    'detail-type': z.literal('ECS Deployment State Change'),
    detail: z.object({ eventName: text, deploymentId: text }),
  }),
  z.transform((event, context) =>
    serviceChanged(event, 'deployment-state-changed', event.detail.eventName, context),
  ),
)

/** Tag Change on Resource, for ECS services; those of other resources are ignored. */
export const tagsChanged = z.pipe(
  z.object({
    ...envelope,
    source: z.literal('aws.tag'),
    'detail-type': z.literal('Tag Change on Resource'),
    detail: z.object({
      'changed-tag-keys': z.array(text),
      service: text,
      'resource-type': text,
      tags: z.optional(z.record(text, text)),
    }),
  }),
  z.transform((event, context): ServiceChanged | IgnoredEvent => {
    const { service, 'resource-type': type, 'changed-tag-keys': keys } = event.detail
    if (service === 'ecs' && type === 'service')
      return serviceChanged(event, 'tags-changed', keys.join(', '), context)
    return { kind: 'ignored', ...originOf(event), reason: `${service} ${type} is no ECS service` }
  }),
)

/**
 * ECS Task State Change. A service's task that stopped is of interest, whatever stopped it; a task that runs, or belongs
 * to no service, is ignored. The service is told by `group`, its cluster by `clusterArn`.
 */
export const taskStopped = z.pipe(
  z.object({
    ...envelope,
    source: z.literal('aws.ecs'),
    'detail-type': z.literal('ECS Task State Change'),
    detail: z.object({
      taskArn: text.check(z.minLength(1)),
      clusterArn: text,
      lastStatus: text,
      group: z.optional(text),
      stopCode: z.optional(text),
      stoppedReason: z.optional(text),
    }),
  }),
  z.transform((event, context): TaskStopped | IgnoredEvent => {
    const { taskArn, clusterArn, lastStatus, group = '', stopCode, stoppedReason } = event.detail
    const ignored = (reason: string) => ({ kind: 'ignored' as const, ...originOf(event), reason })
    if (lastStatus !== 'STOPPED') return ignored(`a task that is ${lastStatus} has not stopped`)
    if (!group.startsWith('service:')) return ignored(`the task's group "${group}" is no service`)
    const cluster = /:cluster\/([^/]+)$/.exec(clusterArn)?.[1]
    const key = parseServiceName(`${cluster}/${group.slice('service:'.length)}`)
    if (cluster !== undefined && key !== undefined) {
      const what = [stopCode, stoppedReason].filter((part) => part).join(': ')
      return { kind: 'task-stopped', ...originOf(event), ...key, taskArn, what }
    }
    context.issues.push(wrong(`clusterArn "${clusterArn}" and group "${group}" name no ECS service`, event))
    return z.NEVER
  }),
)

const alarmState = z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA'])

const alarmMetric = z.object({
  metricStat: z.optional(
    z.object({
      metric: z.object({
        namespace: z._default(text, ''),
        dimensions: z._default(z.record(text, text), {}),
      }),
    }),
  ),
})

/** CloudWatch Alarm State Change, of a metric alarm or a composite one. */
export const alarmStateChanged = z.pipe(
  z.object({
    ...envelope,
    source: z.literal('aws.cloudwatch'),
    'detail-type': z.literal('CloudWatch Alarm State Change'),
    detail: z.object({
      alarmName: text.check(z.minLength(1)),
      state: z.object({
        value: alarmState,
        timestamp: text,
        reason: z._default(text, ''),
        actionsSuppressedBy: z.optional(text),
      }),
      configuration: z._default(
        z.object({ metrics: z._default(z.array(alarmMetric), []), alarmRule: z.optional(text) }),
        { metrics: [] },
      ),
    }),
  }),
  z.transform((event, context): AlarmStateChanged => {
    const { alarmName: name, state, configuration } = event.detail
    const { metrics, alarmRule: rule } = configuration
    const [arn = ''] = event.resources
    const at = alarmTime(state.timestamp)
    if (!arn.includes(':alarm:'))
      context.issues.push(wrong(`resources[0] is "${arn}", which is not the ARN of an alarm`, event))
    if (Number.isNaN(at))
      context.issues.push(wrong(`detail.state.timestamp "${state.timestamp}" is no time`, event))
    const suppressedBy = state.actionsSuppressedBy
    return {
      kind: 'alarm-state-changed',
      ...originOf(event),
      arn,
      name,
      state: state.value,
      at,
      reason: state.reason,
      ...(suppressedBy !== undefined && { suppressedBy }),
      metrics: metrics.flatMap(({ metricStat }) => metricStat?.metric ?? []),
      ...(rule !== undefined && { rule }),
    }
  }),
)

/** CloudWatch writes `+0000` where ISO 8601's extended format has `Z` or `+00:00`. */
function alarmTime(text: string): number {
  return Date.parse(text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'))
}

/** Scheduled Event, of a rule or of EventBridge Scheduler, or a schedule's own words: time to look at everything in a place. */
export const reconcileDue = z.pipe(
  z.union([
    z.object({ 'detail-type': z.literal('Scheduled Event') }),
    z.object({ place: text.check(z.minLength(1)) }),
  ]),
  z.transform(
    (event): ReconcileDue => ({
      kind: 'reconcile-due',
      ...('place' in event && { place: event.place }),
    }),
  ),
)

/** What is wrong with an event that has the right form. */
function wrong(message: string, input: unknown) {
  return { code: 'custom' as const, message, input }
}

function serviceChanged(
  event: Origin & { readonly resources: readonly string[] },
  kind: ServiceChanged['kind'],
  what: string,
  { issues }: z.core.ParsePayload<unknown>,
): ServiceChanged {
  const [arn = ''] = event.resources
  const key = parseServiceArn(arn)
  if (key !== undefined) return { kind, ...originOf(event), ...key, what }
  issues.push(wrong(`resources[0] is "${arn}", which is not the ARN of an ECS service`, event))
  return z.NEVER
}

function originOf({ id, account, region }: Origin): Origin {
  return { id, account, region }
}
