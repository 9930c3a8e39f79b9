import { expect, test } from 'vitest'
import { digest, image } from './builders.ts'
import { isDeployable, isReferrerTag } from './deployable.ts'

const SIGNATURE_TAG = `${digest('a').replace(':', '-')}.sig`

test.each<[string, boolean, ReturnType<typeof image>]>([
  ['an image', true, image('a', ['1.0.0'])],
  [
    'a Docker image',
    true,
    image('a', ['1'], {
      mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
      artifactMediaType: 'application/vnd.docker.container.image.v1+json',
    }),
  ],
  [
    'an index',
    true,
    image('a', ['1'], { mediaType: 'application/vnd.oci.image.index.v1+json', artifactMediaType: undefined }),
  ],
  [
    'an image of unknown types',
    true,
    image('a', ['1'], { mediaType: undefined, artifactMediaType: undefined }),
  ],
  ['an untagged image', false, image('a', [])],
  ['a cosign signature', false, image('a', [SIGNATURE_TAG])],
  [
    'a sigstore bundle',
    false,
    image('a', ['1'], { artifactMediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json' }),
  ],
  [
    'a notation signature',
    false,
    image('a', ['1'], { artifactMediaType: 'application/vnd.cncf.notary.signature' }),
  ],
  ['an in-toto attestation', false, image('a', ['1'], { artifactMediaType: 'application/vnd.in-toto+json' })],
  ['an SBOM', false, image('a', ['1'], { artifactMediaType: 'application/spdx+json' })],
  [
    'a Helm chart',
    false,
    image('a', ['1.0.0'], { artifactMediaType: 'application/vnd.cncf.helm.config.v1+json' }),
  ],
  [
    'an artifact with an empty config',
    false,
    image('a', ['1'], { artifactMediaType: 'application/vnd.oci.empty.v1+json' }),
  ],
  [
    'a manifest of an unknown kind',
    false,
    image('a', ['1'], { mediaType: 'application/vnd.oci.artifact.manifest.v1+json' }),
  ],
])('%s is deployable: %s', (_, expected, candidate) => {
  expect(isDeployable(candidate)).toBe(expected)
})

test.each<[string, boolean]>([
  [SIGNATURE_TAG, true],
  [SIGNATURE_TAG.replace('.sig', '.att'), true],
  [SIGNATURE_TAG.replace('.sig', '.sbom'), true],
  [SIGNATURE_TAG.replace('.sig', ''), true],
  ['sha256-abc.sig', true],
  [`sha512-${'a'.repeat(128)}`, true],
  ['sha256-abc', false],
  ['1.0.0', false],
  ['my.sig', false],
])('%s is the tag of something that belongs to an image: %s', (tag, expected) => {
  expect(isReferrerTag(tag)).toBe(expected)
})
