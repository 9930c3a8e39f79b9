import { expect, test } from 'vitest'
import { observedAlarm } from './alarm-evidence.ts'
import type { SeenAlarm } from './alarms.ts'

const nothing = { muteRules: new Map<string, string>(), requests: new Map<string, number>() }
const alarm: SeenAlarm = {
  AlarmArn: 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:web-5xx',
  AlarmName: 'web-5xx',
  StateValue: 'ALARM',
  StateReason:
    'Threshold Crossed: 1 datapoint [7.0 (01/01/26 00:00:00)] was greater than the threshold (5.0).',
  StateReasonData: JSON.stringify({ recentDatapoints: [7], evaluatedDatapoints: [{ value: 7 }] }),
  StateTransitionedTimestamp: new Date(1000),
  StateUpdatedTimestamp: new Date(2000),
}

test('an alarm is told with the time of its transition, not of its last update', () => {
  expect(observedAlarm(alarm, nothing)).toEqual({
    arn: alarm.AlarmArn,
    name: 'web-5xx',
    state: 'ALARM',
    transitionedAt: 1000,
    reason: alarm.StateReason,
    missingData: false,
  })
})

test.each([
  ['no recent data point', { StateReasonData: '{"recentDatapoints":[],"evaluatedDatapoints":[]}' }, true],
  [
    'evaluated data points without values',
    { StateReasonData: '{"recentDatapoints":[],"evaluatedDatapoints":[{"timestamp":"x"}]}' },
    true,
  ],
  [
    'some data and some gaps',
    { StateReasonData: '{"recentDatapoints":[7],"evaluatedDatapoints":[{"value":7},{"timestamp":"x"}]}' },
    false,
  ],
  [
    'words alone',
    {
      StateReasonData: undefined,
      StateReason:
        'Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were treated as [Breaching].',
    },
    true,
  ],
  ['a state that someone set', { StateReasonData: undefined, StateReason: 'testing' }, false],
  ['data that is not JSON', { StateReasonData: '{' }, false],
  [
    'the children of a composite alarm',
    { StateReasonData: '{"triggeringAlarms":[{"arn":"a","state":{"value":"ALARM"}}]}' },
    false,
  ],
])('with %s it is told whether data was missing', (_, parts, expected) => {
  expect(observedAlarm({ ...alarm, ...parts }, nothing).missingData).toBe(expected)
})

test.each([
  [
    'a suppressor',
    { ActionsSuppressedBy: 'Alarm' as const, ActionsSuppressor: 'deploys' },
    'its suppressor deploys',
  ],
  ['a wait period', { ActionsSuppressedBy: 'WaitPeriod' as const }, 'its suppressor WaitPeriod'],
  ['disabled actions', { ActionsEnabled: false }, 'DisableAlarmActions'],
])('%s mutes it', (_, parts, muted) => {
  expect(observedAlarm({ ...alarm, ...parts }, nothing)).toMatchObject({ muted })
})

test('a mute rule mutes it, and requests are those of its window', () => {
  const evidence = {
    muteRules: new Map([['web-5xx', 'the mute rule night']]),
    requests: new Map([[alarm.AlarmArn ?? '', 12]]),
  }
  expect(observedAlarm(alarm, evidence)).toMatchObject({ muted: 'the mute rule night', requests: 12 })
})
