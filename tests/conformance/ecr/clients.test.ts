/** Real programs push, pull and look: skopeo (containers/image, as podman and buildah use it) and the AWS CLI. */
import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type BuiltImage, buildImage, buildIndex, sha256, writeLayout } from '@capstan/drydock/ecr/testing.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type TestRegistry, testRegistry } from './harness.ts'

const run = promisify(execFile)
let dir = ''
let registry: TestRegistry

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'ecr-clients-'))
  registry = await testRegistry('team/web')
})
afterEach(async () => {
  rmSync(dir, { recursive: true })
  expect(registry.drydock.faults).toEqual([])
  await registry[Symbol.asyncDispose]()
})

/** A test that needs a program: without it, it is left out with the reason, and fails where CI is set. */
function testWith(program: string, name: string, body: () => Promise<void>): void {
  test(`${program} ${name}`, async (context) => {
    const reason = `${program} is not installed`
    if (!isInstalled(program) && !process.env.CI) context.skip(reason)
    expect(isInstalled(program), reason).toBe(true)
    await body()
  })
}

function isInstalled(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const remote = (reference: string) => `docker://${registry.host}/${reference}`
const layout = (name: string) => `oci:${join(dir, name)}:v1`

async function skopeo(...parameters: string[]): Promise<string> {
  const env = { ...process.env, HOME: dir, XDG_RUNTIME_DIR: dir, TMPDIR: dir }
  return (await run('skopeo', ['--insecure-policy', ...parameters], { env })).stdout
}

function push(image: BuiltImage, tag: string, ...parameters: string[]): Promise<string> {
  writeLayout(join(dir, tag), image, 'v1')
  const to = ['--dest-tls-verify=false', '--dest-creds', registry.credentials]
  return skopeo('copy', ...to, ...parameters, layout(tag), remote(`team/web:${tag}`))
}

const pull = (reference: string, to: string, ...parameters: string[]) =>
  skopeo(
    'copy',
    '--src-tls-verify=false',
    '--src-creds',
    registry.credentials,
    ...parameters,
    remote(reference),
    to,
  )

const sample = (text: string, more: object = {}) =>
  buildImage({
    layers: [[{ path: 'app/file', text }], [{ path: 'app/large', text: 'x'.repeat(2_000_000) }]],
    ...more,
  })

testWith('skopeo', 'pushes an image and pulls the same bytes', async () => {
  const image = sample('one')
  await push(image, 'v1')
  const [detail] = (await registry.client.describeImages({ repositoryName: 'team/web' })).imageDetails ?? []
  expect(detail).toMatchObject({ imageDigest: image.digest, imageTags: ['v1'] })
  await pull('team/web:v1', `dir:${join(dir, 'pulled')}`)
  expect(sha256(readFileSync(join(dir, 'pulled', 'manifest.json')))).toBe(image.digest)
  for (const { digest } of image.blobs) {
    expect(sha256(readFileSync(join(dir, 'pulled', digest.replace('sha256:', ''))))).toBe(digest)
  }
})

testWith('skopeo', 'pushes and pulls a Docker schema 2 image', async () => {
  await push(sample('docker'), 'v2s2', '--format', 'v2s2')
  const [detail] = (await registry.client.describeImages({ repositoryName: 'team/web' })).imageDetails ?? []
  expect(detail?.imageManifestMediaType).toBe('application/vnd.docker.distribution.manifest.v2+json')
  await pull(`team/web@${detail?.imageDigest}`, `dir:${join(dir, 'pulled')}`)
  expect(sha256(readFileSync(join(dir, 'pulled', 'manifest.json')))).toBe(detail?.imageDigest)
})

testWith('skopeo', 'copies an index with the images of all its platforms', async () => {
  const children = ['amd64', 'arm64'].map((architecture) => sample(architecture, { architecture }))
  const index = buildIndex(children)
  await push(index, 'multi', '--all')
  const { imageIds } = await registry.client.listImages({ repositoryName: 'team/web' })
  expect(new Set(imageIds?.map(({ imageDigest }) => imageDigest))).toEqual(
    new Set([index, ...children].map(({ digest }) => digest)),
  )
  await pull('team/web:multi', `oci:${join(dir, 'back')}:v1`, '--all')
  const { manifests } = JSON.parse(readFileSync(join(dir, 'back', 'index.json'), 'utf8'))
  expect(manifests[0].digest).toBe(index.digest)
})

testWith('skopeo', 'inspects an image, lists tags and deletes', async () => {
  const image = sample('look')
  for (const tag of ['v1', 'v2']) await push(image, tag)
  const auth = ['--tls-verify=false', '--creds', registry.credentials]
  const inspected = JSON.parse(await skopeo('inspect', ...auth, remote('team/web:v1')))
  expect(inspected).toMatchObject({ Digest: image.digest, RepoTags: ['v1', 'v2'], Os: 'linux' })
  expect(JSON.parse(await skopeo('list-tags', ...auth, remote('team/web')))).toMatchObject({
    Tags: ['v1', 'v2'],
  })
  await skopeo('delete', ...auth, remote('team/web:v1'))
  expect((await registry.client.listImages({ repositoryName: 'team/web' })).imageIds).toEqual([])
})

testWith('skopeo', 'is told why a push is refused', async () => {
  const image = sample('refused')
  writeLayout(join(dir, 'image'), image, 'v1')
  const to = ['--dest-tls-verify=false', '--dest-creds']
  const missing = skopeo('copy', ...to, registry.credentials, layout('image'), remote('none:v1'))
  await expect(missing).rejects.toMatchObject({
    stderr: expect.stringContaining(
      "The repository with name 'none' does not exist in the registry with id '123456789012'",
    ),
  })
  const denied = skopeo('copy', ...to, 'AWS:wrong', layout('image'), remote('team/web:v1'))
  await expect(denied).rejects.toMatchObject({
    stderr: expect.stringMatching(/unauthorized|authentication required/i),
  })
  await registry.client.putImageTagMutability({ repositoryName: 'team/web', imageTagMutability: 'IMMUTABLE' })
  await push(image, 'v1')
  await expect(push(sample('another'), 'v1')).rejects.toMatchObject({
    stderr: expect.stringContaining("The image tag 'v1' already exists in the 'team/web' repository"),
  })
})

async function aws(...parameters: string[]): Promise<string> {
  const env = {
    ...process.env,
    HOME: dir,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: registry.drydock.endpoint,
    AWS_MAX_ATTEMPTS: '1',
  }
  return (await run('aws', ['ecr', '--output', 'json', ...parameters], { env })).stdout
}

testWith('aws', 'makes a repository and gets a password that the registry takes', async () => {
  const { repository } = JSON.parse(
    await aws('create-repository', '--repository-name', 'cli', '--image-tag-mutability', 'IMMUTABLE'),
  )
  expect(repository).toMatchObject({ repositoryUri: `${registry.host}/cli`, imageTagMutability: 'IMMUTABLE' })
  const password = (await aws('get-login-password')).trim()
  const headers = { authorization: `Basic ${btoa(`AWS:${password}`)}` }
  expect((await registry.send('GET', '', { headers })).status).toBe(200)
  const image = buildImage()
  await registry.push('cli', image, 'v1')
  const { imageDetails } = JSON.parse(
    await aws('describe-images', '--repository-name', 'cli', '--image-ids', 'imageTag=v1'),
  )
  expect(imageDetails).toMatchObject([{ imageDigest: image.digest, imageTags: ['v1'] }])
  await expect(
    aws('describe-images', '--repository-name', 'cli', '--image-ids', 'imageTag=none'),
  ).rejects.toMatchObject({
    stderr: expect.stringContaining(
      "(ImageNotFoundException) when calling the DescribeImages operation: The image with imageId {imageDigest:'null', imageTag:'none'} does not exist within the repository with name 'cli' in the registry with id '123456789012'",
    ),
  })
  await aws('delete-repository', '--repository-name', 'cli', '--force')
})
