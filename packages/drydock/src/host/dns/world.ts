/** An engine as questions about names see it. */
import { numbersFrom } from '../../dns/numbers.ts'
import type { World } from '../../dns/resolve.ts'
import type { Engine } from '../../engine.ts'
import { zonesOf } from './zones.ts'

/** Where the engine stands, for routing by latency: the region that its clients have unless told. */
const REGION = 'us-east-1'

const worlds = new WeakMap<Engine, World>()

/** Made once for an engine, with all that has been compiled for it. */
export function answeringWorld(engine: Engine): World {
  const known = worlds.get(engine)
  if (known) return known
  const world = { findZone: zonesOf(engine), region: REGION, random: numbersFrom(engine.random()) }
  worlds.set(engine, world)
  return world
}
