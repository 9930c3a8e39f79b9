/** What the data plane keeps of the traffic itself: whose turn it is, and what is open to which target. */

export interface Traffic {
  /** How many requests the group has had; counts this one. */
  turnOf(groupArn: string): number
  /** How many requests and connections are open to a target (`id:port`) of a group. */
  openTo(groupArn: string, target: string): number
  /** Notes something open to a target; `cut` ends it by force. Call what is returned when it has ended. */
  open(groupArn: string, target: string, cut: () => void): () => void
  /** Ends all that is open to a target by force. */
  cutAll(groupArn: string, target: string): void
  /** Ends everything by force and forgets the turns. */
  reset(): void
}

export function createTraffic(): Traffic {
  const turns = new Map<string, number>()
  const opened = new Map<string, Set<() => void>>()
  const cut = (key: string) => {
    const cuts = opened.get(key) ?? []
    for (const each of [...cuts]) each()
  }
  return {
    turnOf(groupArn) {
      const turn = turns.get(groupArn) ?? 0
      turns.set(groupArn, turn + 1)
      return turn
    },
    openTo: (groupArn, target) => opened.get(keyOf(groupArn, target))?.size ?? 0,
    open(groupArn, target, end) {
      const key = keyOf(groupArn, target)
      const cuts = opened.get(key) ?? new Set()
      opened.set(key, cuts.add(end))
      return () => {
        cuts.delete(end)
        if (!cuts.size && opened.get(key) === cuts) opened.delete(key)
      }
    },
    cutAll: (groupArn, target) => cut(keyOf(groupArn, target)),
    reset() {
      for (const key of [...opened.keys()]) cut(key)
      opened.clear()
      turns.clear()
    },
  }
}

const keyOf = (groupArn: string, target: string) => `${groupArn} ${target}`
