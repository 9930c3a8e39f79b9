/** What a socket has of the server: a message goes in, and an answer comes at once or once the zones are loaded. */
import type { Transport } from '../../dns/respond.ts'

/** `reply` gets undefined for what must not be answered. */
export type Ask = (message: Buffer, transport: Transport, reply: (answer: Buffer | undefined) => void) => void
