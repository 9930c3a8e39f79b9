/** What is done to alarms that are there: state set by hand, actions switched on and off, deletion. */
import type * as client from '@aws-sdk/client-cloudwatch'
import { InvalidFormatFault } from '@aws-sdk/client-cloudwatch'
import type { Handlers } from '../wire/handlers.ts'
import { findAlarm, nameOf } from './alarm-names.ts'
import { assertLength, assertOneOf, invalid } from './errors.ts'
import type { Alarm, CloudwatchOperation } from './state.ts'
import { changeState, removeAlarm } from './transition.ts'

/** API Reference, DeleteAlarms: up to 100 alarms; a composite alarm only alone. */
const MOST_DELETED = 100

export const alarmOperations = {
  SetAlarmState({ AlarmName, StateValue, StateReason = '', StateReasonData }, context) {
    assertOneOf('stateValue', StateValue, ['OK', 'ALARM', 'INSUFFICIENT_DATA'])
    assertLength('stateReason', StateReason, 0, 1023)
    assertLength('stateReasonData', StateReasonData, 0, 4000)
    if (StateReasonData !== undefined) assertJson(StateReasonData)
    const alarm = findAlarm(AlarmName, context)
    const reasonData = StateReasonData !== undefined && { reasonData: StateReasonData }
    changeState(
      alarm,
      { value: StateValue ?? alarm.state.value, reason: StateReason, ...reasonData },
      context,
    )
  },

  EnableAlarmActions: ({ AlarmNames = [] }, context) => switchActions(AlarmNames, true, context),
  DisableAlarmActions: ({ AlarmNames = [] }, context) => switchActions(AlarmNames, false, context),

  DeleteAlarms({ AlarmNames = [] }, context) {
    if (AlarmNames.length > MOST_DELETED)
      throw invalid(`At most ${MOST_DELETED} alarms can be deleted in one operation.`)
    const alarms = AlarmNames.map((name) => findAlarm(name, context))
    if (alarms.length > 1 && alarms.some(({ type }) => type === 'CompositeAlarm'))
      throw invalid('A composite alarm can only be deleted alone.')
    for (const alarm of alarms) assertFree(alarm, context)
    for (const alarm of new Set(alarms)) removeAlarm(alarm, context)
  },
} satisfies Partial<Handlers<typeof client, CloudwatchOperation>>

function assertJson(text: string): void {
  try {
    JSON.parse(text)
  } catch {
    throw new InvalidFormatFault({ message: 'StateReasonData is not valid JSON.', $metadata: {} })
  }
}

/** Names that are no alarm's are passed over. */
function switchActions(
  names: readonly string[],
  actionsEnabled: boolean,
  { state }: CloudwatchOperation,
): void {
  if (names.length > MOST_DELETED) throw invalid(`At most ${MOST_DELETED} alarms can be given.`)
  for (const name of names) {
    const alarm = state.alarms[name]
    if (alarm) state.alarms[name] = { ...alarm, actionsEnabled }
  }
}

/** An alarm that a composite alarm depends on, by its rule or as its suppressor, stays. */
function assertFree({ name }: Alarm, { state }: CloudwatchOperation): void {
  const isUsed = Object.values(state.alarms).some(
    (other) =>
      other.type === 'CompositeAlarm' &&
      other.name !== name &&
      (other.children.includes(name) || nameOf(other.suppressor?.alarm ?? '') === name),
  )
  if (isUsed) throw invalid(`Cannot delete ${name} as there are composite alarm(s) depending on it.`)
}
