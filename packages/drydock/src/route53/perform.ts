/** Does what `schedule` says is due. */
import type { Route53Action } from './schedule.ts'
import type { Route53Context } from './state.ts'

export function perform({ healthCheckId }: Route53Action, { state, now, ask }: Route53Context): void {
  const check = state.healthChecks[healthCheckId]
  if (!check) return
  const { Type = '', IPAddress, FullyQualifiedDomainName, ResourcePath, SearchString, Port } = check.config
  check.probeAt = now + (check.config.RequestInterval ?? 30) * 1000
  const protocol = Type === 'TCP' ? 'TCP' : Type.startsWith('HTTPS') ? 'HTTPS' : 'HTTP'
  ask({
    kind: 'probe-endpoint',
    healthCheckId,
    protocol,
    ...(IPAddress && { address: IPAddress }),
    ...(FullyQualifiedDomainName && { domain: FullyQualifiedDomainName }),
    port: Port ?? (protocol === 'HTTPS' ? 443 : 80),
    path: ResourcePath ? ResourcePath.replace(/^(?!\/)/, '/') : '/',
    ...(SearchString && { searchString: SearchString }),
  })
}
