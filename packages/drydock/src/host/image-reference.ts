/** Image references as task definitions name them, as far as they lead to the engine's own registry. */
import type { Scope } from '../service.ts'

/** An image's place: in which account and region, under which name. */
export interface ImageReference extends Scope {
  readonly repository: string
  readonly tag: string
  /** Wins over the tag. */
  readonly digest?: string
}

/** As ECS words it in `stoppedReason`. */
export const cannotPull = (reason: string) =>
  `CannotPullContainerError: pull image manifest has been retried 1 time(s): ${reason}`

const ECR_HOST =
  /^(\d{12})\.dkr[.-]ecr\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|on\.aws|localhost)(?::\d+)?$/

/**
 * Reads an image reference: `127.0.0.1:4566/name:tag@digest`, or the same at an ECR registry's host name, which names
 * account and region. What is at no address of this engine gets an error that says so.
 */
export function parseReference(
  reference: string,
  endpoint: string,
  scope: Scope,
): ImageReference | { readonly error: string } {
  const parts = /^([^/]+)\/([^@:]+)(?::([\w][\w.-]{0,127}))?(?:@(sha256:[a-f0-9]{64}))?$/.exec(reference)
  const [, host = '', repository = '', tag = 'latest', digest] = parts ?? []
  const [, accountId, region] = ECR_HOST.exec(host) ?? []
  const place = { repository, tag, ...(digest !== undefined && { digest }) }
  if (accountId !== undefined && region !== undefined) return { accountId, region, ...place }
  if (parts && isEngine(host, endpoint)) return { accountId: scope.accountId, region: scope.region, ...place }
  const { host: own } = new URL(endpoint)
  return {
    error: cannotPull(
      `failed to resolve ref ${reference}: Drydock pulls only from its own registry; push the image to ${own}/NAME:TAG`,
    ),
  }
}

/**
 * Whether a host leads to this engine: its own, or any name of this machine. The port does not count, because the
 * engine may have listened on another one when the reference was written and kept.
 */
function isEngine(host: string, endpoint: string): boolean {
  const isLoopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\]|[\w.-]+\.localhost)(:\d+)?$/.test(host)
  return isLoopback || host === new URL(endpoint).host
}
