/**
 * Image references as task definitions name them, by the grammar of the OCI distribution specification
 * ("Pulling manifests") with the registry rule that Docker made common: the first component is a registry only
 * if it has a dot or a colon or is `localhost`.
 */

/** `registry/repository[:tag][@digest]`, read. */
export interface ImageReference {
  /** The reference as it was written. */
  readonly text: string
  /** Host and port of the registry; absent for a bare name, which Docker Hub is meant by. */
  readonly registry?: string
  readonly repository: string
  readonly tag?: string
  readonly digest?: string
}

/**
 * Where an image comes from, if Capstan can follow it there. A local registry belongs to any account and region, unless its
 * host names them.
 */
export interface RegistryOrigin {
  readonly account?: string
  readonly region?: string
}

const HOST = /^(?:[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*|\[[0-9A-Fa-f:]+\])(?::[0-9]{1,5})?$/
const REPOSITORY = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/
const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/
// Registry endpoints of ECR, FIPS and dual-stack ones too (Amazon ECR endpoints and quotas, AWS General Reference), and those
// of a local engine that has several.
const ECR_HOST =
  /^([0-9]{12})\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|on\.aws|on\.amazonwebservices\.com\.cn|localhost(?::[0-9]{1,5})?)$/
const LOCAL_HOST =
  /^(?:localhost|[a-z0-9.-]+\.localhost|127\.[0-9]+\.[0-9]+\.[0-9]+|\[::1\])(?::[0-9]{1,5})?$/

/** Whether the text can be a tag (OCI distribution specification: at most 128 characters). */
export function isTag(text: string): boolean {
  return TAG.test(text)
}

/** Whether the text is a digest of an algorithm that the OCI image specification registers. */
export function isDigest(text: string): boolean {
  return DIGEST.test(text)
}

/** Whether a reference is the digest, whole or with its first twelve digits at least, as people are shown it. */
export function namesDigest(reference: string, digest: string): boolean {
  return /^sha\d+:[0-9a-f]{12,}$/.test(reference) && digest.startsWith(reference)
}

/** `sha256:` and twelve digits: enough to tell images apart, as docker shortens them. */
export function shortDigest(digest: string): string {
  return digest.replace(/^(sha\d+:[0-9a-f]{12})[0-9a-f]*$/, '$1')
}

/**
 * Reads a reference and never throws: ECS stores names that no registry can hold, and such a container must not
 * hide its service. What does not follow the grammar has no registry, and its `repository` is the whole text.
 */
export function parseImageReference(text: string): ImageReference {
  const at = text.indexOf('@')
  const digest = at < 0 ? undefined : text.slice(at + 1)
  const { registry, path } = splitRegistry(at < 0 ? text : text.slice(0, at))
  const colon = path.lastIndexOf(':')
  const repository = colon < 0 ? path : path.slice(0, colon)
  const tag = colon < 0 ? undefined : path.slice(colon + 1)
  if (!REPOSITORY.test(repository)) return { text, repository: text }
  if (tag !== undefined && !isTag(tag)) return { text, repository: text }
  if (digest !== undefined && !isDigest(digest)) return { text, repository: text }
  return {
    text,
    ...(registry !== undefined && { registry }),
    repository,
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
  }
}

function splitRegistry(name: string): { registry?: string; path: string } {
  const slash = name.indexOf('/')
  const head = slash < 0 ? '' : name.slice(0, slash)
  const isHost = (head === 'localhost' || /[.:]/.test(head)) && HOST.test(head)
  return isHost ? { registry: head, path: name.slice(slash + 1) } : { path: name }
}

/** The reference as text, put together from its parts; `text` is not looked at. */
export function formatImageReference(parts: Omit<ImageReference, 'text'>): string {
  const registry = parts.registry === undefined ? '' : `${parts.registry}/`
  const tag = parts.tag === undefined ? '' : `:${parts.tag}`
  const digest = parts.digest === undefined ? '' : `@${parts.digest}`
  return `${registry}${parts.repository}${tag}${digest}`
}

/** What a task definition names once an image is chosen: the registry of the image it replaces, pinned by digest. */
export function pinnedReference(from: ImageReference, to: { repository: string; digest: string }): string {
  const { repository, digest } = to
  return formatImageReference({
    ...(from.registry !== undefined && { registry: from.registry }),
    // Of another registry, which `from` is of as well, a repository is called by its ARN.
    repository: repository.replace(/^arn:.*:repository\//, ''),
    digest,
  })
}

/** The account and region of an ECR image, nothing of a local engine's; `undefined` for any other registry. */
export function registryOrigin(image: ImageReference): RegistryOrigin | undefined {
  if (image.registry === undefined) return undefined
  const [, account, region] = ECR_HOST.exec(image.registry) ?? []
  if (account !== undefined && region !== undefined) return { account, region }
  return LOCAL_HOST.test(image.registry) ? {} : undefined
}
