/** Pushing and deleting at the same time: what the registry says it has, it has. */
import { buildImage, sha256 } from '@capstan/drydock/ecr/testing.ts'
import { expect, test } from 'vitest'
import { testRegistry } from './harness.ts'

/** Images that share their first layer, so that deleting one concerns the others. */
const images = Array.from({ length: 6 }, (_, i) =>
  buildImage({ layers: [[{ path: 'base', text: 'shared' }], [{ path: 'own', text: String(i) }]] }),
)

test('whoever pushes and deletes at once, every image that is there can be pulled whole', async () => {
  await using registry = await testRegistry('web', 'copy')
  const { client, drydock } = registry
  const push = async (repositoryName: string, i: number) => {
    const image = images[i % images.length]
    if (image) await registry.push(repositoryName, image, `v${i % 4}`)
  }
  const remove = (repositoryName: string, i: number) =>
    client.batchDeleteImage({ repositoryName, imageIds: [{ imageTag: `v${i % 4}` }] })
  const work = Array.from({ length: 60 }, (_, i) => {
    const repositoryName = i % 2 ? 'web' : 'copy'
    return i % 3 ? push(repositoryName, i) : remove(repositoryName, i)
  })
  await Promise.all(work)
  await drydock.engine.settle()
  for (const name of ['web', 'copy']) {
    const { imageIds = [] } = await client.listImages({ repositoryName: name })
    for (const { imageDigest } of imageIds) {
      const image = images.find(({ digest }) => digest === imageDigest)
      for (const { digest } of image?.blobs ?? []) {
        const pulled = await registry.send('GET', `${name}/blobs/${digest}`)
        expect(sha256(new Uint8Array(await pulled.arrayBuffer()))).toBe(digest)
      }
    }
  }
  expect(drydock.faults).toEqual([])
})

test('many pushes of one image at once make one image', async () => {
  await using registry = await testRegistry('web')
  const image = buildImage()
  const answers = await Promise.all(Array.from({ length: 12 }, () => registry.push('web', image, 'v1')))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]))
  const { imageIds } = await registry.client.listImages({ repositoryName: 'web' })
  expect(imageIds).toEqual([{ imageDigest: image.digest, imageTag: 'v1' }])
})
