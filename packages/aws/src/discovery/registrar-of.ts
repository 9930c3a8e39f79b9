/** One registrar for all targets: each call goes to the one that has the place. */
import type { Target } from '@capstan/core/discovery/view.ts'
import type { Registrar } from './registrar.ts'

/** Hands calls on by the kind of the target, or of the place. Nothing is read of no place, and nothing written there. */
export function registrarOf(registrars: Readonly<Record<Target['kind'], Registrar>>): Registrar {
  return {
    find: (target, publication, since) => registrars[target.kind].find(target, publication, since),
    async read(place, targets) {
      if (place.kind === 'none') return targets.map(() => [])
      return registrars[KIND[place.kind]].read(place, targets)
    },
    async write(place, names, deadline) {
      const { kind } = place
      if (kind === 'none') return names.map(() => ({ kind: 'refused', reason: place.note }))
      return registrars[KIND[kind]].write(place, names, deadline)
    },
  }
}

const KIND = { zone: 'dns', 'cloud-map': 'cloud-map' } as const
