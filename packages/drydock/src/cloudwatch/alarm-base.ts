/** What metric and composite alarms have in common when they are put. */
import { arnOf } from './alarm-names.ts'
import { assertLength, invalid } from './errors.ts'
import { UNCHECKED } from './reason.ts'
import type { Alarm, CloudwatchOperation } from './state.ts'
import { readTags } from './tags.ts'

/** API Reference, PutMetricAlarm: at most five actions for each state. */
const MOST_ACTIONS = 5

interface Input {
  readonly AlarmName?: string | undefined
  readonly AlarmDescription?: string | undefined
  readonly ActionsEnabled?: boolean | undefined
  readonly OKActions?: string[] | undefined
  readonly AlarmActions?: string[] | undefined
  readonly InsufficientDataActions?: string[] | undefined
  readonly Tags?: { Key: string | undefined; Value: string | undefined }[] | undefined
}

/** The alarm that is updated, if there is one. Metric and composite alarms share their names. */
export function previousOf<T extends Alarm['type']>(
  name: string | undefined,
  type: T,
  { state }: CloudwatchOperation,
): Extract<Alarm, { type: T }> | undefined {
  const known = state.alarms[name ?? '']
  if (known && known.type !== type)
    throw invalid(`An alarm of another type (${known.type}) has the name ${name}.`)
  return known as Extract<Alarm, { type: T }> | undefined
}

/**
 * A new alarm is INSUFFICIENT_DATA until it is evaluated; an updated one keeps its state and its tags: those given with
 * an update are ignored (API Reference, PutMetricAlarm). Throws ValidationException.
 */
export function alarmBase(input: Input, before: Alarm | undefined, context: CloudwatchOperation) {
  const { AlarmName: name = '', AlarmDescription: description, ActionsEnabled = true } = input
  assertLength('alarmName', name, 1, 255)
  assertLength('alarmDescription', description, 0, 1024)
  const { now } = context
  const unchecked = {
    value: 'INSUFFICIENT_DATA',
    reason: UNCHECKED,
    updatedAt: now,
    transitionedAt: now,
  } as const
  return {
    name,
    arn: arnOf(name, context),
    ...(description !== undefined && { description }),
    actionsEnabled: ActionsEnabled,
    okActions: actions(input.OKActions),
    alarmActions: actions(input.AlarmActions),
    insufficientDataActions: actions(input.InsufficientDataActions),
    configuredAt: now,
    tags: before?.tags ?? readTags(input.Tags),
    state: before?.state ?? unchecked,
  }
}

function actions(given: readonly string[] = []): string[] {
  if (given.length > MOST_ACTIONS) throw invalid(`An alarm has at most ${MOST_ACTIONS} actions for a state.`)
  const wrong = given.find((arn) => !/^arn:[^:]+:[^:]+:[^:]*:[^:]*:.+$/.test(arn) || arn.length > 1024)
  if (wrong !== undefined) throw invalid(`Invalid arn syntax: ${wrong}`)
  return [...given]
}
