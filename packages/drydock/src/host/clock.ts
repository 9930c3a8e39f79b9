/** Engine time: the machine's, or a virtual one that only `advance` moves. */

/** Tells the time and wakes the engine at one moment at a time. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Replaces the moment of the next wake-up; `undefined` means none. */
  setAlarm(at: number | undefined, wake: () => void): void
}

/** setTimeout's limit is 2^31-1 ms; a later alarm is set again when that has passed. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1

/** The machine's clock. An alarm does not keep the process alive. */
export function systemClock(): Clock {
  let timer: NodeJS.Timeout | undefined
  return {
    now: Date.now,
    setAlarm(at, wake) {
      clearTimeout(timer)
      if (at === undefined) return
      timer = setTimeout(wake, Math.min(Math.max(at - Date.now(), 0), LONGEST_TIMEOUT_MS)).unref()
    },
  }
}

/** A clock that stands still until it is moved. */
export interface VirtualClock extends Clock {
  /** The moment of the next wake-up, if any. */
  alarm(): number | undefined
  /** Moves time forward to `to` (never back) and wakes the engine if its alarm is due. */
  moveTo(to: number): void
}

/** Whether a clock is moved by its engine's user. */
export const isVirtual = (clock: Clock): clock is VirtualClock => 'moveTo' in clock

/** A virtual clock, starting at `start` (milliseconds since the epoch; 2026-01-01T00:00:00Z unless told). */
export function virtualClock(start = Date.UTC(2026, 0, 1)): VirtualClock {
  let now = start
  let due: { at: number; wake: () => void } | undefined
  return {
    now: () => now,
    alarm: () => due?.at,
    setAlarm(at, wake) {
      due = at === undefined ? undefined : { at, wake }
    },
    moveTo(to) {
      now = Math.max(now, to)
      if (!due || due.at > now) return
      const { wake } = due
      due = undefined
      wake()
    },
  }
}
