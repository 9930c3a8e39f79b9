/** Takes in what the engine's own tasks and functions write. */
import { addGroup } from './groups.ts'
import type { LogsContext } from './state.ts'
import { append, type IncomingEvent } from './store.ts'
import { addStream } from './streams.ts'

export type LogsReport = {
  readonly kind: 'written'
  readonly logGroup: string
  readonly logStream: string
  /** Whether a group that is not there is made, as Lambda makes its functions'; otherwise the events are lost. */
  readonly createsGroup: boolean
  readonly events: readonly IncomingEvent[]
}

/** Adds what was written; a stream that is not there is made. */
export function receive(report: LogsReport, { state, now }: LogsContext): void {
  const { logGroup, logStream, createsGroup, events } = report
  const known = state.groups[logGroup]
  if (!known && !createsGroup) return
  const group = known ?? addGroup(state, logGroup, now)
  append(state, group, group.streams[logStream] ?? addStream(group, logStream, now), events, now)
}
