/** What a health check comes to: of its endpoint's answers, of other checks, inverted, disabled. Pure. */
import type { HealthCheckRecord, Route53State } from './state.ts'

/** Checks of checks are followed this deep; AWS refuses circles too. */
const DEEPEST = 10

/** Whether a health check is healthy; one that is gone is, because records with it are answered all the same. */
export function isHealthy(state: Route53State, id: string, depth = 0): boolean {
  const check = state.healthChecks[id]
  if (!check || check.config.Disabled || depth > DEEPEST) return true
  const isUp = check.config.Type === 'CALCULATED' ? isEnough(state, check, depth) : check.isUp
  return check.config.Inverted ? !isUp : isUp
}

function isEnough(state: Route53State, { config }: HealthCheckRecord, depth: number): boolean {
  const { ChildHealthChecks = [], HealthThreshold = 0 } = config
  const healthy = ChildHealthChecks.filter((child) => isHealthy(state, child, depth + 1)).length
  return healthy >= HealthThreshold
}

/** API Reference, HealthCheckConfig: FailureThreshold is 3 unless told, and counts both ways. */
export function afterAnswer(check: HealthCheckRecord, isSuccess: boolean, text: string, at: number): void {
  check.last = { at, isSuccess, text }
  if (!isSuccess) check.lastFailure = { at, text }
  check.contradictions = isSuccess === check.isUp ? 0 : check.contradictions + 1
  if (check.contradictions < (check.config.FailureThreshold ?? 3)) return
  check.isUp = isSuccess
  check.contradictions = 0
}
