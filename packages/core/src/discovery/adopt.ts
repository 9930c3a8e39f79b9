/** What an operator may take over: what others have written at a target, as far as Capstan could write it back. */
import { markName } from './form.ts'
import { markedTask, recordKey, recordOf } from './record.ts'
import type { ActualRecord, NameView, OwnedRecord } from './view.ts'

const TYPES = ['A', 'AAAA', 'SRV', 'CNAME']

/**
 * The plain records at the target's own name, its TXT record, or all instances, that are not Capstan's yet.
 * What bears the mark of a task is known to be its own again, as after the loss of a ledger. What ECS registers itself stays
 * its own: it would register it again.
 */
export function adoptable({ target, actual = [] }: NameView, owned: readonly OwnedRecord[]): OwnedRecord[] {
  const ours = new Set(owned.map(recordKey))
  return actual
    .filter((record) => record.isPlain && !ours.has(recordKey(record)) && !isOfEcs(record))
    .filter(({ name, type }) => {
      if (target.kind === 'cloud-map') return type === 'INSTANCE'
      return type === 'TXT' ? name === markName(target.name) : name === target.name && TYPES.includes(type)
    })
    .map((record) => {
      const task = markedTask(record)
      return { ...recordOf(record), ...(task !== undefined && { task }), state: 'written' }
    })
}

/** The instances at the target that ECS registers for a service with `serviceRegistries`. */
export function instancesOfEcs({ actual = [] }: NameView): ActualRecord[] {
  return actual.filter(isOfEcs)
}

/** Ids of tasks: 32 hexadecimal digits, and what they were before, with hyphens (ECS developer guide: long ARN format). */
const TASK_ID = /^[0-9a-f]{8}(-?)[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}$/

/** ECS names an instance for its task, and adds its service as an attribute (ECS developer guide: Service discovery). */
function isOfEcs({ name, type, values }: ActualRecord): boolean {
  return (
    type === 'INSTANCE' && TASK_ID.test(name) && values.some((value) => value.startsWith('ECS_SERVICE_NAME='))
  )
}
