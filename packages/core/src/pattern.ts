/** Globs and regular expressions over tags, refused where they could take forever. */
import picomatch from 'picomatch/posix.js'
import { messageOf } from './failure.ts'

/** No pattern needs more; a tag has at most 128 characters. */
export const MAX_PATTERN_LENGTH = 256
// Each unbounded wildcard may cost another factor of the tag's length, so their number is bounded.
const MAX_WILDCARDS = 6

const GLOB_OPTIONS = { dot: true, nonegate: true, noextglob: true, nobrace: false, strictBrackets: true }

/** What is wrong with a glob, as the end of a sentence that begins with its name; `undefined` if nothing is. */
export function globProblem(pattern: string): string | undefined {
  if (pattern === '') return 'is empty; write * to match every tag'
  if (pattern.length > MAX_PATTERN_LENGTH) return tooLong(pattern)
  if (count(pattern, /\*+/g) > MAX_WILDCARDS) return `has more than ${MAX_WILDCARDS} wildcards; write fewer`
  try {
    compileGlob(pattern)
    return undefined
  } catch (cause) {
    return `does not parse (${messageOf(cause)}); check its brackets`
  }
}

/** Whether a tag matches the whole glob: `*`, `?`, `[a-z]` and `{a,b}`. */
export function compileGlob(pattern: string): (tag: string) => boolean {
  return picomatch(pattern, GLOB_OPTIONS)
}

/** What is wrong with a regular expression and the group it extracts, as `globProblem` tells it. */
export function regexProblem(pattern: string, extract: string | undefined): string | undefined {
  if (pattern === '') return 'is empty; write .* to match every tag'
  if (pattern.length > MAX_PATTERN_LENGTH) return tooLong(pattern)
  try {
    new RegExp(pattern)
  } catch (cause) {
    const hint = pattern.includes('(?P<')
      ? 'a named group is written (?<name>…)'
      : 'check its brackets and escapes'
    return `does not compile (${messageOf(cause)}); ${hint}`
  }
  return slowness(pattern) ?? missingGroup(pattern, extract)
}

/**
 * Why a pattern may backtrack for longer than anyone waits: a repeated group that repeats or chooses inside can split
 * the same text in exponentially many ways. Some harmless patterns are refused too; each can be written without.
 */
function slowness(pattern: string): string | undefined {
  const plain = pattern.replace(/\\./g, 'x').replace(/\[(?:[^\]])*\]/g, 'x')
  if (count(plain, /[*+]|\{\d+,\}/g) > MAX_WILDCARDS)
    return `repeats more than ${MAX_WILDCARDS} times; write it with fewer * and +`
  return repeatsNested(plain)
    ? 'repeats a group that itself repeats or chooses, which can take forever; write it without the outer or the inner * or +'
    : undefined
}

function repeatsNested(plain: string): boolean {
  const open: boolean[] = []
  for (let index = 0; index < plain.length; index++) {
    const rest = plain.slice(index)
    if (plain[index] === '(') open.push(false)
    else if (plain[index] === ')') {
      const branches = open.pop() ?? false
      const repeated = /^\)(?:[*+]|\{\d+(?:,\d*)?\})/.test(rest)
      if (branches && repeated) return true
      if (branches || repeated) markOuter(open)
    } else if (/^(?:[*+|]|\{\d+,\d*\})/.test(rest)) markOuter(open)
  }
  return false
}

function markOuter(open: boolean[]): void {
  if (open.length > 0) open[open.length - 1] = true
}

function missingGroup(pattern: string, extract: string | undefined): string | undefined {
  if (extract === undefined) return undefined
  // With an empty alternative it matches the empty text, and the match lists every group there is.
  const groups = new RegExp(`${pattern}|`).exec('')
  const names = [
    ...Array.from(groups ?? [], (_, index) => String(index)),
    ...Object.keys(groups?.groups ?? {}),
  ]
  return names.includes(extract) ? undefined : `has no group ${extract}; write one of ${names.join(', ')}`
}

function tooLong(pattern: string): string {
  return `is ${pattern.length} characters long; write at most ${MAX_PATTERN_LENGTH}`
}

function count(text: string, what: RegExp): number {
  return [...text.matchAll(what)].length
}
