/** The last log entries of every function, in memory. */

/** How much a function keeps: entries, and characters in them. */
const MOST_ENTRIES = 5000
const MOST_CHARACTERS = 8 * 2 ** 20

/** One log entry; it may have several lines. */
export interface FunctionLogEntry {
  /** Wall-clock milliseconds since the epoch. */
  readonly at: number
  /** The engine's time then. */
  readonly engineTime: number
  readonly functionArn: string
  readonly logGroup: string
  readonly logStream: string
  readonly text: string
}

export interface FunctionLogs {
  write(entry: FunctionLogEntry): void
  /** Oldest first. */
  of(functionArn: string): readonly FunctionLogEntry[]
  /** Hands `follower` all that is kept, and from now on each entry. There is one at most. */
  follow(follower: (entry: FunctionLogEntry) => void): void
  clear(): void
}

interface Kept {
  readonly entries: FunctionLogEntry[]
  characters: number
}

/** Keeps entries and passes each on to `onLog`. */
export function functionLogs(onLog: ((entry: FunctionLogEntry) => void) | undefined): FunctionLogs {
  const kept = new Map<string, Kept>()
  let follower: ((entry: FunctionLogEntry) => void) | undefined
  return {
    write(entry) {
      const one = kept.get(entry.functionArn) ?? { entries: [], characters: 0 }
      one.entries.push(entry)
      one.characters += entry.text.length
      while (isTooMuch(one)) dropQuarter(one)
      kept.set(entry.functionArn, one)
      onLog?.(entry)
      follower?.(entry)
    },
    of: (functionArn) => [...(kept.get(functionArn)?.entries ?? [])],
    follow(newFollower) {
      follower = newFollower
      for (const { entries } of kept.values()) entries.forEach(newFollower)
    },
    clear: () => kept.clear(),
  }
}

/** The last entry is kept however long it is. */
const isTooMuch = ({ entries, characters }: Kept) =>
  entries.length > MOST_ENTRIES || (characters > MOST_CHARACTERS && entries.length > 1)

/** Dropping a quarter at a time makes the cost of a full log a constant one. */
function dropQuarter(kept: Kept): void {
  const most = Math.min(Math.ceil(kept.entries.length / 4), kept.entries.length - 1)
  for (const { text } of kept.entries.splice(0, most)) kept.characters -= text.length
}
