/**
 * The events that wake Capstan, read into small types. Every one is a hint to look at something, never a truth to act
 * on. Properties that are not known are left alone: "make sure that your application is prepared to handle unknown
 * properties" (Amazon ECS developer guide).
 */
import * as z from 'zod'
import { parseServiceArn } from './service-key.ts'
import type { ServiceKey } from './view.ts'

const envelope = {
  id: z.string(),
  account: z.string(),
  region: z.string(),
  time: z.string(),
  resources: z.array(z.string()),
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

export interface ReconcileDue {
  readonly kind: 'reconcile-due'
  readonly id: string
}

/** ECR Image Action: a push that succeeded is an image pushed; deletions, failures and archivings are ignored. */
export const imagePushed = z
  .object({
    ...envelope,
    source: z.literal('aws.ecr'),
    'detail-type': z.literal('ECR Image Action'),
    detail: z.object({
      result: z.string(),
      'action-type': z.string(),
      'repository-name': z.string().min(1),
      'image-digest': z.string().min(1),
      'image-tag': z.string().optional(),
    }),
  })
  .transform((event): ImagePushed | IgnoredEvent => {
    const { detail } = event
    const action = `${detail['action-type']} ${detail.result}`
    if (action !== 'PUSH SUCCESS')
      return { kind: 'ignored', ...originOf(event), reason: `${action} brings no image` }
    const tag = detail['image-tag'] || undefined
    return {
      kind: 'image-pushed',
      ...originOf(event),
      repository: detail['repository-name'],
      digest: detail['image-digest'],
      ...(tag !== undefined && { tag }),
    }
  })

/** ECS Deployment State Change. Its detail names no service; `resources` does. */
export const deploymentStateChanged = z
  .object({
    ...envelope,
    source: z.literal('aws.ecs'),
    'detail-type': z.literal('ECS Deployment State Change'),
    detail: z.object({ eventName: z.string(), deploymentId: z.string() }),
  })
  .transform((event, context) =>
    serviceChanged(event, 'deployment-state-changed', event.detail.eventName, context),
  )

/** Tag Change on Resource, for ECS services; those of other resources are ignored. */
export const tagsChanged = z
  .object({
    ...envelope,
    source: z.literal('aws.tag'),
    'detail-type': z.literal('Tag Change on Resource'),
    detail: z.object({
      'changed-tag-keys': z.array(z.string()),
      service: z.string(),
      'resource-type': z.string(),
      tags: z.record(z.string(), z.string()).optional(),
    }),
  })
  .transform((event, context): ServiceChanged | IgnoredEvent => {
    const { service, 'resource-type': type, 'changed-tag-keys': keys } = event.detail
    if (service === 'ecs' && type === 'service')
      return serviceChanged(event, 'tags-changed', keys.join(', '), context)
    return { kind: 'ignored', ...originOf(event), reason: `${service} ${type} is no ECS service` }
  })

/** Scheduled Event, of a rule or of EventBridge Scheduler: time to look at everything. */
export const reconcileDue = z
  .object({ id: z.string(), 'detail-type': z.literal('Scheduled Event') })
  .transform(({ id }): ReconcileDue => ({ kind: 'reconcile-due', id }))

type Issues = { addIssue: (issue: string) => void }

function serviceChanged(
  event: Origin & { readonly resources: readonly string[] },
  kind: ServiceChanged['kind'],
  what: string,
  issues: Issues,
): ServiceChanged {
  const [arn = ''] = event.resources
  const key = parseServiceArn(arn)
  if (key !== undefined) return { kind, ...originOf(event), ...key, what }
  issues.addIssue(`resources[0] is "${arn}", which is not the ARN of an ECS service`)
  return z.NEVER
}

function originOf({ id, account, region }: Origin): Origin {
  return { id, account, region }
}
