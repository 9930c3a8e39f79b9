/** Composite alarms are put. Source: API Reference, PutCompositeAlarm. */
import type * as client from '@aws-sdk/client-cloudwatch'
import type { PutCompositeAlarmCommandInput } from '@aws-sdk/client-cloudwatch'
import type { Handlers } from '../wire/handlers.ts'
import { alarmBase, previousOf } from './alarm-base.ts'
import { nameOf } from './alarm-names.ts'
import { assertLength, assertRange, invalid, missingParameter, unsupported } from './errors.ts'
import { alarmsOf, parseRule } from './rule.ts'
import type { CloudwatchOperation, CompositeAlarm, Suppressor } from './state.ts'
import { saveAlarm } from './transition.ts'

export const compositeAlarmOperations = {
  PutCompositeAlarm(input, context) {
    if (input.ActionConfiguration !== undefined) throw unsupported('The parameter ActionConfiguration')
    const before = previousOf(input.AlarmName, 'CompositeAlarm', context)
    const { AlarmRule: rule = '' } = input
    assertLength('alarmRule', rule, 1, 10_240)
    const children = alarmsOf(parseRule(rule)).map(nameOf)
    assertThere(children, input.AlarmName, context)
    const suppressor = suppressorOf(input, context)
    const isSame = before?.suppressor?.alarm === suppressor?.alarm
    const alarm: CompositeAlarm = {
      ...alarmBase(input, before, context),
      type: 'CompositeAlarm',
      rule,
      children,
      ...(suppressor && { suppressor }),
      // CloudWatch User Guide: another suppressor discards the periods of the one before.
      ...(isSame && before?.suppression && { suppression: before.suppression }),
      due: { at: context.now, cause: before ? 'updated' : 'created' },
    }
    saveAlarm(alarm, before, context)
  },
} satisfies Partial<Handlers<typeof client, CloudwatchOperation>>

function assertThere(
  names: readonly string[],
  own: string | undefined,
  { state }: CloudwatchOperation,
): void {
  const missing = names.filter((name) => !state.alarms[name])
  if (!missing.length) return
  const list = missing.join(', ')
  throw invalid(
    `Could not save the composite alarm ${own} as alarms [${list}] in the alarm rule do not exist`,
  )
}

function suppressorOf(
  input: PutCompositeAlarmCommandInput,
  { state }: CloudwatchOperation,
): Suppressor | undefined {
  const { ActionsSuppressor: given, ActionsSuppressorWaitPeriod: wait } = input
  const { ActionsSuppressorExtensionPeriod: extension } = input
  if (given === undefined) {
    if (wait !== undefined || extension !== undefined) throw missingParameter('ActionsSuppressor')
    return undefined
  }
  assertLength('actionsSuppressor', given, 1, 1600)
  if (wait === undefined) throw missingParameter('ActionsSuppressorWaitPeriod')
  if (extension === undefined) throw missingParameter('ActionsSuppressorExtensionPeriod')
  assertRange('actionsSuppressorWaitPeriod', wait, 0, 2 ** 31 - 1)
  assertRange('actionsSuppressorExtensionPeriod', extension, 0, 2 ** 31 - 1)
  const alarm = nameOf(given)
  if (!state.alarms[alarm]) throw invalid(`The actions suppressor ${given} does not exist.`)
  return { alarm, given, waitSeconds: wait, extensionSeconds: extension }
}
