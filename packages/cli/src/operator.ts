/** What the operator's verbs work with: Capstan connected to AWS or Drydock, and the words on the command line read. */
import { pathToFileURL } from 'node:url'
import { type Capstan, connect, type Observation } from '@capstan/aws'
import { Failure } from '@capstan/core/failure.ts'
import { nameOf, parseServiceName } from '@capstan/core/service-key.ts'
import type { DeliveryView, ServiceKey } from '@capstan/core/view.ts'
import { findConfig } from './config-file.ts'

/** Connects by the environment, with the fleet's settings from `configFile` or where they are looked for. */
export async function connectOperator(configFile?: string): Promise<Capstan> {
  const { default: config } = await import(pathToFileURL(findConfig(configFile)).href)
  return connect({ config })
}

/** `cluster/service`, or `service` in the cluster `default`. Throws `Failure` INVALID_REQUEST on anything else. */
export function parseService(text: string): ServiceKey {
  const key = parseServiceName(text)
  if (key) return key
  throw new Failure(
    'INVALID_REQUEST',
    `'${text}' does not name a service. Write CLUSTER/SERVICE, such as prod/web.`,
  )
}

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
