/** What is stored in ECR, wherever it is: in the registry of the place where a service is, or in another place's. */

import { Failure } from '@capstan/core/failure.ts'
import { type Place, type PlaceConfig, placeAt, strangePlace } from '@capstan/core/places.ts'
import { parseRepository } from '@capstan/core/repository.ts'
import type { EcrApi } from './clients.ts'
import { type Images, imagesOf } from './observe/images.ts'
import { type LifecyclePolicies, lifecyclePoliciesOf } from './observe/warnings.ts'

/** The images of a registry, and what takes them away. */
interface Registry {
  readonly images: Images
  readonly policies: LifecyclePolicies
}

/** The registries of all places, as a service sees them whose own is `own`. */
export interface Registries {
  readonly own: EcrApi
  readonly all: readonly Place[]
  /** ECR in another place. */
  readonly ecrAt: (place: Place) => EcrApi
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/**
 * All registries as if they were one, whose repositories are called as `repository.ts` says. Rejects with `Failure`
 * INVALID_CONFIG where a repository is in no place.
 */
export function registryOf({ own, all, ecrAt, now }: Registries): Registry {
  const registryBy = (ecr: EcrApi): Registry => ({
    images: imagesOf(ecr),
    policies: lifecyclePoliciesOf(ecr, now),
  })
  const home = registryBy(own)
  const known = new Map<Place, Registry>()
  const at = (registry: PlaceConfig): Registry => {
    const place = placeAt(all, registry)
    if (!place) throw new Failure('INVALID_CONFIG', strangePlace(all, registry))
    const there = known.get(place) ?? registryBy(ecrAt(place))
    known.set(place, there)
    return there
  }
  const find = (called: string) => {
    const { name, registry } = parseRepository(called)
    return { name, ...(registry ? at(registry) : home) }
  }
  return {
    images: {
      async list(repository) {
        const { images, name } = find(repository)
        return images.list(name)
      },
      async platforms(repository, digest) {
        const { images, name } = find(repository)
        return images.platforms(name, digest)
      },
    },
    policies: {
      async get(repository) {
        const { name, policies } = find(repository)
        return policies.get(name)
      },
    },
  }
}
