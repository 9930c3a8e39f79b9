/** ECR as the AWS SDK sees it, and together with the registry. */
import { readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ECR } from '@aws-sdk/client-ecr'
import { blob, buildImage, buildIndex, descriptorOf, sha256 } from '@capstan/drydock/ecr/testing.ts'
import { testEngine } from '@capstan/drydock/testing.ts'
import { expect, test } from 'vitest'
import { testRegistry, testRegistryIn } from './harness.ts'

const MIB = 1024 * 1024

test('an image that was pushed is described, listed and got', async () => {
  await using registry = await testRegistry('team/web')
  const { client } = registry
  const image = buildImage()
  await registry.push('team/web', image, 'v1')
  const repositoryName = 'team/web'
  const { imageDetails } = await client.describeImages({ repositoryName, imageIds: [{ imageTag: 'v1' }] })
  expect(imageDetails).toMatchObject([
    {
      registryId: '123456789012',
      repositoryName,
      imageDigest: image.digest,
      imageTags: ['v1'],
      imageSizeInBytes: image.blobs.reduce((sum, { size }) => sum + size, 0),
      imagePushedAt: new Date('2026-01-01T00:00:00Z'),
      imageManifestMediaType: image.mediaType,
      artifactMediaType: 'application/vnd.oci.image.config.v1+json',
    },
  ])
  expect((await client.listImages({ repositoryName })).imageIds).toEqual([
    { imageDigest: image.digest, imageTag: 'v1' },
  ])
  const got = await client.batchGetImage({ repositoryName, imageIds: [{ imageDigest: image.digest }] })
  expect(got.images?.[0]?.imageManifest).toBe(image.manifest)
  expect(registry.drydock.faults).toEqual([])
})

test('an image is retagged by putting its manifest under another tag', async () => {
  await using registry = await testRegistry('web')
  const { client, drydock } = registry
  const image = buildImage()
  await registry.push('web', image, 'v1')
  await drydock.engine.advance('1h')
  const put = { repositoryName: 'web', imageManifest: image.manifest, imageTag: 'v2' }
  expect((await client.putImage(put)).image?.imageId).toEqual({ imageDigest: image.digest, imageTag: 'v2' })
  await expect(client.putImage(put)).rejects.toMatchObject({ name: 'ImageAlreadyExistsException' })
  const pulled = await registry.send('GET', 'web/manifests/v2')
  expect(sha256(new Uint8Array(await pulled.arrayBuffer()))).toBe(image.digest)
})

test('an immutable tag stays, for the API and for the registry', async () => {
  await using registry = await testRegistry('web')
  const { client } = registry
  await client.putImageTagMutability({ repositoryName: 'web', imageTagMutability: 'IMMUTABLE' })
  const [one, two] = [buildImage(), buildImage({ layers: [[{ path: 'other' }]] })]
  await registry.push('web', one, 'v1')
  const refused = await registry.push('web', two, 'v1')
  expect(refused.status).toBe(400)
  expect(await refused.json()).toEqual({
    errors: [
      {
        code: 'TAG_INVALID',
        message:
          "The image tag 'v1' already exists in the 'web' repository and cannot be overwritten because the repository is immutable.",
      },
    ],
  })
  const put = client.putImage({ repositoryName: 'web', imageManifest: two.manifest, imageTag: 'v1' })
  await expect(put).rejects.toMatchObject({ name: 'ImageTagAlreadyExistsException' })
})

