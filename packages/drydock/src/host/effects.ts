/** Which effect is performed by what. An effect without a performer is a bug. */
import type { Engine, Perform } from '../engine.ts'
import type { Asked, Scope } from '../service.ts'

/** Performers by the kind of the effect they do. */
export type Performers<E extends Asked> = {
  [K in E['kind']]: (effect: Extract<E, { kind: K }>, scope: Scope, engine: Engine) => Promise<void>
}

/** Joins the performers of several parts of the host into the one function that the engine calls. */
export function performerOf(...parts: Performers<never>[]): Perform {
  const performers = new Map(parts.flatMap((part) => Object.entries(part))) as Map<string, Perform>
  return async (effect, scope, engine) => {
    const perform = performers.get(effect.kind)
    if (!perform) throw new Error(`No performer for the effect '${effect.kind}'`)
    await perform(effect, scope, engine)
  }
}
