/** What the operator's verbs work with: Capstan connected to AWS or Drydock, and the words on the command line read. */
import { pathToFileURL } from 'node:url'
import { type Capstan, connect, type Observation } from '@capstan/aws'
import { Failure } from '@capstan/core/failure.ts'
import type { DeliveryView, ServiceKey } from '@capstan/core/view.ts'
import { findConfig } from './config-file.ts'

/** Connects by the environment, with the fleet's settings from `configFile` or where they are looked for. */
export async function connectOperator(configFile?: string): Promise<Capstan> {
  const { default: config } = await import(pathToFileURL(findConfig(configFile)).href)
  return connect({ config })
}

/** `cluster/service`, or `service` in the cluster `default`. Throws a Failure on anything else. */
export function parseService(text: string): ServiceKey {
  const parts = text.split('/')
  const [cluster, service] = parts.length === 1 ? ['default', text] : parts
  if (parts.length > 2 || !cluster || !service) {
    throw new Failure(
      'INVALID_REQUEST',
      `'${text}' does not name a service. Write CLUSTER/SERVICE, such as prod/web.`,
    )
  }
  return { cluster, service }
}

export const nameOf = ({ cluster, service }: ServiceKey): string => `${cluster}/${service}`

/** What was seen of a service. Throws what hindered it, and a Failure where the service is gone. */
export function viewOf(observation: Observation): DeliveryView {
  if (observation.kind === 'seen') return observation.view
  if (observation.kind === 'failed') throw observation.error
  const name = nameOf(observation.service)
  throw new Failure(
    'NOT_FOUND',
    `ECS has no active service ${name} any more; the ledger still has its history.`,
  )
}
