/**
 * The clock that a function's code sees where the engine's is virtual: the engine's time at the start of the invocation, going
 * on from there as the code runs. Timers are real.
 */

const MachineDate = Date
let aheadMs = 0

/** The machine's time (ms), whatever the code sees. */
export const machineNow = (): number => MachineDate.now()

/** Shows the code a clock that is ahead of the machine's, or behind it, by so many milliseconds. */
export function showTime(ms: number): void {
  aheadMs = ms
  if (globalThis.Date === MachineDate) globalThis.Date = new Proxy(MachineDate, shifted)
}

const now = () => MachineDate.now() + aheadMs

/** ECMA-262, The Date Constructor: without arguments it is about the present; called as a function it is text. */
const shifted: ProxyHandler<DateConstructor> = {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length ? args : [now()], newTarget) as object,
  apply: () => new MachineDate(now()).toString(),
  get: (target, name) => (name === 'now' ? now : (Reflect.get(target, name) as unknown)),
}
