/** What images and tags are, after whatever was put and deleted; and what was announced of it. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildImage, buildIndex, descriptorOf, sha256, type TestEcr, testEcr } from './testing.ts'

const repositoryName = 'web'
const images = ['one', 'two', 'three'].map((text) => buildImage({ layers: [[{ path: 'which', text }]] }))
const [one, two, three] = images as [(typeof images)[0], (typeof images)[0], (typeof images)[0]]

function withRepository(settings: object = {}): TestEcr {
  const ecr = testEcr()
  ecr.call('CreateRepository', { repositoryName, ...settings })
  for (const image of images) ecr.store(repositoryName, image)
  return ecr
}

const put = (ecr: TestEcr, image: { manifest: string }, imageTag?: string) =>
  ecr.call('PutImage', { repositoryName, imageManifest: image.manifest, ...(imageTag && { imageTag }) })

const digestOf = (ecr: TestEcr, imageTag: string) =>
  ecr.call('BatchGetImage', { repositoryName, imageIds: [{ imageTag }] }).images?.[0]?.imageId?.imageDigest

test('a push is announced once, with its tag and types', () => {
  const ecr = withRepository()
  put(ecr, one, 'v1')
  expect(ecr.emitted).toEqual([
    {
      source: 'aws.ecr',
      detailType: 'ECR Image Action',
      resources: [],
      detail: {
        result: 'SUCCESS',
        'repository-name': 'web',
        'image-digest': one.digest,
        'action-type': 'PUSH',
        'image-tag': 'v1',
        'manifest-media-type': 'application/vnd.oci.image.manifest.v1+json',
        'artifact-media-type': 'application/vnd.oci.image.config.v1+json',
      },
    },
  ])
})

test('a push without a tag is announced with an empty one', () => {
  const ecr = withRepository()
  put(ecr, one)
  expect(ecr.emitted[0]?.detail).toMatchObject({ 'action-type': 'PUSH', 'image-tag': '' })
})

test('what refers to an image is announced as a referrer', () => {
  const ecr = withRepository()
  const signature = buildImage({ more: { subject: descriptorOf(one) } })
  ecr.store(repositoryName, signature)
  put(ecr, signature)
  expect(ecr.emitted[0]?.detailType).toBe('ECR Referrer Action')
})

test('a tag that is put on another image leaves the one before', () => {
  const ecr = withRepository()
  put(ecr, one, 'latest')
  put(ecr, two, 'latest')
  const { imageDetails } = ecr.call('DescribeImages', { repositoryName })
  const tags = new Map(imageDetails?.map(({ imageDigest, imageTags }) => [imageDigest, imageTags]))
  expect(tags).toEqual(
    new Map([
      [one.digest, undefined],
      [two.digest, ['latest']],
    ]),
  )
})

test('the same image under the same tag again is refused, under another tag taken', () => {
  const ecr = withRepository()
  put(ecr, one, 'v1')
  expect(() => put(ecr, one, 'v1')).toThrow(
    `Image with digest '${one.digest}' and tag 'v1' already exists in the repository with name 'web' in registry with id '123456789012'`,
  )
  expect(() => put(ecr, one)).toThrow(expect.objectContaining({ name: 'ImageAlreadyExistsException' }))
  put(ecr, one, 'v2')
  expect(ecr.emitted).toHaveLength(2)
})

test.each<[string, object, string, boolean]>([
  ['mutable', {}, 'v1', true],
  ['immutable', { imageTagMutability: 'IMMUTABLE' }, 'v1', false],
  ['immutable but for this', exclusion('IMMUTABLE_WITH_EXCLUSION', 'v*'), 'v1', true],
  ['immutable but for others', exclusion('IMMUTABLE_WITH_EXCLUSION', 'w*'), 'v1', false],
  ['a dot is a dot', exclusion('IMMUTABLE_WITH_EXCLUSION', 'v.1'), 'v-1', false],
  ['mutable but for this', exclusion('MUTABLE_WITH_EXCLUSION', '*1'), 'v1', false],
])('a tag of a repository that is %s', (_, settings, tag, moves) => {
  const ecr = withRepository(settings)
  put(ecr, one, tag)
  if (moves) put(ecr, two, tag)
  else {
    expect(() => put(ecr, two, tag)).toThrow(
      `The image tag '${tag}' already exists in the 'web' repository and cannot be overwritten because the repository is immutable.`,
    )
  }
  expect(digestOf(ecr, tag)).toBe(moves ? two.digest : one.digest)
})

function exclusion(imageTagMutability: string, filter: string) {
  return { imageTagMutability, imageTagMutabilityExclusionFilters: [{ filterType: 'WILDCARD', filter }] }
}

test('layers and images that a manifest refers to must be there first', () => {
  const ecr = testEcr()
  ecr.call('CreateRepository', { repositoryName })
  expect(() => put(ecr, one)).toThrow(expect.objectContaining({ name: 'LayersNotFoundException' }))
  const index = buildIndex([one])
  expect(() => put(ecr, index)).toThrow(
    expect.objectContaining({ name: 'ReferencedImagesNotFoundException' }),
  )
  expect(ecr.emitted).toEqual([])
})

test.each<[string, object, string]>([
  ['another digest', { imageDigest: sha256('else') }, 'ImageDigestDoesNotMatchException'],
  ['a tag with a space', { imageTag: 'a b' }, 'InvalidParameterException'],
  ['no JSON', { imageManifest: '{' }, 'InvalidParameterException'],
  [
    'another type than it says',
    { imageManifestMediaType: 'application/vnd.oci.image.index.v1+json' },
    'InvalidParameterException',
  ],
  ['schema 1', { imageManifest: '{"schemaVersion":1}' }, 'InvalidParameterException'],
  ['another repository', { repositoryName: 'none' }, 'RepositoryNotFoundException'],
  ['another registry', { registryId: '210987654321' }, 'RepositoryNotFoundException'],
])('an image with %s is refused', (_, input, name) => {
  const ecr = withRepository()
  const all = { repositoryName, imageManifest: one.manifest, ...input }
  expect(() => ecr.call('PutImage', all)).toThrow(expect.objectContaining({ name }))
  expect(ecr.call('ListImages', { repositoryName }).imageIds).toEqual([])
})

test('a tag is taken off; the last tag and a digest delete the image', () => {
  const ecr = withRepository()
  for (const tag of ['a', 'b']) put(ecr, one, tag)
  for (const tag of ['c', 'd']) put(ecr, two, tag)
  ecr.emitted.length = 0
  const out = ecr.call('BatchDeleteImage', {
    repositoryName,
    imageIds: [{ imageTag: 'a' }, { imageTag: 'b' }, { imageDigest: two.digest }, { imageTag: 'none' }],
  })
  expect(out.imageIds).toEqual([
    { imageDigest: one.digest, imageTag: 'a' },
    { imageDigest: one.digest, imageTag: 'b' },
    { imageDigest: two.digest, imageTag: 'c' },
    { imageDigest: two.digest, imageTag: 'd' },
  ])
  expect(out.failures).toMatchObject([
    { failureCode: 'ImageNotFound', failureReason: 'Requested image not found' },
  ])
  expect(ecr.emitted.map(({ detail }) => detail)).toMatchObject(
    ['a', 'b', 'c', 'd'].map((tag) => ({ 'action-type': 'DELETE', 'image-tag': tag })),
  )
  expect(ecr.call('ListImages', { repositoryName }).imageIds).toEqual([])
  expect(ecr.asked).toContainEqual({ kind: 'sweep-layers' })
})

test('an image of an index is deleted after the index', () => {
  const ecr = withRepository()
  const index = buildIndex([one, two])
  for (const image of [one, two, index]) put(ecr, image)
  const remove = (imageDigest: string) =>
    ecr.call('BatchDeleteImage', { repositoryName, imageIds: [{ imageDigest }] })
  expect(remove(one.digest).failures).toMatchObject([
    {
      failureCode: 'ImageReferencedByManifestList',
      failureReason: `Requested image referenced by manifest list: [${index.digest}]`,
    },
  ])
  expect([remove(index.digest).failures, remove(one.digest).failures]).toEqual([[], []])
})

test('layers are forgotten with the last image that has them', () => {
  const ecr = withRepository()
  put(ecr, one, 'v1')
  put(ecr, two, 'v2')
  ecr.call('BatchDeleteImage', { repositoryName, imageIds: [{ imageDigest: one.digest }] })
  const [config, layer] = one.blobs.map(({ digest }) => digest)
  const shared = two.blobs.map(({ digest }) => digest)
  const layerDigests = [config, layer, ...shared]
  const { layers } = ecr.call('BatchCheckLayerAvailability', { repositoryName, layerDigests })
  expect(layers?.map(({ layerAvailability }) => layerAvailability)).toEqual([
    'UNAVAILABLE',
    'UNAVAILABLE',
    'AVAILABLE',
    'AVAILABLE',
  ])
})

test.each<[string, object, string]>([
  ['neither tag nor digest', {}, 'MissingDigestAndTag'],
  ['no digest', { imageDigest: 'one' }, 'InvalidImageDigest'],
  ['an unknown digest', { imageDigest: sha256('else') }, 'ImageNotFound'],
  ['an unknown tag', { imageTag: 'none' }, 'ImageNotFound'],
  ['tag and digest of two images', { imageTag: 'v1', imageDigest: two.digest }, 'ImageTagDoesNotMatchDigest'],
])('an identifier with %s fails', (_, id, failureCode) => {
  const ecr = withRepository()
  put(ecr, one, 'v1')
  put(ecr, two, 'v2')
  const { failures } = ecr.call('BatchGetImage', { repositoryName, imageIds: [id] })
  expect(failures).toMatchObject([{ imageId: id, failureCode }])
})

test('an image in a type that is not accepted is none', () => {
  const ecr = withRepository()
  put(ecr, one, 'v1')
  const get = (type: string) =>
    ecr.call('BatchGetImage', { repositoryName, imageIds: [{ imageTag: 'v1' }], acceptedMediaTypes: [type] })
  expect(get(one.mediaType).images).toHaveLength(1)
  expect(get('application/vnd.docker.distribution.manifest.v2+json').failures).toMatchObject([
    { failureCode: 'ImageNotFound' },
  ])
})

test('lists come in pages that add up, filtered by tag status', () => {
  const ecr = withRepository()
  put(ecr, one, 'a')
  put(ecr, one, 'b')
  put(ecr, two)
  ecr.context.now += 1000
  put(ecr, three, 'c')
  const seen: unknown[] = []
  let nextToken: string | undefined
  do {
    const page = ecr.call('ListImages', { repositoryName, maxResults: 1, ...(nextToken && { nextToken }) })
    seen.push(...(page.imageIds ?? []))
    nextToken = page.nextToken
  } while (nextToken)
  expect(seen).toHaveLength(4)
  expect(seen.at(-1)).toEqual({ imageDigest: three.digest, imageTag: 'c' })
  const filtered = (tagStatus: string) =>
    ecr.call('ListImages', { repositoryName, filter: { tagStatus } }).imageIds
  expect(filtered('UNTAGGED')).toEqual([{ imageDigest: two.digest }])
  expect(filtered('TAGGED')).toHaveLength(3)
  expect(() => filtered('SOME')).toThrow('Member must satisfy enum value set: [ANY, TAGGED, UNTAGGED]')
})

type Step =
  | { kind: 'put'; image: number; tag: string | undefined }
  | { kind: 'delete'; image?: number; tag?: string }
const tag = fc.constantFrom('a', 'b', '__proto__', 'constructor')
const image = fc.integer({ min: 0, max: images.length - 1 })
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), image, tag: fc.option(tag, { nil: undefined }) }),
  fc.record({ kind: fc.constant('delete' as const), image }),
  fc.record({ kind: fc.constant('delete' as const), tag }),
)

/** The same as ECR in a few lines: which tag is on which image, and which images there are. */
class Model {
  readonly tags = new Map<string, number>()
  readonly present = new Set<number>()

