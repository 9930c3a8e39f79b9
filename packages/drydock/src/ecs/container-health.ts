/**
 * Health checks of containers: when one is due, what its outcome makes of the container, and what the containers make
 * of their task (API Reference: HealthCheck). Pure; the host runs the commands.
 */
import type { ContainerDefinition, HealthCheck, HealthStatus, TaskDefinition } from '@aws-sdk/client-ecs'
import { clientError } from './errors.ts'
import type { ContainerRecord, HealthRecord } from './state.ts'

/** Seconds, and a number of tries: what is allowed, and what is meant where nothing is said (API Reference: HealthCheck). */
const SETTINGS = {
  interval: { least: 5, most: 300, usual: 30 },
  timeout: { least: 2, most: 60, usual: 5 },
  retries: { least: 1, most: 10, usual: 3 },
  startPeriod: { least: 0, most: 300, usual: 0 },
} as const

type Setting = keyof typeof SETTINGS

const settingOf = (check: HealthCheck, name: Setting): number => check[name] ?? SETTINGS[name].usual

/** The check with the defaults that AWS fills in; `startPeriod` has none. */
export function withHealthDefaults(check: HealthCheck): HealthCheck {
  const { interval, timeout, retries } = SETTINGS
  return {
    ...check,
    interval: check.interval ?? interval.usual,
    timeout: check.timeout ?? timeout.usual,
    retries: check.retries ?? retries.usual,
  }
}

/** Throws ClientException for a check that AWS refuses: its command names how it is run, its numbers have limits. */
export function requireHealthCheck({ name = '', healthCheck }: ContainerDefinition): void {
  if (!healthCheck) return
  const [how, ...rest] = healthCheck.command ?? []
  if ((how !== 'CMD' && how !== 'CMD-SHELL') || !rest.length) {
    throw clientError(
      `Invalid 'healthCheck' setting for container '${name}': command must be [CMD, ...] or [CMD-SHELL, command].`,
    )
  }
  for (const [key, { least, most }] of Object.entries(SETTINGS)) {
    const value = healthCheck[key as Setting] ?? least
    if (Number.isInteger(value) && value >= least && value <= most) continue
    throw clientError(
      `Invalid 'healthCheck' setting for container '${name}': ${key} must be between ${least} and ${most}.`,
    )
  }
}

/** The command line of a check: what follows CMD as it is, what follows CMD-SHELL by the container's shell. */
export function commandOfCheck({ command = [] }: HealthCheck): string[] {
  const [how, ...rest] = command
  return how === 'CMD-SHELL' ? ['/bin/sh', '-c', rest.join(' ')] : rest
}

/** How long a check may take, in milliseconds. */
export const timeoutOf = (check: HealthCheck) => settingOf(check, 'timeout') * 1000

/** A container that has just started: its first check comes an interval later, as with Docker. */
export function newHealth(check: HealthCheck, now: number): HealthRecord {
  return {
    status: 'UNKNOWN',
    since: now,
    failures: 0,
    runs: 0,
    nextAt: now + settingOf(check, 'interval') * 1000,
  }
}

/**
 * What a check's outcome leaves. Failures in a row count, from the end of the start period or the first success on;
 * the next check comes an interval after this one has ended.
 */
export function afterCheck(
  health: HealthRecord,
  hasPassed: boolean,
  check: HealthCheck,
  now: number,
): HealthRecord {
  const nextAt = now + settingOf(check, 'interval') * 1000
  if (hasPassed) return { ...health, status: 'HEALTHY', failures: 0, nextAt }
  const isStarting =
    health.status === 'UNKNOWN' && now < health.since + settingOf(check, 'startPeriod') * 1000
  const failures = isStarting ? 0 : health.failures + 1
  const hasFailed = failures >= settingOf(check, 'retries')
  return { ...health, status: hasFailed ? 'UNHEALTHY' : health.status, failures, nextAt }
}

/**
 * A task's health: that of its essential containers with a check, the worst of them first UNHEALTHY, then UNKNOWN.
 * Undefined where none has a check.
 */
export function healthOfTask(
  containers: readonly ContainerRecord[],
  { containerDefinitions = [] }: TaskDefinition,
): HealthStatus | undefined {
  const deciding = containerDefinitions.filter(({ essential, healthCheck }) => essential && healthCheck)
  const statuses = deciding.map(
    ({ name }) => containers.find((container) => container.name === name)?.health?.status ?? 'UNKNOWN',
  )
  if (!statuses.length) return undefined
  if (statuses.includes('UNHEALTHY')) return 'UNHEALTHY'
  return statuses.includes('UNKNOWN') ? 'UNKNOWN' : 'HEALTHY'
}

/** When a running container is to be checked next (milliseconds since the epoch); undefined while it is being checked. */
export const nextCheckAt = ({ phase, health }: ContainerRecord): number | undefined =>
  phase === 'running' ? health?.nextAt : undefined
