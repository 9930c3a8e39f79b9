/** Does what `schedule` says is due. */

import { nameOf } from './alarm-names.ts'
import { EXTRA_PERIODS, evaluate } from './evaluate.ts'
import { sweepHistory } from './history.ts'
import type { Datapoint } from './metric.ts'
import { datapointsOfQuery } from './queries.ts'
import { compositeReason, compositeReasonData, reasonDataOf, reasonOf } from './reason.ts'
import { SWEEP_MS, sweep } from './retention.ts'
import { holds, parseRule } from './rule.ts'
import { type CloudwatchAction, nextEvaluation, tickOf } from './schedule.ts'
import type { Alarm, CloudwatchContext, CompositeAlarm, MetricAlarm } from './state.ts'
import { afterTime } from './suppression.ts'
import { changeState, setSuppression } from './transition.ts'

/** A metric without data for so long is forgotten: all its data has been dropped. */
const FORGET_AFTER_MS = 15 * 86_400_000

export function perform(action: CloudwatchAction, context: CloudwatchContext): void {
  const alarm = action.kind === 'sweep' ? undefined : context.state.alarms[action.alarm]
  if (action.kind === 'sweep') sweepAll(context)
  else if (alarm?.type === 'MetricAlarm') evaluateMetricAlarm(alarm, context)
  else if (alarm && action.kind === 'evaluate-composite-alarm') evaluateComposite(alarm, context)
  else if (alarm) setSuppression(alarm, afterTime(alarm.suppression, context.now), context)
}

function evaluateMetricAlarm(alarm: MetricAlarm, context: CloudwatchContext): void {
  const next = { ...alarm, evaluateAt: nextEvaluation(alarm.periodSeconds, context.now) }
  context.state.alarms[alarm.name] = next
  const stat = alarm.isMath ? undefined : alarm.queries[0]?.metricStat
  const verdict = evaluate({ ...alarm, ...(stat && { stat: stat.stat }) }, rangeOf(alarm, context))
  if (!verdict || verdict.state === alarm.state.value) return
  const reason = reasonOf(alarm, verdict)
  const reasonData = reasonDataOf(alarm, verdict, context.now)
  changeState(next, { value: verdict.state, reason, reasonData }, context)
}

/** The datapoints of an alarm's evaluation range. Its last period ends with the last whole tick. */
function rangeOf(alarm: MetricAlarm, { state, now }: CloudwatchContext): (Datapoint | undefined)[] {
  const periodMs = alarm.periodSeconds * 1000
  const tick = tickOf(alarm.periodSeconds)
  const count = alarm.evaluationPeriods + EXTRA_PERIODS
  const start = Math.floor(now / tick) * tick - count * periodMs
  const watched = alarm.queries.find(({ returnData }) => returnData)
  return watched ? datapointsOfQuery(state, watched, alarm.queries, { start, periodMs, count }) : []
}

function evaluateComposite(alarm: CompositeAlarm, context: CloudwatchContext): void {
  const { due, ...rest } = alarm
  const { alarms } = context.state
  alarms[alarm.name] = rest
  const stateOf = (name: string) => alarms[nameOf(name)]?.state.value
  const value = holds(parseRule(alarm.rule), stateOf) ? 'ALARM' : 'OK'
  if (value === alarm.state.value) return
  const cause = due?.cause ?? 'updated'
  const names = typeof cause === 'string' ? alarm.children : cause
  const triggers = names.map((name) => alarms[name]).filter((each): each is Alarm => each !== undefined)
  const reason = compositeReason(alarm.arn, value, typeof cause === 'string' ? cause : 'child', triggers)
  changeState(rest, { value, reason, reasonData: compositeReasonData(triggers) }, context)
}

function sweepAll(context: CloudwatchContext): void {
  const { state, now } = context
  for (const [key, metric] of Object.entries(state.metrics)) {
    if (now - metric.updatedAt >= FORGET_AFTER_MS) delete state.metrics[key]
    else sweep(metric, now)
  }
  sweepHistory(context)
  delete state.sweepAt
  if (Object.keys(state.metrics).length || state.history.length) state.sweepAt = now + SWEEP_MS
}
