/** Which messages of a queue can be received, and when the next one can. */
import type { Message, Queue } from './state.ts'

/** The first `most` messages that can be received at `now`, in order. */
export function availableMessages(queue: Queue, now: number, most: number): Message[] {
  const blocked = queue.fifo ? blockedGroups(queue, now) : undefined
  const found: Message[] = []
  for (const message of queue.messages) {
    if (found.length === most) break
    if (blocked?.has(message.groupId ?? '')) continue
    if (message.visibleAt <= now) found.push(message)
    else blocked?.add(message.groupId ?? '')
  }
  return found
}

/** The earliest time, not before `now`, at which a message can be received if nothing else happens. */
export function nextAvailableAt(queue: Queue, now: number): number | undefined {
  const times = queue.fifo ? groupTimes(queue, now) : queue.messages.map((message) => message.visibleAt)
  let least: number | undefined
  for (const at of times) least = Math.min(least ?? at, at)
  return least === undefined ? undefined : Math.max(least, now)
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
function groupTimes(queue: Queue, now: number): number[] {
  const times = new Map<string, number>()
  for (const message of queue.messages) {
    const group = message.groupId ?? ''
    const before = times.get(group)
    if (before === undefined) times.set(group, message.visibleAt)
    else if (isInFlight(message, now)) times.set(group, Math.max(before, message.visibleAt))
  }
  return [...times.values()]
}
