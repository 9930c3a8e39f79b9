/** What a task definition runs on, and what an image can run on: pure readings of what AWS and registries say. */
import type { TaskDefinition } from '@aws-sdk/client-ecs'
import type { Platform } from '@capstan/core/view.ts'
import * as z from 'zod/mini'

/**
 * What the task definition asks for: `linux/amd64` where it says nothing
 * (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RuntimePlatform.html).
 */
export function platformOf({ runtimePlatform }: TaskDefinition): Platform {
  const os = runtimePlatform?.operatingSystemFamily?.startsWith('WINDOWS') ? 'windows' : 'linux'
  return { os, architecture: runtimePlatform?.cpuArchitecture === 'ARM64' ? 'arm64' : 'amd64' }
}

const platform = z.object({ os: z.string(), architecture: z.string() })
const index = z.object({
  manifests: z.array(z.object({ platform: z.catch(z.optional(platform), undefined) })),
})
const single = z.object({ config: z.object({ mediaType: z.string(), digest: z.string() }) })

/** The configs of images that a container engine can run; any other artifact (chart, signature, …) has another. */
const IMAGE_CONFIGS = [
  'application/vnd.oci.image.config.v1+json',
  'application/vnd.docker.container.image.v1+json',
]

/** What a manifest says of its platforms: some, or that its config blob must be read. */
export type ManifestReading = { readonly platforms: readonly Platform[] } | { readonly config: string }

/**
 * Reads an image manifest or an index (OCI image spec 1.1, Docker image manifest 2.2). Attestations in an index
 * call their platform `unknown/unknown` and count for nothing; what is not an image runs nowhere.
 */
export function readManifest(text: string): ManifestReading {
  const manifest = parseJson(text)
  const list = index.safeParse(manifest)
  if (list.success) return { platforms: list.data.manifests.flatMap((entry) => known(entry.platform)) }
  const one = single.safeParse(manifest)
  if (one.success && IMAGE_CONFIGS.includes(one.data.config.mediaType))
    return { config: one.data.config.digest }
  return { platforms: [] }
}

/** The platform that an image's config blob names; none where it names none. */
export function readImageConfig(text: string): readonly Platform[] {
  const config = platform.safeParse(parseJson(text))
  return config.success ? known(config.data) : []
}

function known(value: Platform | undefined): Platform[] {
  return value && value.os !== 'unknown' ? [{ os: value.os, architecture: value.architecture }] : []
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