test('a layer is uploaded in parts, checked, and downloaded by its address without further credentials', async () => {
  await using registry = await testRegistry('web')
  const { client } = registry
  const repositoryName = 'web'
  const bytes = Buffer.alloc(6 * MIB + 10, 'layer')
  const { digest } = blob('', bytes)
  const { uploadId, partSize } = await client.initiateLayerUpload({ repositoryName })
  expect(partSize).toBe(20 * MIB)
  const part = (partFirstByte: number, partLastByte: number) =>
    client.uploadLayerPart({
      repositoryName,
      uploadId,
      partFirstByte,
      partLastByte,
      layerPartBlob: bytes.subarray(partFirstByte, partLastByte + 1),
    })
  expect((await part(0, 5 * MIB - 1)).lastByteReceived).toBe(5 * MIB - 1)
  await expect(part(0, 9)).rejects.toMatchObject({
    name: 'InvalidLayerPartException',
    lastValidByteReceived: 5 * MIB - 1,
  })
  await part(5 * MIB, bytes.byteLength - 1)
  const complete = { repositoryName, uploadId, layerDigests: [digest] }
  expect((await client.completeLayerUpload(complete)).layerDigest).toBe(digest)
  await expect(client.completeLayerUpload(complete)).rejects.toMatchObject({
    name: 'UploadNotFoundException',
  })

  const available = await client.batchCheckLayerAvailability({
    repositoryName,
    layerDigests: [digest, 'x', sha256('no')],
  })
  expect(available.layers).toMatchObject([
    { layerDigest: digest, layerAvailability: 'AVAILABLE', layerSize: bytes.byteLength },
    { layerAvailability: 'UNAVAILABLE' },
  ])
  expect(available.failures).toMatchObject([{ layerDigest: 'x', failureCode: 'InvalidLayerDigest' }])

  const { downloadUrl = '' } = await client.getDownloadUrlForLayer({ repositoryName, layerDigest: digest })
  const download = await fetch(downloadUrl)
  expect(sha256(new Uint8Array(await download.arrayBuffer()))).toBe(digest)
  expect((await fetch(downloadUrl.replace('/blobs/', '/manifests/'))).status).toBe(401)
  expect((await fetch(downloadUrl, { method: 'DELETE' })).status).toBe(401)
  await registry.drydock.engine.advance('1h')
  expect((await fetch(downloadUrl)).status).toBe(403)
})

test('a layer upload that cannot be completed says why', async () => {
  await using registry = await testRegistry('web')
  const { client } = registry
  const repositoryName = 'web'
  const upload = async (...parts: string[]) => {
    const { uploadId } = await client.initiateLayerUpload({ repositoryName })
    let partFirstByte = 0
    for (const text of parts) {
      const partLastByte = partFirstByte + text.length - 1
      await client.uploadLayerPart({
        repositoryName,
        uploadId,
        partFirstByte,
        partLastByte,
        layerPartBlob: Buffer.from(text),
      })
      partFirstByte = partLastByte + 1
    }
    return client.completeLayerUpload({ repositoryName, uploadId, layerDigests: [sha256('right')] })
  }
  await expect(upload()).rejects.toMatchObject({ name: 'EmptyUploadException' })
  await expect(upload('wrong')).rejects.toMatchObject({ name: 'InvalidLayerException' })
  await expect(upload('ri', 'ght')).rejects.toMatchObject({ name: 'LayerPartTooSmallException' })
  await upload('right')
  await expect(upload('right')).rejects.toMatchObject({ name: 'LayerAlreadyExistsException' })
})

test('accounts and regions are apart, and a push lands where its token is from', async () => {
  await using registry = await testRegistry('web')
  const { drydock } = registry
  const credentials = { accessKeyId: '210987654321', secretAccessKey: 'x' }
  const other = new ECR({ ...drydock.config, region: 'eu-west-1', credentials })
  expect((await other.describeRepositories()).repositories).toEqual([])
  await other.createRepository({ repositoryName: 'web' })
  const [data] = (await other.getAuthorizationToken()).authorizationData ?? []
  const image = buildImage()
  const authorization = { authorization: `Basic ${data?.authorizationToken}` }
  for (const { digest, bytes } of image.blobs) {
    const path = `web/blobs/uploads/?digest=${digest}`
    await registry.send('POST', path, { body: new Uint8Array(bytes), headers: authorization })
  }
  const headers = { ...authorization, 'content-type': image.mediaType }
  await registry.send('PUT', 'web/manifests/v1', { body: image.manifest, headers })
  expect((await other.listImages({ repositoryName: 'web' })).imageIds).toHaveLength(1)
  expect((await registry.client.listImages({ repositoryName: 'web' })).imageIds).toEqual([])
  other.destroy()
})

