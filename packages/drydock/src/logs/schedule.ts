/** When expired events go. */
import type { Timed } from '../service.ts'
import type { LogsState } from './state.ts'

export type LogsAction = Timed & { readonly kind: 'sweep' }

/** Pure: the next sweep, if any group's events expire. */
export const schedule = ({ sweepAt }: LogsState): LogsAction[] =>
  sweepAt === undefined ? [] : [{ kind: 'sweep', at: sweepAt }]
