/** Takes in that the engine was started anew: nobody waits for the answers of before. */
import type { SqsContext } from './state.ts'

export type SqsReport = { readonly kind: 'host-restarted' }

/** Forgets the polls: their callers' connections are gone. */
export function receive(_report: SqsReport, { state }: SqsContext): void {
  state.polls = {}
}
