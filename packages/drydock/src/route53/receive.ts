/** Takes in how endpoints answered. What is said of a health check that is gone changes nothing. */
import type { Route53Report } from './effects.ts'
import { afterAnswer } from './health.ts'
import type { Route53Context } from './state.ts'

export function receive(
  { healthCheckId, isSuccess, text }: Route53Report,
  { state, now }: Route53Context,
): void {
  const check = state.healthChecks[healthCheckId]
  if (check) afterAnswer(check, isSuccess, text, now)
}
