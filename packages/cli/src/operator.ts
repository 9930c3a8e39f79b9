/** What the operator's verbs work with: Capstan connected to AWS or Drydock, and the words on the command line read. */
import { pathToFileURL } from 'node:url'
import { type Capstan, connectPlaces, type Observation } from '@capstan/aws'
import type { Config } from '@capstan/core/config.ts'
import { parseSourceName, sourceName } from '@capstan/core/discovery/names.ts'
import type { SourceKey } from '@capstan/core/discovery/view.ts'
import { Failure, messageOf } from '@capstan/core/failure.ts'
import { sentencesOf } from '@capstan/core/problem.ts'
import { nameOf, parseServiceName } from '@capstan/core/service-key.ts'
import type { DeliveryView, ServiceKey } from '@capstan/core/view.ts'
import { operatorsCaller } from './caller.ts'
import { withLines } from './config/finding.ts'
import { findConfig } from './config-file.ts'
import { exitCodes } from './exit.ts'
import type { Where } from './place.ts'

/**
 * Connects by the environment to a place, with the fleet's settings from a file or where they are looked for. Throws `Failure`
 * INVALID_REQUEST where the settings have no such place.
 */
export async function connectOperator({ config, place }: Where = {}): Promise<Capstan> {
  const exported = await loadConfig(config)
  const connection = await connectPlaces({ config: exported, caller: operatorsCaller }).named(place)
  return located(connection, exported, config)
}

/** A connection that tells what is wrong with the settings file, which exports `exported`, with the lines to change. */
export async function located<Connection extends { readonly config: Config }>(
  connection: Connection,
  exported: unknown,
  configFile: string | undefined,
): Promise<Connection> {
  const { config } = connection
  const problems = await withLines(findConfig(configFile), exported, config.problems)
  return { ...connection, config: { ...config, problems } }
}

/** What the fleet's settings file exports: `configFile`, or the one that is found. */
export async function loadConfig(configFile?: string): Promise<unknown> {
  const { default: config } = await import(pathToFileURL(findConfig(configFile)).href)
  return config
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

/**
 * Whose decisions `text` means, as the ledger keeps them: a service's, or those about tasks of no service of one family,
 * `cluster/family:worker`. Throws `Failure` INVALID_REQUEST on anything else.
 */
export function parseDecided(text: string): ServiceKey {
  const source = parseSourceName(text)
  if (source) return decidedKey(source)
  throw new Failure(
    'INVALID_REQUEST',
    `'${text}' names neither a service nor a family. Write CLUSTER/SERVICE, such as prod/web, or CLUSTER/family:NAME.`,
  )
}

/** What decisions about a source are kept under. */
export function decidedKey(source: SourceKey): ServiceKey {
  const [cluster = '', service = ''] = sourceName(source).split('/')
  return { cluster, service }
}

/** All services that can be seen; trouble with the others is told on stderr and makes the exit code `failed`. */
export async function viewFleet(capstan: Capstan): Promise<DeliveryView[]> {
  const observations = await capstan.observeAll()
  for (const trouble of troublesOf(capstan.config, observations)) console.error(trouble)
  if (observations.some(({ kind }) => kind === 'failed')) process.exitCode = exitCodes.failed
  return observations.flatMap((seen) => (seen.kind === 'seen' ? [seen.view] : []))
}

/** What would go unseen in a list of services: mistakes that belong to none, and services that cannot be read. */
export function troublesOf(config: Config, observations: readonly Observation[]): string[] {
  const there = observations.filter(({ kind }) => kind !== 'gone').map(({ service }) => nameOf(service))
  // What is not in this place may be in another.
  const asked = config.places.length > 1 ? [] : [...config.services.keys()]
  const missing = asked.filter((name) => !there.includes(name))
  return [
    ...sentencesOf(config.problems),
    ...missing.map((name) => {
      return `The config file names ${name}, but ECS has no active service of that name; create it, or correct the name.`
    }),
    ...observations.flatMap((seen) =>
      seen.kind === 'failed' ? [`${nameOf(seen.service)} cannot be shown: ${messageOf(seen.error)}`] : [],
    ),
  ]
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
