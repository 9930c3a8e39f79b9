/** Drydock: AWS in one process, for one machine. */
export type { Engine } from './engine.ts'
export { type VirtualClock, virtualClock } from './host/clock.ts'
export { type Drydock, type DrydockOptions, startDrydock } from './server.ts'
