/** Records as they are compared, and what stands in whose way. */
import type { DiscoveryRecord, OwnedRecord, Place } from './view.ts'

/** One name and type take 100 record sets of a routing policy (Route 53 developer guide: Quotas on records). */
const RECORD_SETS = 100
/** A service takes 1,000 instances (Cloud Map developer guide: Quotas). */
const INSTANCES = 1000

/** How many records of one name and type a place takes. */
export function quotaOf(place: Place): number {
  return place.kind === 'cloud-map' ? INSTANCES : RECORD_SETS
}

/** What there can be one of (Route 53 API reference: ResourceRecordSet). */
export function recordKey({
  name,
  type,
  setIdentifier,
}: Pick<DiscoveryRecord, 'name' | 'type' | 'setIdentifier'>): string {
  return JSON.stringify([type, name, setIdentifier ?? ''])
}

/** Whether two records of the same key say the same. */
export function isSame(a: DiscoveryRecord, b: DiscoveryRecord): boolean {
  return (
    a.ttl === b.ttl &&
    a.values.length === b.values.length &&
    a.values.every((value, index) => value === b.values[index])
  )
}

/** The record alone, of whatever has one. */
export function recordOf({ name, type, setIdentifier, ttl, values }: DiscoveryRecord): DiscoveryRecord {
  return {
    name,
    type,
    ...(setIdentifier !== undefined && { setIdentifier }),
    ...(ttl !== undefined && { ttl }),
    values,
  }
}

const MARK = 'capstan-'

/** Sets and instances of a task are named for it, so nobody else makes one of that name. */
export function markOf(task: string): string {
  return MARK + task
}

/** The task that a set or an instance is named for. */
export function markedTask({ name, type, setIdentifier }: DiscoveryRecord): string | undefined {
  const mark = type === 'INSTANCE' ? name : setIdentifier
  return mark?.startsWith(MARK) ? mark.slice(MARK.length) : undefined
}

/** Whether a record's key is made for its own task. */
export function isMarked(record: OwnedRecord): boolean {
  return record.task !== undefined && markedTask(record) === record.task
}

/**
 * Whether a record cannot be created as long as another is there: one of the same key; a CNAME at its name (RFC 1034
 * section 3.6.2); or one of its name and type of another routing policy (Route 53 API reference: ResourceRecordSet).
 */
export function isInTheWay(other: DiscoveryRecord & { isPlain?: boolean }, record: DiscoveryRecord): boolean {
  if (other.name !== record.name) return false
  if (recordKey(other) === recordKey(record)) return true
  if (other.type === 'CNAME' || record.type === 'CNAME') return true
  if (other.type !== record.type) return false
  return other.isPlain === false || other.setIdentifier === undefined || record.setIdentifier === undefined
}
