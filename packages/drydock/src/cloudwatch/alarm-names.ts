/** Alarms by name and ARN. */
import type { Scope } from '../service.ts'
import { noSuchAlarm } from './errors.ts'
import type { Alarm, CloudwatchContext } from './state.ts'

export const arnOf = (name: string, { region, accountId }: Scope) =>
  `arn:aws:cloudwatch:${region}:${accountId}:alarm:${name}`

const ARN = /^arn:aws[\w-]*:cloudwatch:[^:]*:\d*:alarm:(.+)$/

/** The name of an alarm that is given by name or by ARN. */
export function nameOf(given: string): string {
  return ARN.exec(given)?.[1] ?? given
}

/** The alarm, given by name. Throws ResourceNotFound. */
export function findAlarm(name: string | undefined, { state }: CloudwatchContext): Alarm {
  const alarm = state.alarms[name ?? '']
  if (!alarm) throw noSuchAlarm(`Alarm ${name} does not exist`)
  return alarm
}
