/** Manifests as they come, good and bad. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ManifestError, parseManifest } from './manifest.ts'
import { buildImage, buildIndex, sha256 } from './testing.ts'

const descriptor = { mediaType: 'application/octet-stream', digest: sha256(''), size: 0 }
const imageOf = (more: object) =>
  JSON.stringify({ schemaVersion: 2, config: descriptor, layers: [], ...more })

test('an image names its config and layers, an index its images', () => {
  const image = buildImage({ flavour: 'docker' })
  expect(parseManifest(image.manifest)).toMatchObject({
    kind: 'image',
    mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
    blobs: image.blobs.map(({ digest, size }) => ({ digest, size })),
  })
  const index = parseManifest(buildIndex([image]).manifest)
  expect(index).toMatchObject({
    kind: 'index',
    children: [{ digest: image.digest, platform: image.platform }],
  })
})

test('a manifest without a type of its own is what it is sent as, or what it looks like', () => {
  const docker = 'application/vnd.docker.distribution.manifest.v2+json'
  expect(parseManifest(imageOf({}), docker).mediaType).toBe(docker)
  expect(parseManifest(imageOf({})).mediaType).toBe('application/vnd.oci.image.manifest.v1+json')
  const index = JSON.stringify({ schemaVersion: 2, manifests: [] })
  expect(parseManifest(index).mediaType).toBe('application/vnd.oci.image.index.v1+json')
})

test('layers that lie elsewhere by design need not be here', () => {
  const foreign = {
    ...descriptor,
    mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
    urls: ['https://example.com/layer'],
  }
  const { blobs, layers } = parseManifest(
    imageOf({ layers: [foreign, { ...descriptor, urls: ['https://x'] }] }),
  )
  expect([blobs.length, layers.length]).toEqual([2, 2])
})

test.each<[string, string]>([
  ['', 'not JSON'],
  ['[]', 'not a JSON object'],
  ['{"schemaVersion":1}', 'schemaVersion 2'],
  [imageOf({ mediaType: 'text/plain' }), "'text/plain' is not supported"],
  [imageOf({ mediaType: '__proto__' }), "'__proto__' is not supported"],
  [imageOf({ config: null }), "'config' must be a descriptor"],
  [imageOf({ layers: {} }), "'layers' must be a list"],
  [imageOf({ layers: [{ ...descriptor, digest: 'x' }] }), "'layers[0].digest' must be a digest"],
  [imageOf({ layers: [{ ...descriptor, size: -1 }] }), "'layers[0].size' must be a size in bytes"],
  [imageOf({ subject: {} }), "'subject.mediaType' must be a string"],
])('%j is refused', (text, reason) => {
  expect(() => parseManifest(text)).toThrow(reason)
})

test('whatever comes is a manifest or refused with a ManifestError', () => {
  const members = {
    schemaVersion: fc.constant(2),
    config: fc.jsonValue(),
    layers: fc.array(fc.jsonValue()),
    manifests: fc.jsonValue(),
    subject: fc.jsonValue(),
  }
  const almost = fc.record(members, { requiredKeys: ['schemaVersion'] }).map((value) => JSON.stringify(value))
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), almost), (text) => {
      try {
        parseManifest(text)
      } catch (error) {
        expect(error).toBeInstanceOf(ManifestError)
      }
    }),
  )
})
