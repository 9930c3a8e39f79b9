/**
 * The clock that a function's code sees where the engine's is virtual: it shows the engine's time and, as that does, stands still
 * while the code runs. Timers are real.
 */

const MachineDate = Date
let shown = 0

/** The machine's time (ms), whatever the code sees. */
export const machineNow = (): number => MachineDate.now()

/** Shows the code this time (ms since the epoch) from now on. */
export function showTime(ms: number): void {
  shown = ms
  if (globalThis.Date === MachineDate) globalThis.Date = new Proxy(MachineDate, standing)
}

/** ECMA-262, The Date Constructor: without arguments it is about the present; called as a function it is text. */
const standing: ProxyHandler<DateConstructor> = {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length ? args : [shown], newTarget) as object,
  apply: () => new MachineDate(shown).toString(),
  get: (target, name) => (name === 'now' ? () => shown : (Reflect.get(target, name) as unknown)),
}
