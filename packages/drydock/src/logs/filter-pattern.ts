/**
 * Filter patterns for unstructured events: terms, quoted phrases, `?optional` and `-excluded` ones (CloudWatch Logs
 * User Guide: filter pattern syntax). Case matters. A term is found anywhere in the text, inside of a word too.
 */
import { invalidParameter, unsupported } from './errors.ts'

/** Whether an event's text matches. */
export type Matches = (text: string) => boolean

const LONGEST_PATTERN = 1024
const TERM = /\s*([-?]?)(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))(?=\s|$)/y

/** Reads a pattern; an empty one matches everything. Throws InvalidParameterException for what is none. */
export function parseFilterPattern(pattern = ''): Matches {
  if (pattern.length > LONGEST_PATTERN) throw invalidParameter('The filter pattern is too long.')
  const text = pattern.trim()
  if (/^[{[]/.test(text)) throw unsupported('A filter pattern for JSON or for events with columns')
  if (/^%/.test(text)) throw unsupported('A regular expression in a filter pattern')
  const terms = termsOf(text)
  const of = (sign: string) => terms.filter((term) => term.sign === sign).map(({ value }) => value)
  const [required, excluded, optional] = [of(''), of('-'), of('?')]
  // Beside other terms the optional ones are ignored: the guide says so.
  if (!required.length && !excluded.length && optional.length)
    return (message) => optional.some((term) => message.includes(term))
  return (message) =>
    required.every((term) => message.includes(term)) && !excluded.some((term) => message.includes(term))
}

interface Term {
  readonly sign: string
  readonly value: string
}

function termsOf(text: string): Term[] {
  const terms: Term[] = []
  TERM.lastIndex = 0
  while (TERM.lastIndex < text.length) {
    const found = TERM.exec(text)
    if (!found) throw invalidParameter('Invalid filter pattern')
    const [, sign = '', phrase, word = ''] = found
    if (phrase === undefined && /\W/.test(word))
      throw invalidParameter(`Invalid character(s) in term '${word}'`)
    terms.push({ sign, value: phrase === undefined ? word : phrase.replace(/\\(.)/g, '$1') })
  }
  return terms
}
