/** The last log entries of every function, in memory. */

/** How many entries a function keeps. */
const MOST_ENTRIES = 5000

/** One log entry; it may have several lines. */
export interface FunctionLogEntry {
  /** Wall-clock milliseconds since the epoch. */
  readonly at: number
  readonly functionArn: string
  readonly logGroup: string
  readonly logStream: string
  readonly text: string
}

export interface FunctionLogs {
  write(entry: FunctionLogEntry): void
  /** Oldest first. */
  of(functionArn: string): readonly FunctionLogEntry[]
  clear(): void
}

/** Keeps entries and passes each on to `onLog`. */
export function functionLogs(onLog: ((entry: FunctionLogEntry) => void) | undefined): FunctionLogs {
  const kept = new Map<string, FunctionLogEntry[]>()
  return {
    write(entry) {
      const entries = kept.get(entry.functionArn) ?? []
      entries.push(entry)
      // Dropping a quarter at a time makes the cost of a full log a constant one.
      if (entries.length > MOST_ENTRIES) entries.splice(0, MOST_ENTRIES / 4)
      kept.set(entry.functionArn, entries)
      onLog?.(entry)
    },
    of: (functionArn) => [...(kept.get(functionArn) ?? [])],
    clear: () => kept.clear(),
  }
}
