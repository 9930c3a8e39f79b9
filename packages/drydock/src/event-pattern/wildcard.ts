/** The wildcard operator: `*` is any number of characters, `\*` an asterisk, `\\` a backslash. */
import { InvalidPattern } from './invalid-pattern.ts'

/**
 * Compiles a wildcard pattern. Throws InvalidPattern for `**` and for any other escape.
 * Source: EventBridge User Guide, wildcard matching.
 */
export function compileWildcard(pattern: string, at: string): (text: string) => boolean {
  const [first = '', ...rest] = literals(pattern, at)
  const last = rest.pop()
  if (last === undefined) return (text) => text === first
  return (text) => text.startsWith(first) && inOrder(text, first.length, rest, last)
}

/** The texts between the asterisks. */
function literals(pattern: string, at: string): string[] {
  const parts = ['']
  const append = (character: string) => parts.push((parts.pop() ?? '') + character)
  for (let index = 0; index < pattern.length; index++) {
    const [character = '', next = ''] = pattern.slice(index, index + 2)
    if (character === '*') {
      if (next === '*') throw new InvalidPattern(`Consecutive wildcard characters at pos ${index}`, at)
      parts.push('')
    } else if (character === '\\') {
      if (next !== '*' && next !== '\\')
        throw new InvalidPattern(`Invalid escape character at pos ${index}`, at)
      append(next)
      index++
    } else append(character)
  }
  return parts
}

/** Each text at its earliest place after the one before, the last one at the end: linear for each text. */
function inOrder(text: string, start: number, middle: readonly string[], last: string): boolean {
  let from = start
  for (const part of middle) {
    const found = text.indexOf(part, from)
    if (found < 0) return false
    from = found + part.length
  }
  return text.length - last.length >= from && text.endsWith(last)
}
