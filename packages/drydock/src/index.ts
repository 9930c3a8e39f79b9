/** Drydock: AWS in one process, for one machine. */
export type { Engine } from './engine.ts'
export { type Drydock, type DrydockOptions, startDrydock } from './server.ts'
