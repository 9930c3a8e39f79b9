/** When alarms are evaluated, suppressions end, and old data goes. Pure. */
import type { Alarm, CloudwatchState } from './state.ts'

/** API Reference, PutMetricAlarm: alarms with periods below a minute are evaluated every 10 seconds. */
const MINUTE_MS = 60_000
const SHORT_TICK_MS = 10_000
/** What is put for a period that has just ended has a second to arrive. */
const DELAY_MS = 1000

export type CloudwatchAction =
  | { readonly kind: 'evaluate-metric-alarm'; readonly alarm: string; readonly at: number }
  | { readonly kind: 'evaluate-composite-alarm'; readonly alarm: string; readonly at: number }
  | { readonly kind: 'end-suppression'; readonly alarm: string; readonly at: number }
  | { readonly kind: 'sweep'; readonly at: number }

/** All that is to come if nothing else happens. */
export function schedule(state: CloudwatchState): CloudwatchAction[] {
  const actions = Object.values(state.alarms).flatMap(actionsOf)
  if (state.sweepAt !== undefined) actions.push({ kind: 'sweep', at: state.sweepAt })
  return actions
}

function actionsOf(alarm: Alarm): CloudwatchAction[] {
  const { name } = alarm
  if (alarm.type === 'MetricAlarm')
    return [{ kind: 'evaluate-metric-alarm', alarm: name, at: alarm.evaluateAt }]
  const actions: CloudwatchAction[] = []
  if (alarm.due) actions.push({ kind: 'evaluate-composite-alarm', alarm: name, at: alarm.due.at })
  const { suppression } = alarm
  if (suppression && suppression.by !== 'Alarm')
    actions.push({ kind: 'end-suppression', alarm: name, at: suppression.until })
  return actions
}

/** How often an alarm with this period is evaluated, in milliseconds. */
export const tickOf = (periodSeconds: number) => (periodSeconds < 60 ? SHORT_TICK_MS : MINUTE_MS)

/** The first time after `now` at which an alarm with this period is evaluated. */
export function nextEvaluation(periodSeconds: number, now: number): number {
  const tick = tickOf(periodSeconds)
  return Math.floor((now - DELAY_MS) / tick) * tick + tick + DELAY_MS
}
