/** An engine with an ECR client and a client of the registry protocol on plain fetch. */
import { ECR } from '@aws-sdk/client-ecr'
import type { BuiltBlob, BuiltImage } from '@capstan/drydock/ecr/testing.ts'
import { type TestEngine, type TestEngineOptions, testEngine } from '@capstan/drydock/testing.ts'

export interface TestRegistry extends AsyncDisposable {
  readonly drydock: TestEngine
  readonly client: ECR
  /** `AWS:<token>`, for the account and region of the client. */
  readonly credentials: string
  readonly authorization: string
  /** Where the engine listens: `127.0.0.1:4566`. */
  readonly host: string
  /** Sends a request to a path below `/v2/`, with the token unless told. */
  send(method: string, path: string, init?: RequestInit): Promise<Response>
  /** Uploads a blob in one request. */
  upload(repository: string, blob: BuiltBlob): Promise<Response>
  /** Pushes an image with all that it refers to under a tag, or by its digest. Returns the answer to the last manifest. */
  push(repository: string, image: BuiltImage, tag?: string): Promise<Response>
}

/** An engine with the repositories named. */
export const testRegistry = (...repositories: string[]) => testRegistryIn({}, ...repositories)

/** The same with settings of the engine. */
export async function testRegistryIn(
  options: TestEngineOptions,
  ...repositories: string[]
): Promise<TestRegistry> {
  const drydock = await testEngine(options)
  const client = new ECR(drydock.config)
  for (const repositoryName of repositories) await client.createRepository({ repositoryName })
  const [data] = (await client.getAuthorizationToken()).authorizationData ?? []
  const authorization = `Basic ${data?.authorizationToken}`
  const send = (method: string, path: string, init: RequestInit = {}) =>
    fetch(`${drydock.endpoint}/v2/${path}`, { method, ...init, headers: { authorization, ...init.headers } })
  const upload = (repository: string, { digest, bytes }: BuiltBlob) =>
    send('POST', `${repository}/blobs/uploads/?digest=${digest}`, { body: new Uint8Array(bytes) })
  async function push(repository: string, image: BuiltImage, tag: string = image.digest): Promise<Response> {
    for (const child of image.children) await push(repository, child)
    for (const blob of image.blobs) await upload(repository, blob)
    const headers = { 'content-type': image.mediaType }
    return await send('PUT', `${repository}/manifests/${tag}`, { body: image.manifest, headers })
  }
  return {
    drydock,
    client,
    credentials: Buffer.from(data?.authorizationToken ?? '', 'base64').toString(),
    authorization,
    host: new URL(drydock.endpoint).host,
    send,
    upload,
    push,
    async [Symbol.asyncDispose]() {
      client.destroy()
      await drydock.close()
    },
  }
}

/** The code of a registry's error. */
export async function codeOf(response: Response): Promise<string | undefined> {
  const { errors } = (await response.json()) as { errors?: { code: string }[] }
  return errors?.[0]?.code
}
