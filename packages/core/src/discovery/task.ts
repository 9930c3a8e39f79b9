/** What is known of a task, put together from events that come in any order, any number of times. */
import type { KnownTask } from './view.ts'

/**
 * The newer of two, by ECS's own count of changes. Under the same count the one that is to stop: that ECS knows a task no
 * more has no count of its own, and an event that comes twice must not bring it back. Else the one seen later. What was
 * ever learnt of its addresses is kept, because they are gone from ECS and EC2 once the task stops.
 */
export function mergeTask(known: KnownTask | undefined, seen: KnownTask): KnownTask {
  if (known === undefined) return seen
  const [older, newer] = isNewer(seen, known) ? [known, seen] : [seen, known]
  const { interfaceId = older.interfaceId, containerInstanceArn = older.containerInstanceArn } = newer
  const startedAt = newer.startedAt ?? older.startedAt
  return {
    ...newer,
    addresses: { ...older.addresses, ...newer.addresses },
    ports: newer.ports.length > 0 ? newer.ports : older.ports,
    ...(interfaceId !== undefined && { interfaceId }),
    ...(containerInstanceArn !== undefined && { containerInstanceArn }),
    ...(startedAt !== undefined && { startedAt }),
    seenAt: Math.max(known.seenAt, seen.seenAt),
  }
}

function isNewer(one: KnownTask, other: KnownTask): boolean {
  if (one.version !== other.version) return one.version > other.version
  return one.desired === other.desired ? one.seenAt > other.seenAt : one.desired === 'STOPPED'
}

/** A task that ECS does not know any more. It knows stopped ones for an hour, so the events of its end were lost. */
export function goneTask(task: KnownTask, now: number): KnownTask {
  return { ...task, desired: 'STOPPED', last: 'DELETED', seenAt: now }
}
