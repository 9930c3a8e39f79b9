/** What happens by itself: the endpoints of health checks are asked. */
import type { Route53State } from './state.ts'

export interface Route53Action {
  readonly kind: 'probe'
  readonly at: number
  readonly healthCheckId: string
}

/** Pure. Disabled and calculated checks ask nobody. */
export const schedule = ({ healthChecks }: Route53State): Route53Action[] =>
  Object.values(healthChecks).flatMap(({ id, config, probeAt }): Route53Action[] =>
    config.Disabled || config.Type === 'CALCULATED'
      ? []
      : [{ kind: 'probe', at: probeAt, healthCheckId: id }],
  )
