/** The service deployment that is under way, if any is. */
import type { ServiceDeploymentRecord } from './deployment-state.ts'
import type { ServiceRecord } from './state.ts'

const ENDED = new Set(['SUCCESSFUL', 'STOPPED', 'ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED'])

/** The service deployment that has not ended; only the newest can be. */
export function openServiceDeployment({
  serviceDeployments: [newest],
}: ServiceRecord): ServiceDeploymentRecord | undefined {
  return newest && !ENDED.has(newest.status) ? newest : undefined
}
