/** Pushes a packed image to ECR over the OCI distribution protocol, the repository made if it is missing. */
import {
  CreateRepositoryCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
  RepositoryNotFoundException,
} from '@aws-sdk/client-ecr'
import { Failure } from '@capstan/core/failure.ts'
import type { SdkConfig } from '../sdk.ts'
import type { Blob, PackedImage } from './pack.ts'

export interface Pushed {
  /** `registry/repository:tag`, as a task definition names it. */
  readonly reference: string
  readonly digest: string
  readonly created: boolean
}

/** Where to, and as whom. */
interface Registry {
  /** `http://host/v2/repository`. */
  readonly base: string
  readonly authorization: string
}

/** Pushes `image` as `repository:tag`. Throws a Failure that says which step the registry refused, and why. */
export async function pushImage(
  sdk: SdkConfig,
  repository: string,
  tag: string,
  image: PackedImage,
): Promise<Pushed> {
  const ecr = new ECRClient(sdk)
  const { uri, created } = await findOrCreate(ecr, repository)
  const registry = await authorize(ecr, uri)
  for (const blob of [image.layer, image.config]) await pushBlob(registry, blob)
  await expectStatus(
    await fetch(`${registry.base}/manifests/${tag}`, {
      method: 'PUT',
      headers: { authorization: registry.authorization, 'content-type': image.manifest.mediaType },
      body: new Uint8Array(image.manifest.bytes),
    }),
    201,
    `the manifest of ${repository}:${tag}`,
  )
  return { reference: `${uri}:${tag}`, digest: image.manifest.digest, created }
}

async function findOrCreate(ecr: ECRClient, name: string): Promise<{ uri: string; created: boolean }> {
  try {
    const { repositories } = await ecr.send(new DescribeRepositoriesCommand({ repositoryNames: [name] }))
    return { uri: repositories?.[0]?.repositoryUri ?? '', created: false }
  } catch (error) {
    if (!(error instanceof RepositoryNotFoundException)) throw error
  }
  const { repository } = await ecr.send(new CreateRepositoryCommand({ repositoryName: name }))
  return { uri: repository?.repositoryUri ?? '', created: true }
}

/** ECR's own registry speaks HTTPS; a local engine's, whose endpoint is HTTP, speaks HTTP. */
async function authorize(ecr: ECRClient, uri: string): Promise<Registry> {
  const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand({}))
  const { authorizationToken, proxyEndpoint } = authorizationData?.[0] ?? {}
  const scheme = proxyEndpoint?.startsWith('http://') ? 'http' : 'https'
  const slash = uri.indexOf('/')
  return {
    base: `${scheme}://${uri.slice(0, slash)}/v2/${uri.slice(slash + 1)}`,
    authorization: `Basic ${authorizationToken}`,
  }
}

/** distribution-spec, "Pushing a blob monolithically": POST for a session, PUT with the digest. */
async function pushBlob({ base, authorization }: Registry, blob: Blob): Promise<void> {
  const headers = { authorization }
  const known = await fetch(`${base}/blobs/${blob.digest}`, { method: 'HEAD', headers })
  if (known.ok) return
  const session = await fetch(`${base}/blobs/uploads/`, { method: 'POST', headers })
  await expectStatus(session, 202, 'the start of an upload')
  const location = new URL(session.headers.get('location') ?? '', session.url)
  location.searchParams.set('digest', blob.digest)
  const put = await fetch(location, {
    method: 'PUT',
    headers: { ...headers, 'content-type': 'application/octet-stream' },
    body: new Uint8Array(blob.bytes),
  })
  await expectStatus(put, 201, `blob ${blob.digest}`)
}

async function expectStatus(response: Response, status: number, what: string): Promise<void> {
  const body = await response.text()
  if (response.status === status) return
  const code =
    response.status === 401 || response.status === 403
      ? 'DENIED'
      : response.status >= 500
        ? 'UNAVAILABLE'
        : 'INVALID_REQUEST'
  throw new Failure(code, `The registry did not take ${what}: HTTP ${response.status} ${body.slice(0, 500)}`)
}
