/** Who asks, and why: what every change by hand is written down with. */
import { userInfo } from 'node:os'
import { type Command, InvalidArgumentError } from 'commander'

/** The person at the terminal and the command, such as `ann (capstan service pause)`. */
export function authorOf(command: string): string {
  return `${userName()} (capstan ${command})`
}

/** A container may run under a number that has no name. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return process.env.USER ?? `user ${process.getuid?.() ?? '?'}`
  }
}

/** Adds `--reason`, without which nothing is changed by hand. */
export function withReason(command: Command): Command {
  return command.requiredOption('--reason <text>', 'why; it is written down with your name', parseReason)
}

/** Throws what commander shows where there is nothing in `text`. The full stop is the sentence's that quotes it. */
export function parseReason(text: string): string {
  const reason = text.trim().replace(/\.$/, '')
  if (!reason) throw new InvalidArgumentError('Say why in a few words: others will read it.')
  return reason
}
