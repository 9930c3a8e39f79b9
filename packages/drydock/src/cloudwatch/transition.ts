/** The one way by which alarms change: each change is told to the bus, written to the history, and wakes who depends. */
import { configurationChanged, configurationOf, stateChanged } from './alarm-events.ts'
import { remember } from './history.ts'
import type { Alarm, AlarmState, CloudwatchContext, CompositeAlarm, StateValue } from './state.ts'
import { afterSuppressor, afterTransition } from './suppression.ts'

type NextState = Pick<AlarmState, 'value' | 'reason' | 'reasonData'>

/** Sets an alarm's state, whether by evaluation or by hand. Only another value is a transition. */
export function changeState(alarm: Alarm, next: NextState, context: CloudwatchContext): void {
  const { now, state } = context
  const isTransition = next.value !== alarm.state.value
  const transitionedAt = isTransition ? now : alarm.state.transitionedAt
  const moved: Alarm = { ...alarm, state: { ...next, updatedAt: now, transitionedAt } }
  const after = isTransition && moved.type === 'CompositeAlarm' ? suppressAnew(moved, context) : moved
  state.alarms[alarm.name] = after
  if (!isTransition) return
  context.emit(stateChanged(alarm, after))
  remember(context, after, 'StateUpdate', summaryOf(alarm, after), transitionData(alarm, after))
  wakeDependents(after, context)
}

const summaryOf = (before: Alarm, after: Alarm) =>
  `Alarm updated from ${before.state.value} to ${after.state.value}`

function transitionData(before: Alarm, after: Alarm): object {
  return { version: '1.0', oldState: historyState(before.state), newState: historyState(after.state) }
}

function historyState({ value, reason, reasonData }: AlarmState): object {
  return {
    stateValue: value,
    stateReason: reason,
    ...(reasonData !== undefined && { stateReasonData: JSON.parse(reasonData) }),
  }
}

/** Puts an alarm in its place, new or changed. */
export function saveAlarm(alarm: Alarm, before: Alarm | undefined, context: CloudwatchContext): void {
  context.state.alarms[alarm.name] = alarm
  context.emit(configurationChanged(before ? 'update' : 'create', alarm, before))
  const type = before ? 'Update' : 'Create'
  const summary = `Alarm "${alarm.name}" ${before ? 'updated' : 'created'}`
  const data = { version: '1.0', type, [before ? 'updatedAlarm' : 'createdAlarm']: configurationOf(alarm) }
  remember(context, alarm, 'ConfigurationUpdate', summary, data)
}

export function removeAlarm(alarm: Alarm, context: CloudwatchContext): void {
  delete context.state.alarms[alarm.name]
  context.emit(configurationChanged('delete', alarm))
  const data = { version: '1.0', type: 'Delete', deletedAlarm: configurationOf(alarm) }
  remember(context, alarm, 'ConfigurationUpdate', `Alarm "${alarm.name}" deleted`, data)
}

/** Replaces a composite alarm's suppression; when it ends, the alarm tells its state once more. */
export function setSuppression(
  alarm: CompositeAlarm,
  next: CompositeAlarm['suppression'],
  context: CloudwatchContext,
): void {
  const { suppression, ...rest } = alarm
  if (next) context.state.alarms[alarm.name] = { ...rest, suppression: next }
  else if (suppression) {
    const after = { ...rest, state: { ...rest.state, updatedAt: context.now } }
    context.state.alarms[alarm.name] = after
    context.emit(stateChanged(alarm, after))
  }
}

function suppressAnew(alarm: CompositeAlarm, { state, now }: CloudwatchContext): CompositeAlarm {
  const { suppression: _discarded, ...rest } = alarm
  if (!alarm.suppressor) return rest
  const suppressorState = state.alarms[alarm.suppressor.alarm]?.state.value
  const suppression = afterTransition(alarm.suppressor, suppressorState, now)
  return { ...rest, ...(suppression && { suppression }) }
}

/** Composite alarms with this one in their rule are to be evaluated; those that it suppresses, held back or let go. */
function wakeDependents({ name, state: { value } }: Alarm, context: CloudwatchContext): void {
  for (const other of Object.values(context.state.alarms)) {
    if (other.type !== 'CompositeAlarm') continue
    if (other.suppressor?.alarm === name) tellSuppressed(other, other.suppressor, value, context)
    if (other.children.includes(name)) wake(other.name, name, context)
  }
}

function tellSuppressed(
  alarm: CompositeAlarm,
  suppressor: NonNullable<CompositeAlarm['suppressor']>,
  value: StateValue,
  context: CloudwatchContext,
): void {
  const next = afterSuppressor(alarm.suppression, suppressor, value, context.now)
  if (next !== alarm.suppression) setSuppression(alarm, next, context)
}

function wake(name: string, child: string, { state, now }: CloudwatchContext): void {
  const alarm = state.alarms[name]
  if (alarm?.type !== 'CompositeAlarm' || isInCycle(alarm, state.alarms)) return
  const cause = alarm.due?.cause
  const children = Array.isArray(cause) ? [...cause.filter((each) => each !== child), child] : [child]
  const due = { at: now, cause: typeof cause === 'string' ? cause : children }
  state.alarms[name] = { ...alarm, due }
}

/** API Reference, PutCompositeAlarm: composite alarms that depend on each other in a cycle are no longer evaluated. */
function isInCycle({ name }: CompositeAlarm, alarms: Readonly<Record<string, Alarm>>): boolean {
  const seen = new Set<string>()
  const open = [name]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const alarm = alarms[next]
    if (alarm?.type !== 'CompositeAlarm') continue
    for (const child of alarm.children) {
      if (child === name) return true
      if (!seen.has(child)) open.push(child)
      seen.add(child)
    }
  }
  return false
}
