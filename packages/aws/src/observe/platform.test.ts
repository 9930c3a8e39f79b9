import { expect, test } from 'vitest'
import { platformOf, readImageConfig, readManifest } from './platform.ts'

test.each([
  [{}, 'linux', 'amd64'],
  [{ runtimePlatform: { cpuArchitecture: 'X86_64', operatingSystemFamily: 'LINUX' } }, 'linux', 'amd64'],
  [{ runtimePlatform: { cpuArchitecture: 'ARM64' } }, 'linux', 'arm64'],
  [{ runtimePlatform: { operatingSystemFamily: 'WINDOWS_SERVER_2022_CORE' } }, 'windows', 'amd64'],
] as const)('a task definition with %j runs on %s/%s', (definition, os, architecture) => {
  expect(platformOf(definition)).toEqual({ os, architecture })
})

const digest = 'sha256:cc'
const config = (mediaType: string) => JSON.stringify({ config: { mediaType, digest } })
const index = JSON.stringify({
  manifests: [
    { digest, platform: { os: 'linux', architecture: 'amd64' } },
    { digest, platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
    { digest, platform: { os: 'unknown', architecture: 'unknown' } },
    { digest },
  ],
})

test.each([
  ['an index names its platforms, attestations aside', index, { platforms: [amd64(), arm64()] }],
  ['an OCI image has a config', config('application/vnd.oci.image.config.v1+json'), { config: digest }],
  ['a Docker image has one', config('application/vnd.docker.container.image.v1+json'), { config: digest }],
  ['a chart runs nowhere', config('application/vnd.cncf.helm.config.v1+json'), { platforms: [] }],
  ['schema 1 is not read', JSON.stringify({ schemaVersion: 1 }), { platforms: [] }],
  ['what is not JSON runs nowhere', '<html>', { platforms: [] }],
])('%s', (_, text, expected) => {
  expect(readManifest(text)).toEqual(expected)
})

test.each([
  [JSON.stringify({ os: 'linux', architecture: 'arm64', rootfs: {} }), [arm64()]],
  [JSON.stringify({ architecture: 'arm64' }), []],
  ['not JSON', []],
])('the config %s gives %j', (text, expected) => {
  expect(readImageConfig(text)).toEqual(expected)
})

function amd64() {
  return { os: 'linux', architecture: 'amd64' }
}

function arm64() {
  return { os: 'linux', architecture: 'arm64' }
}