test('bytes go when no image of any account has them', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'ecr-'))
  try {
    await using drydock = await testEngine({ dataDir })
    const client = new ECR(drydock.config)
    const onDisk = () => readdirSync(join(dataDir, 'blobs', 'sha256')).length
    for (const repositoryName of ['web', 'copy']) await client.createRepository({ repositoryName })
    const [data] = (await client.getAuthorizationToken()).authorizationData ?? []
    const headers = { authorization: `Basic ${data?.authorizationToken}` }
    const image = buildImage()
    const index = buildIndex([image])
    for (const name of ['web', 'copy']) {
      for (const { digest, bytes } of image.blobs) {
        await fetch(`${drydock.endpoint}/v2/${name}/blobs/uploads/?digest=${digest}`, {
          method: 'POST',
          headers,
          body: new Uint8Array(bytes),
        })
      }
      await client.putImage({ repositoryName: name, imageManifest: image.manifest })
      await client.putImage({ repositoryName: name, imageManifest: index.manifest, imageTag: 'v1' })
    }
    expect(onDisk()).toBe(2)
    await client.deleteRepository({ repositoryName: 'copy', force: true })
    await drydock.engine.settle()
    expect(onDisk()).toBe(2)
    const imageIds = [{ imageTag: 'v1' }, { imageDigest: image.digest }]
    expect((await client.batchDeleteImage({ repositoryName: 'web', imageIds })).failures).toEqual([])
    await drydock.engine.settle()
    expect(onDisk()).toBe(0)
    client.destroy()
  } finally {
    await rm(dataDir, { recursive: true })
  }
})

test('with a data folder, images outlive the engine', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'ecr-'))
  const image = buildImage()
  const repositoryName = 'web'
  try {
    {
      await using registry = await testRegistryIn({ dataDir }, repositoryName)
      await registry.push(repositoryName, image, 'v1')
    }
    await using registry = await testRegistryIn({ dataDir })
    expect((await registry.client.describeImages({ repositoryName })).imageDetails).toMatchObject([
      { imageTags: ['v1'] },
    ])
    for (const { digest } of image.blobs) {
      const pulled = await registry.send('GET', `web/blobs/${digest}`)
      expect(sha256(new Uint8Array(await pulled.arrayBuffer()))).toBe(digest)
    }
  } finally {
    await rm(dataDir, { recursive: true })
  }
})

test('a reset leaves no repository, no blob and no token', async () => {
  await using registry = await testRegistry('web')
  await registry.push('web', buildImage(), 'v1')
  await registry.drydock.reset()
  expect((await registry.client.describeRepositories()).repositories).toEqual([])
  expect((await registry.send('GET', '')).status).toBe(401)
})

test('referrers are listed by the API too', async () => {
  await using registry = await testRegistry('web')
  const image = buildImage()
  const signature = buildImage({
    more: { subject: descriptorOf(image), artifactType: 'application/x-signature' },
  })
  for (const each of [image, signature]) await registry.push('web', each)
  const subjectId = { imageDigest: image.digest }
  const { referrers } = await registry.client.listImageReferrers({ repositoryName: 'web', subjectId })
  expect(referrers).toMatchObject([{ digest: signature.digest, artifactType: 'application/x-signature' }])
})

test('what is not emulated says so', async () => {
  await using registry = await testRegistry('web')
  const { client } = registry
  await expect(
    client.startImageScan({ repositoryName: 'web', imageId: { imageTag: 'v1' } }),
  ).rejects.toMatchObject({
    $metadata: { httpStatusCode: 501 },
  })
})
