/** Which messages of a queue can be received, and when the next one can. */
import type { Message, Queue } from './state.ts'

/** The first `most` messages that can be received at `now`, in order. */
export function availableMessages(queue: Queue, now: number, most: number): Message[] {
  return queue.fifo ? availableInGroups(queue, now, most) : longestVisible(queue.messages, now, most)
}

/**
 * Those that could have been received for longest: a message that comes back stands behind those that nobody has seen,
 * or a few that always fail would keep all others waiting for ever.
 */
function longestVisible(messages: readonly Message[], now: number, most: number): Message[] {
  const found: Message[] = []
  for (const message of messages) {
    const last = found.length === most ? found.at(-1) : undefined
    // Messages are in order of `sentAt`, and none is visible before that.
    if (last && message.sentAt >= last.visibleAt) break
    if (message.visibleAt > now || (last && message.visibleAt >= last.visibleAt)) continue
    const before = found.findLastIndex(({ visibleAt }) => visibleAt <= message.visibleAt)
    found.splice(before + 1, 0, message)
    if (found.length > most) found.pop()
  }
  return found
}

function availableInGroups(queue: Queue, now: number, most: number): Message[] {
  const blocked = blockedGroups(queue, now)
  const found: Message[] = []
  for (const message of queue.messages) {
    if (found.length === most) break
    const group = message.groupId ?? ''
    if (blocked.has(group)) continue
    if (message.visibleAt <= now) found.push(message)
    else blocked.add(group)
  }
  return found
}

/** The earliest time, not before `now`, at which a message can be received if nothing else happens. */
export function nextAvailableAt(queue: Queue, now: number): number | undefined {
  const times = queue.fifo
    ? groupTimes(queue, now)
    : queue.messages.values().map(({ visibleAt }) => visibleAt)
  let least: number | undefined
  for (const at of times) {
    if (at <= now) return now
    least = Math.min(least ?? at, at)
  }
  return least
}

/** Whether somebody has received the message and may still delete it: then nobody else receives it. */
export function isInFlight(message: Message, now: number): boolean {
  return message.receipt !== undefined && message.visibleAt > now
}

/** SQS Developer Guide, FIFO delivery logic: a group with a message in flight gives no other. */
function blockedGroups(queue: Queue, now: number): Set<string> {
  return new Set(queue.messages.filter((m) => isInFlight(m, now)).map((m) => m.groupId ?? ''))
}

/** When each group gives its first message: when that is visible and none of the group is in flight. */
function groupTimes(queue: Queue, now: number): Iterable<number> {
  const times = new Map<string, number>()
  for (const message of queue.messages) {
    const group = message.groupId ?? ''
    const before = times.get(group)
    if (before === undefined) times.set(group, message.visibleAt)
    else if (isInFlight(message, now)) times.set(group, Math.max(before, message.visibleAt))
  }
  return times.values()
}
