/** What is the same of tags in every service: what may be in them, and the event that tells of their change. */
import type { EmittedEvent } from './service.ts'

/** Tags of one resource (Tagging AWS Resources User Guide: limits and requirements; so too are the next ones). */
export const MOST_TAGS = 50
const LONGEST_KEY = 128
const LONGEST_VALUE = 256
const TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u

/** What is wrong with a tag: its key, its value, or that the key is one of AWS's own. */
export type TagProblem = 'key' | 'value' | 'reserved'

/** What is wrong with a tag of a request; `undefined` if nothing is. */
export function problemOfTag(key: string, value: string): TagProblem | undefined {
  if (key === '' || key.length > LONGEST_KEY || !TEXT.test(key)) return 'key'
  if (value.length > LONGEST_VALUE || !TEXT.test(value)) return 'value'
  return /^aws:/i.test(key) ? 'reserved' : undefined
}

type Tags = Readonly<Record<string, string>>

/** The keys that were added, removed or given another value. */
export function changedKeys(before: Tags, after: Tags): string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...keys].filter((key) => before[key] !== after[key])
}

/** A resource whose tags have changed. */
export interface TagChange {
  readonly service: string
  readonly resourceType: string
  readonly arn: string
  /** Counts the tag changes of the resource. */
  readonly version: number
  readonly changedKeys: readonly string[]
  /** All tags after the change. */
  readonly tags: Tags
}

/** `Tag Change on Resource` (EventBridge User Guide: tag change events on AWS resources). */
export function tagChangeEvent({ arn, ...change }: TagChange): EmittedEvent {
  return {
    source: 'aws.tag',
    detailType: 'Tag Change on Resource',
    resources: [arn],
    detail: {
      'changed-tag-keys': change.changedKeys,
      service: change.service,
      'resource-type': change.resourceType,
      version: change.version,
      tags: { ...change.tags },
    },
  }
}
