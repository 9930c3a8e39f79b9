/** What other services have made here: shown with their names, and changed by nobody else (API Reference: LinkedService). */
import type { LinkedService } from '@aws-sdk/client-route-53'
import type { CallingService } from '../service.ts'
import { AwsError } from '../wire/errors.ts'
import type { Route53Operation } from './state.ts'

interface Linkable {
  readonly id: string
  readonly linkedService?: CallingService
}

/** Throws AccessDenied where the resource is another service's, unless that service itself calls for it. */
export function requireManageable(
  kind: 'hostedzone' | 'healthcheck',
  { id, linkedService }: Linkable,
  { service }: Route53Operation,
): void {
  if (!linkedService || linkedService.resourceArn === service?.resourceArn) return
  const { name, resourceArn } = linkedService
  const message = `The resource ${kind}/${id} can only be managed through ${name} (${resourceArn})`
  throw new AwsError('AccessDenied', message, { status: 403 })
}

/** The mark of what is made by this call: none where a client calls. */
export const linkOf = ({ service }: Route53Operation): Pick<Linkable, 'linkedService'> =>
  service ? { linkedService: service } : {}

/** The mark as answers show it. */
export const linkView = ({ linkedService }: Linkable): { LinkedService?: LinkedService } =>
  linkedService
    ? {
        LinkedService: {
          ServicePrincipal: linkedService.principal,
          Description: linkedService.resourceArn,
        },
      }
    : {}
