/**
 * What a thousand alarms cost that are evaluated each minute, over metrics published every ten seconds for three hours
 * before. Engine time is virtual, so what is measured is work alone: processor time for each minute of engine time.
 */
import { Engine } from '../packages/drydock/src/engine.ts'
import { virtualClock } from '../packages/drydock/src/host/clock.ts'
import { performerOf } from '../packages/drydock/src/host/effects.ts'
import { seededIds } from '../packages/drydock/src/host/ids.ts'
import type { Measured } from './measure.ts'

const ALARMS = 1000
const MINUTES = 10
const MINUTE_MS = 60_000
const SCOPE = { accountId: '123456789012', region: 'us-east-1' }

/** Measures `MINUTES` minutes of `ALARMS` alarms. Throws if an alarm was not really evaluated. */
export async function measureAlarms(): Promise<Measured[]> {
  const engine = new Engine({ clock: virtualClock(), ids: seededIds(1), perform: performerOf() })
  await engine.load('cloudwatch')
  for (let n = 0; n < ALARMS; n++) await engine.call('cloudwatch', SCOPE, 'PutMetricAlarm', alarm(n))
  await play(engine, 180, 1)
  const began = process.cpuUsage()
  await play(engine, MINUTES, 1)
  const { user, system } = process.cpuUsage(began)
  await play(engine, 5, 99)
  const { alarms } = engine.state('cloudwatch', SCOPE)
  const raised = Object.values(alarms).filter(({ state }) => state.value === 'ALARM').length
  if (raised !== ALARMS) throw new Error(`Only ${raised} of ${ALARMS} alarms were raised`)
  const share = (user + system) / 1000 / (MINUTES * MINUTE_MS)
  return [{ what: `${ALARMS} alarms and their metrics, of a core`, value: share * 100, unit: '%', limit: 2 }]
}

const alarm = (n: number) => ({
  AlarmName: `alarm-${n}`,
  Namespace: 'bench',
  MetricName: `metric-${n}`,
  Statistic: 'Sum',
  Period: 60,
  EvaluationPeriods: 3,
  Threshold: 50,
  ComparisonOperator: 'GreaterThanThreshold',
})

/** Every ten seconds a value of every metric. */
async function play(engine: Engine, minutes: number, value: number): Promise<void> {
  for (let tick = 0; tick < minutes * 6; tick++) {
    const at = engine.clock.now()
    const metrics = Array.from({ length: ALARMS }, (_, n) => {
      return { name: `metric-${n}`, dimensions: {}, at, samples: [{ value }] }
    })
    engine.report('cloudwatch', SCOPE, { kind: 'metrics', namespace: 'bench', metrics })
    await engine.advance('10s')
  }
}