  apply(step: Step): void {
    if (step.kind === 'put') {
      this.present.add(step.image)
      if (step.tag !== undefined) this.tags.set(step.tag, step.image)
      return
    }
    const index = step.image ?? this.tags.get(step.tag ?? '')
    if (index === undefined) return
    const own = [...this.tags].filter(([, on]) => on === index).map(([name]) => name)
    for (const name of step.tag === undefined ? own : [step.tag]) this.tags.delete(name)
    if (step.image !== undefined || own.length === 1) this.present.delete(index)
  }
}

test('whatever is put and deleted, a digest is its bytes and a tag is on the image last put under it', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const ecr = withRepository()
      const model = new Model()
      for (const next of steps) {
        run(ecr, next)
        model.apply(next)
        for (const built of images) ecr.store(repositoryName, built)
      }
      const stored = ecr.context.state.repositories[repositoryName]?.images ?? {}
      for (const [digest, { manifest }] of Object.entries(stored)) expect(sha256(manifest)).toBe(digest)
      expect(new Set(Object.keys(stored))).toEqual(new Set([...model.present].map((i) => images[i]?.digest)))
      const tags = Object.values(stored).flatMap(({ digest, tags }) =>
        tags.map((name) => [name, digest] as const),
      )
      expect(new Map(tags)).toEqual(
        new Map([...model.tags].map(([name, i]) => [name, images[i]?.digest ?? ''])),
      )
      expect(tags).toHaveLength(model.tags.size)
    }),
  )
})

function run(ecr: TestEcr, next: Step): void {
  if (next.kind === 'delete') {
    const id =
      next.tag === undefined ? { imageDigest: images[next.image ?? 0]?.digest } : { imageTag: next.tag }
    ecr.call('BatchDeleteImage', { repositoryName, imageIds: [id] })
    return
  }
  const built = images[next.image]
  try {
    if (built) put(ecr, built, next.tag)
  } catch (error) {
    expect(error).toMatchObject({ name: 'ImageAlreadyExistsException' })
  }
}
