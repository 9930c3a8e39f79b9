/** Takes in that the engine was started anew, and who waits for messages inside the engine. */
import type { SqsReport } from './effects.ts'
import type { SqsContext } from './state.ts'

/** Takes in one report. After a start anew the polls are forgotten: their callers' connections are gone. */
export function receive(report: SqsReport, { state }: SqsContext): void {
  if (report.kind === 'host-restarted') {
    state.polls = {}
    state.consumers = {}
  } else if (report.kind === 'poll') {
    const { poll, queue, most, consumer } = report
    state.consumers[poll] = { queue, most, scope: consumer }
  } else delete state.consumers[report.poll]
}
