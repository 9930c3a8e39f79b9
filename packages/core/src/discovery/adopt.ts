/** What an operator may take over: what others have written at a target, as far as Capstan could write it back. */
import { markName } from './form.ts'
import { markedTask, recordKey, recordOf } from './record.ts'
import type { NameView, OwnedRecord } from './view.ts'

const TYPES = ['A', 'AAAA', 'SRV', 'CNAME']

/**
 * The plain records at the target's own name, its TXT record, or all instances, that are not Capstan's yet.
 * What bears the mark of a task is known to be its own again, as after the loss of a ledger.
 */
export function adoptable({ target, actual = [] }: NameView, owned: readonly OwnedRecord[]): OwnedRecord[] {
  const ours = new Set(owned.map(recordKey))
  return actual
    .filter((record) => record.isPlain && !ours.has(recordKey(record)))
    .filter(({ name, type }) => {
      if (target.kind === 'cloud-map') return type === 'INSTANCE'
      return type === 'TXT' ? name === markName(target.name) : name === target.name && TYPES.includes(type)
    })
    .map((record) => {
      const task = markedTask(record)
      return { ...recordOf(record), ...(task !== undefined && { task }), state: 'written' }
    })
}
