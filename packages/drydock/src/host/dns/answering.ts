/** Answers queries by an engine's zones. Loaded with the first query: the codec is of no use before. */
import { respond, type Transport } from '../../dns/respond.ts'
import type { Engine } from '../../engine.ts'
import { answeringWorld } from './world.ts'

/** The answer to a message, if it gets one. Never throws for what a message holds. */
export type Answering = (message: Buffer, transport: Transport) => Buffer | undefined

export function answeringFor(engine: Engine): Answering {
  const world = answeringWorld(engine)
  return (message, transport) => respond(message, transport, world)
}
