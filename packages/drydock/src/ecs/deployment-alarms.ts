/**
 * Deployment alarms: while a deployment is under way ECS looks at its CloudWatch alarms, and fails it when one of them
 * goes into ALARM. If one is in ALARM when the deployment begins, they are not watched at all, so that a new deployment
 * can mend what an old one broke (Developer Guide: how CloudWatch alarms detect Amazon ECS deployment failures).
 */
import type { DeploymentConfiguration } from '@aws-sdk/client-ecs'
import type { AlarmWatch, ServiceDeploymentRecord } from './deployment-state.ts'
import type { AlarmReport, AlarmSight } from './effects.ts'
import { invalidParameter } from './errors.ts'
import { openServiceDeployment } from './open-deployment.ts'
import { ALARM_LOOK_MS, LONGEST_ALARM_BAKE_MS, UNKNOWN_ALARM_PERIOD_MS } from './pace.ts'
import { say } from './service-events.ts'
import type { EcsContext, ServiceRecord } from './state.ts'
import { lookAtService } from './task-changes.ts'

/** What DescribeAlarms can be asked for at once. */
const MOST_ALARMS = 100

/** Throws InvalidParameterException for alarms that cannot be watched. */
export function requireAlarms({ alarms }: DeploymentConfiguration): void {
  const { enable = false, alarmNames = [] } = alarms ?? {}
  if (enable && !alarmNames.length)
    throw invalidParameter('At least one alarm name must be specified when deployment alarms are enabled.')
  if (alarmNames.length > MOST_ALARMS)
    throw invalidParameter(`At most ${MOST_ALARMS} deployment alarms can be specified.`)
  if (alarmNames.some((name) => !name || name.length > 255))
    throw invalidParameter('The name of a deployment alarm must have from 1 to 255 characters.')
}

/** The watch of a deployment that begins; undefined where no alarms are configured. */
export function newWatch({ alarms }: DeploymentConfiguration, now: number): AlarmWatch | undefined {
  if (!alarms?.enable) return undefined
  const { alarmNames = [], rollback = false } = alarms
  const names = [...new Set(alarmNames)]
  return {
    names,
    rollback,
    phase: 'new',
    isAsked: false,
    nextLookAt: now,
    triggered: [],
    missing: [],
    bakeMs: 0,
  }
}

/** When the alarms are to be looked at next (milliseconds since the epoch); undefined if they are not, or asked for. */
export function nextAlarmLook({ status, alarms, shift }: ServiceDeploymentRecord): number | undefined {
  const isUnderWay = status === 'IN_PROGRESS' && shift?.stage !== 'CLEAN_UP'
  const isWatched = isUnderWay && alarms && alarms.phase !== 'ignored'
  return isWatched && !alarms.isAsked && !alarms.triggered.length ? alarms.nextLookAt : undefined
}

/** Asks the host for the states of the alarms. */
export function lookAtAlarms(context: EcsContext, service: ServiceRecord): void {
  const open = openServiceDeployment(service)
  if (!open?.alarms) return
  open.alarms.isAsked = true
  const { names: alarmNames } = open.alarms
  context.ask({ kind: 'look-at-alarms', serviceArn: service.arn, serviceDeploymentId: open.id, alarmNames })
}

/** Takes in what the alarms are. Of a deployment that has ended meanwhile nobody wants to know. */
export function receiveAlarms(
  { serviceArn, serviceDeploymentId, alarms }: AlarmReport,
  context: EcsContext,
): void {
  const service = context.state.services[serviceArn]
  const open = service && openServiceDeployment(service)
  if (!service || !open?.alarms?.isAsked || open.id !== serviceDeploymentId) return
  const watch = open.alarms
  Object.assign(watch, {
    isAsked: false,
    nextLookAt: context.now + ALARM_LOOK_MS,
    bakeMs: bakeOfAlarms(alarms),
  })
  noteMissing(watch, alarms, service, context)
  const inAlarm = alarms.filter(({ state }) => state === 'ALARM').map(({ name }) => name)
  if (watch.phase === 'watching') watch.triggered = inAlarm
  else beginWatching(watch, inAlarm, service, context)
  lookAtService(service, context.now)
}

function beginWatching(
  watch: AlarmWatch,
  inAlarm: string[],
  service: ServiceRecord,
  context: EcsContext,
): void {
  watch.phase = inAlarm.length ? 'ignored' : 'watching'
  if (inAlarm.length)
    say(
      context,
      service,
      `ignores its deployment alarms: ${inAlarm.join(', ')} was in ALARM when the deployment began.`,
    )
}

/** What AWS does of an alarm that does not exist is not documented: it is told, and looked for again. */
function noteMissing(
  watch: AlarmWatch,
  alarms: AlarmSight[],
  service: ServiceRecord,
  context: EcsContext,
): void {
  const missing = watch.names.filter((name) => !alarms.some((alarm) => alarm.name === name))
  const isNews = missing.some((name) => !watch.missing.includes(name))
  watch.missing = missing
  if (isNews) say(context, service, `was unable to find its deployment alarms: ${missing.join(', ')}.`)
}

/**
 * How long a complete deployment is watched where that is not configured: AWS computes it from the alarms, to less than
 * five minutes. Here it is as long as the slowest alarm looks back.
 */
function bakeOfAlarms(alarms: readonly AlarmSight[]): number {
  const spans = alarms.map(({ evaluatedMs = UNKNOWN_ALARM_PERIOD_MS }) => evaluatedMs)
  return Math.min(Math.max(0, ...spans), LONGEST_ALARM_BAKE_MS)
}
