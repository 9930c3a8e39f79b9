/** Services by the names that people use: `cluster/service`, in the config file, the ledger and on the command line. */
import type { ServiceKey } from './view.ts'

/** `cluster/service`: neither name can hold a slash (ECS API reference: CreateCluster, CreateService). */
export function nameOf({ cluster, service }: ServiceKey): string {
  return `${cluster}/${service}`
}

/** The key alone, of whatever has one. */
export function keyOf({ cluster, service }: ServiceKey): ServiceKey {
  return { cluster, service }
}

/** Reads `cluster/service`, or `service` in the cluster `default`. Names as ECS allows them: at most 255 characters. */
export function parseServiceName(name: string): ServiceKey | undefined {
  const parts = name.split('/')
  if (parts.length > 2 || !parts.every((part) => /^[A-Za-z0-9_-]{1,255}$/.test(part))) return undefined
  const [first = '', second] = parts
  return second === undefined ? { cluster: 'default', service: first } : { cluster: first, service: second }
}

/**
 * Cluster and service of a service's ARN. The old form (`…:service/web`) does not name the cluster: then it is `default`.
 * `undefined` for the ARN of anything else.
 */
export function parseServiceArn(arn: string): ServiceKey | undefined {
  const [, , , , , ...resource] = arn.split(':')
  const [type, first, second, ...more] = resource.join(':').split('/')
  if (type !== 'service' || !first || second === '' || more.length > 0) return undefined
  return second === undefined ? { cluster: 'default', service: first } : { cluster: first, service: second }
}
