/** ARNs, names and ids of ECS, and how a client may refer to them: by name, by ARN, or by the short id. */
import { arnOf } from '../arn.ts'
import type { Context, Scope } from '../service.ts'
import { invalidParameter } from './errors.ts'

/** The ARN of an ECS resource in a scope: `cluster/web`. */
export const ecsArn = (scope: Scope, resource: string) => arnOf('ecs', scope, resource)

export const clusterArn = (scope: Scope, name: string) => ecsArn(scope, `cluster/${name}`)
export const serviceArn = (scope: Scope, cluster: string, name: string) =>
  ecsArn(scope, `service/${cluster}/${name}`)
export const taskArn = (scope: Scope, cluster: string, id: string) => ecsArn(scope, `task/${cluster}/${id}`)
export const taskDefinitionArn = (scope: Scope, family: string, revision: number) =>
  ecsArn(scope, `task-definition/${family}:${revision}`)
export const serviceRevisionArn = (serviceArn: string, id: string) =>
  `${serviceArn.replace(':service/', ':service-revision/')}/${id}`
export const serviceDeploymentArn = (serviceArn: string, id: string) =>
  `${serviceArn.replace(':service/', ':service-deployment/')}/${id}`
export const containerArn = (scope: Scope, cluster: string, taskId: string, id: string) =>
  ecsArn(scope, `container/${cluster}/${taskId}/${id}`)

/** The part of an ARN after its last slash, or what was given if it is no ARN. */
export function shortName(nameOrArn: string): string {
  return nameOrArn.startsWith('arn:') ? nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1) : nameOrArn
}

const ARN = /^arn:[^:]+:ecs:[^:]*:\d*:([^:/]+)\/(?:([^/]+)\/)?[^/]+$/

/**
 * The ARN of a service or task that a client refers to by name, short id, or ARN with or without the cluster in it.
 * Throws InvalidParameterException for an ARN of something else or of another cluster.
 */
export function arnInCluster(kind: 'service' | 'task', clusterArn: string, nameOrArn: string): string {
  if (!nameOrArn.startsWith('arn:')) return `${clusterArn.replace(':cluster/', `:${kind}/`)}/${nameOrArn}`
  const cluster = shortName(clusterArn)
  const [, itsKind = kind, itsCluster] = ARN.exec(nameOrArn) ?? []
  if (itsKind !== kind) throw invalidParameter(`Unsupported resource type: ${itsKind}`)
  if (itsCluster === undefined) return nameOrArn.replace(`:${kind}/`, `:${kind}/${cluster}/`)
  if (itsCluster === cluster) return nameOrArn
  throw invalidParameter(
    `Invalid identifier: Identifier is for cluster ${itsCluster}. Your cluster is ${cluster}`,
  )
}

/** A deployment's id in the form of AWS: `ecs-svc/` and 19 digits. */
export function newDeploymentId({ newId }: Pick<Context<unknown>, 'newId'>): string {
  const digits = BigInt(`0x${newId(16)}`)
    .toString()
    .padStart(19, '0')
    .slice(-19)
  return `ecs-svc/${digits}`
}

/** A service deployment's id in the form of AWS: 21 letters, digits, hyphens and underscores. */
export const newServiceDeploymentId = ({ newId }: Pick<Context<unknown>, 'newId'>) =>
  Buffer.from(newId(32), 'hex').toString('base64url').slice(0, 21)

/**
 * The ARN of the service that a service deployment or revision belongs to, and the id in it. Throws
 * InvalidParameterException for an ARN of anything else.
 */
export function parseHistoryArn(kind: 'service-deployment' | 'service-revision', arn: string) {
  const [, prefix, service, id] =
    /^(arn:[^:]+:ecs:[^:]*:\d*):[a-z-]+\/([^/]+\/[^/]+)\/([\w-]+)$/.exec(arn) ?? []
  if (
    prefix === undefined ||
    service === undefined ||
    id === undefined ||
    !arn.startsWith(`${prefix}:${kind}/`)
  ) {
    throw invalidParameter(`Invalid identifier: ${arn} is no ARN of a ${kind}.`)
  }
  return { serviceArn: `${prefix}:service/${service}`, id }
}

/** Names of clusters, services, families and containers: letters, digits, hyphens, underscores (API Reference). */
export const isName = (name: string) => /^[A-Za-z0-9_-]{1,255}$/.test(name)
