/** Composite alarms: their rules, their suppressors, and the events of both. */
import { expect, test } from 'vitest'
import { ALARM_ARN, codeOf, startWorld } from './harness.ts'

type World = Awaited<ReturnType<typeof startWorld>>

/** Sets the states of alarms that are never evaluated otherwise: they ignore missing data. */
async function children(world: World, ...names: string[]) {
  for (const AlarmName of names) {
    await world.putAlarm(AlarmName, { TreatMissingData: 'ignore' })
    await world.cloudwatch.setAlarmState({ AlarmName, StateValue: 'OK', StateReason: 'test' })
  }
  await world.received()
  return (AlarmName: string, StateValue: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA') =>
    world.cloudwatch.setAlarmState({ AlarmName, StateValue, StateReason: 'test' })
}

test('a composite alarm follows its children, and says which made it change', async () => {
  await using world = await startWorld()
  const set = await children(world, 'a', 'b')
  await world.cloudwatch.putCompositeAlarm({ AlarmName: 'both', AlarmRule: 'ALARM(a) AND ALARM("b")' })
  await world.advance('1s')
  await set('a', 'ALARM')
  await set('b', 'ALARM')
  const [created, first, , , last] = await world.received()
  expect(created?.detail).toMatchObject({ operation: 'create', state: { value: 'INSUFFICIENT_DATA' } })
  expect(first?.detail).toEqual({
    alarmName: 'both',
    configuration: { alarmRule: 'ALARM(a) AND ALARM("b")' },
    previousState: {
      value: 'INSUFFICIENT_DATA',
      reason: 'Unchecked: Initial alarm creation',
      timestamp: '2026-01-01T00:00:00.000+0000',
    },
    state: {
      value: 'OK',
      reason: `${ALARM_ARN}:both was created and its alarm rule evaluates to OK`,
      reasonData: JSON.stringify({
        triggeringAlarms: ['a', 'b'].map((name) => ({
          arn: `${ALARM_ARN}:${name}`,
          state: { value: 'OK', timestamp: '2026-01-01T00:00:00.000+0000' },
        })),
      }),
      timestamp: '2026-01-01T00:00:00.000+0000',
    },
  })
  expect(last?.detail.state).toEqual({
    value: 'ALARM',
    reason: `${ALARM_ARN}:b transitioned to ALARM at Thursday 01 January, 2026 00:00:01 UTC`,
    reasonData: `{"triggeringAlarms":[{"arn":"${ALARM_ARN}:b","state":{"value":"ALARM","timestamp":"2026-01-01T00:00:01.000+0000"}}]}`,
    timestamp: '2026-01-01T00:00:01.000+0000',
  })
})

test('composite alarms of composite alarms change in the same moment', async () => {
  await using world = await startWorld()
  const set = await children(world, 'a', 'deploying')
  await world.cloudwatch.putCompositeAlarm({ AlarmName: 'inner', AlarmRule: `ALARM(${ALARM_ARN}:a)` })
  await world.cloudwatch.putCompositeAlarm({
    AlarmName: 'outer',
    AlarmRule: 'ALARM(inner) AND NOT ALARM(deploying)',
  })
  await world.received()
  await set('a', 'ALARM')
  expect(await world.transitions()).toEqual(['a: OK -> ALARM', 'inner: OK -> ALARM', 'outer: OK -> ALARM'])
  await set('deploying', 'ALARM')
  expect(await world.transitions()).toEqual(['deploying: OK -> ALARM', 'outer: ALARM -> OK'])
  const { cloudwatch } = world
  const related = { ChildrenOfAlarmName: 'outer' }
  const { MetricAlarms, CompositeAlarms } = await cloudwatch.describeAlarms(related)
  expect([MetricAlarms?.[0]?.AlarmName, CompositeAlarms?.[0]]).toEqual([
    'deploying',
    expect.objectContaining({ AlarmName: 'inner', AlarmArn: `${ALARM_ARN}:inner`, StateValue: 'ALARM' }),
  ])
  expect((await cloudwatch.describeAlarms({ ParentsOfAlarmName: 'a' })).CompositeAlarms).toEqual([
    { AlarmName: 'inner', AlarmArn: `${ALARM_ARN}:inner` },
  ])
})

test('a suppressor holds actions back, and the alarm tells when they are let go', async () => {
  await using world = await startWorld()
  const set = await children(world, 'a', 'maintenance')
  await world.cloudwatch.putCompositeAlarm({
    AlarmName: 'c',
    AlarmRule: 'ALARM(a)',
    ActionsSuppressor: 'maintenance',
    ActionsSuppressorWaitPeriod: 120,
    ActionsSuppressorExtensionPeriod: 180,
  })
  await world.advance('5m')
  const suppressedBy = async () =>
    (await world.cloudwatch.describeAlarms({ AlarmTypes: ['CompositeAlarm'] })).CompositeAlarms?.[0]
      ?.ActionsSuppressedBy
  expect(await suppressedBy()).toBeUndefined()
  await world.received()
  await set('a', 'ALARM')
  const [, changed] = await world.received()
  expect(changed?.detail).toMatchObject({
    state: {
      value: 'ALARM',
      actionsSuppressedBy: 'WaitPeriod',
      actionsSuppressedReason: 'Actions suppressed by WaitPeriod',
    },
    configuration: {
      alarmRule: 'ALARM(a)',
      actionsSuppressor: 'maintenance',
      actionsSuppressorWaitPeriod: 120,
      actionsSuppressorExtensionPeriod: 180,
    },
  })
  await world.advance('1m')
  await set('maintenance', 'ALARM')
  await world.advance('10m')
  expect(await suppressedBy()).toBe('Alarm')
  await set('maintenance', 'OK')
  expect(await suppressedBy()).toBe('ExtensionPeriod')
  await world.received()
  await world.advance('3m')
  expect(await suppressedBy()).toBeUndefined()
  const [released] = await world.received()
  expect(released?.detail).toMatchObject({
    state: { value: 'ALARM', timestamp: '2026-01-01T00:19:00.000+0000' },
    previousState: { value: 'ALARM', actionsSuppressedBy: 'ExtensionPeriod' },
  })
  expect(released?.detail.state).not.toHaveProperty('actionsSuppressedBy')
})

test('alarms in a cycle are no longer evaluated, and the engine goes on', async () => {
  await using world = await startWorld()
  const set = await children(world, 'a')
  const put = (AlarmName: string, AlarmRule: string) =>
    world.cloudwatch.putCompositeAlarm({ AlarmName, AlarmRule })
  await put('x', 'ALARM(a)')
  await put('y', 'OK(x)')
  await put('x', 'ALARM(a) OR ALARM(y)')
  await world.advance('1m')
  await set('a', 'ALARM')
  expect(await world.stateOf('a')).toBe('ALARM')
  await put('y', 'FALSE')
  await world.cloudwatch.putCompositeAlarm({ AlarmName: 'x', AlarmRule: 'ALARM(a)' })
  expect([await world.stateOf('x'), await world.stateOf('y')]).toEqual(['ALARM', 'OK'])
  expect(world.drydock.faults).toEqual([])
})

test('what cannot be is refused', async () => {
  await using world = await startWorld()
  await children(world, 'a', 'b')
  const { cloudwatch } = world
  const put = (AlarmRule: string, more: object = {}) =>
    cloudwatch.putCompositeAlarm({ AlarmName: 'c', AlarmRule, ...more })
  expect(await codeOf(put('ALARM(none)'))).toBe('ValidationException')
  expect(await codeOf(put('ALARM(a'))).toBe('ValidationException')
  expect(await codeOf(put('ALARM(a)', { ActionsSuppressor: 'b' }))).toBe('MissingRequiredParameterException')
  expect(await codeOf(put('ALARM(a)', { AlarmName: 'a' }))).toBe('ValidationException')
  await put('ALARM(a)')
  expect(await codeOf(world.putAlarm('c'))).toBe('ValidationException')
  await expect(cloudwatch.deleteAlarms({ AlarmNames: ['a'] })).rejects.toThrow(
    'Cannot delete a as there are composite alarm(s) depending on it.',
  )
  expect(await codeOf(cloudwatch.deleteAlarms({ AlarmNames: ['b', 'c'] }))).toBe('ValidationException')
  await cloudwatch.deleteAlarms({ AlarmNames: ['c'] })
  await cloudwatch.deleteAlarms({ AlarmNames: ['a', 'b'] })
})
