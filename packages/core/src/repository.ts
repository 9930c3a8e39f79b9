/**
 * Repositories as views, records and decisions name them: by name alone in the registry of the service's own account and
 * region, and by ARN in another place's. No name of ECR holds a colon, so the two never meet.
 */
import { type ImageReference, registryOrigin } from './image.ts'
import { partitionOf } from './place-roles.ts'
import type { PlaceConfig } from './places.ts'

/** A repository by its name, with the place of its registry where that is not the service's own. */
export interface Repository {
  readonly name: string
  readonly registry?: PlaceConfig
}

/** What a repository is called outside of its own account and region. */
export function repositoryArn({ account, region }: PlaceConfig, name: string): string {
  return `arn:${partitionOf(region)}:ecr:${region}:${account}:repository/${name}`
}

/** Reads what a view, a record or a decision calls a repository. */
export function parseRepository(called: string): Repository {
  const [, , , region, account, path] = called.split(':')
  if (region === undefined || account === undefined || path === undefined) return { name: called }
  return { name: path.slice('repository/'.length), registry: { account, region } }
}

/** Another repository of the same registry. */
export function repositoryBeside(called: string, name: string): string {
  const { registry } = parseRepository(called)
  return registry === undefined ? name : repositoryArn(registry, name)
}

/** An image as the service of the ARN `serviceArn` sees it: its repository as it is called from there. */
export function imageSeenFrom(serviceArn: string, image: ImageReference): ImageReference {
  const [, , , ownRegion, ownAccount] = serviceArn.split(':')
  const { account, region } = registryOrigin(image) ?? {}
  if (account === undefined || region === undefined) return image
  if (account === ownAccount && region === ownRegion) return image
  return { ...image, repository: repositoryArn({ account, region }, image.repository) }
}

/** What a repository of `registry` is called in a place; without either it is of the place's own registry. */
export function repositorySeenFrom(
  own: PlaceConfig | undefined,
  name: string,
  registry: PlaceConfig | undefined,
): string {
  if (!own || !registry || isSame(own, registry)) return name
  return repositoryArn(registry, name)
}

const isSame = (a: PlaceConfig, b: PlaceConfig) => a.account === b.account && a.region === b.region
