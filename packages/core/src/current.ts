/** What a service's containers run now, as far as it can be known, and how a policy orders that. */
import { compareKeys, type OrderKey } from './order.ts'
import type { Track } from './settings.ts'
import { tagReader } from './tag-reader.ts'
import type { DeliveryView, DeployedImage, ObservedContainer, ObservedImage } from './view.ts'

/** The image of a tracked container. Without a digest it is not known what runs: only what the definition names. */
export interface RunningImage {
  readonly container: ObservedContainer
  readonly digest?: string
  /** The tag it was chosen by, or that the task definition names. */
  readonly tag?: string
}

/**
 * What the track's container runs; `undefined` if the task definition has no such container. A digest in the reference
 * says it; else the ledger, for the very deployment that it knows; else the tag, unless it was pushed after the
 * deployment began (ECS resolves a tag once per deployment, so then it pointed elsewhere).
 */
export function runningImage(view: DeliveryView, track: Track): RunningImage | undefined {
  const container = view.service.containers.find(({ name }) => name === track.container)
  if (container === undefined) return undefined
  const { digest, tag } = container.image
  if (digest !== undefined) {
    const chosenBy =
      rememberedImages(view, track.container).find((image) => image.digest === digest)?.tag ?? tag
    return { container, digest, ...(chosenBy !== undefined && { tag: chosenBy }) }
  }
  const known = view.record?.known
  const remembered = known?.primaryId === view.service.primary.id ? known.images[track.container] : undefined
  if (remembered !== undefined) return { container, ...withTag(remembered.digest, remembered.tag) }
  return { container, ...resolveTag(view, container) }
}

function rememberedImages(view: DeliveryView, container: string): DeployedImage[] {
  const { inFlight, known } = view.record ?? {}
  return [inFlight?.images[container], known?.images[container]].filter((image) => image !== undefined)
}

function resolveTag(view: DeliveryView, container: ObservedContainer): { digest?: string; tag: string } {
  const { repository, tag = 'latest' } = container.image
  const image = view.repositories[repository]?.find(({ tags }) => tags.includes(tag))
  const wasThere = image !== undefined && image.pushedAt <= view.service.primary.createdAt
  return wasThere ? { digest: image.digest, tag } : { tag }
}

function withTag(digest: string, tag: string | undefined): { digest: string; tag?: string } {
  return tag === undefined ? { digest } : { digest, tag }
}

/** Whether what the ledger knows is of a deleted service, whose name this one was created with. */
export function isCreatedAnew({ record, service }: DeliveryView): boolean {
  return record?.known !== undefined && record.known.serviceCreatedAt !== service.createdAt
}

/** What the tracked containers run, by container, for the ledger; those that are not known are left out. */
export function runningImages(view: DeliveryView): Readonly<Record<string, DeployedImage>> {
  const images = view.settings.tracks.flatMap((track) => {
    const running = runningImage(view, track)
    if (running?.digest === undefined) return []
    const { repository } = running.container.image
    return [[track.container, { repository, ...withTag(running.digest, running.tag) }] as const]
  })
  return Object.fromEntries(images)
}

/**
 * The key of an image under the track's policy: from the tag it was chosen by, else from the highest of the tags that
 * its digest has in the repository. `undefined` if the policy cannot order it, such as a placeholder `latest`.
 */
export function keyOf(
  track: Track,
  image: { readonly digest?: string; readonly tag?: string },
  images: readonly ObservedImage[],
): OrderKey | undefined {
  const read = tagReader(track.policy)
  const stored = images.find(({ digest }) => digest === image.digest)
  // By push, an image is as old as the repository says, whatever it is called; unknown there, it has no age.
  if (track.policy.kind === 'newest' || track.policy.kind === 'tag')
    return stored && read('', stored.pushedAt).key
  const chosenBy = image.tag === undefined ? undefined : read(image.tag, 0).key
  if (chosenBy !== undefined) return chosenBy
  const keys = (stored?.tags ?? []).flatMap((tag) => read(tag, 0).key ?? [])
  return keys.sort(compareKeys).at(-1)
}
