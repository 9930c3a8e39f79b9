/** How an image is chosen among a repository's tags: the policies, and how they are written in tags and in the config file. */
import validRange from 'semver/ranges/valid.js'
import { Failure } from './failure.ts'
import { isTag } from './image.ts'
import { nearest } from './nearest.ts'
import { globProblem, MAX_PATTERN_LENGTH, regexProblem } from './pattern.ts'

export type Order = 'numeric' | 'alphabetical' | 'timestamp' | 'semver'

export type Policy =
  /** The highest version within the range. A short commit hash or a lone number is not a version. */
  | { readonly kind: 'semver'; readonly range: string; readonly prerelease: boolean }
  /** The highest of the tags that match: ordered by the whole tag, or else by what stands between the glob's fixed ends. */
  | { readonly kind: 'glob'; readonly pattern: string; readonly order: Order }
  /** `extract` names the group (a number or a name) whose text is ordered; the whole tag without it. */
  | { readonly kind: 'regex'; readonly pattern: string; readonly extract?: string; readonly order: Order }
  /** The image pushed last among the tags with this prefix. */
  | { readonly kind: 'newest'; readonly prefix: string }
  /** Whatever digest this one tag points to. */
  | { readonly kind: 'tag'; readonly tag: string }
  | { readonly kind: 'off' }

/** A policy as the config file may spell it: the short form, or the same with what the short form cannot say. */
export type PolicyInput =
  | string
  | { readonly kind: 'semver'; readonly range: string; readonly prerelease?: boolean }
  | { readonly kind: 'glob'; readonly pattern: string; readonly order?: Order }
  | {
      readonly kind: 'regex'
      readonly pattern: string
      readonly extract?: string | number
      readonly order?: Order
    }
  | { readonly kind: 'newest'; readonly prefix: string }
  | { readonly kind: 'tag'; readonly tag: string }
  | { readonly kind: 'off' }

const ORDERS = ['numeric', 'alphabetical', 'timestamp', 'semver'] as const satisfies readonly Order[]
const KINDS = ['semver', 'tag', 'newest', 'off', 'glob', 'regex'] as const satisfies readonly Policy['kind'][]
const EXAMPLES = 'semver:1.x, tag:main, newest:main- or off'

/** The properties that each kind takes in its object form, and which of them it needs. */
const PROPERTIES: Readonly<Record<Policy['kind'], { needs?: string; takes: readonly string[] }>> = {
  semver: { needs: 'range', takes: ['prerelease'] },
  glob: { needs: 'pattern', takes: ['order'] },
  regex: { needs: 'pattern', takes: ['extract', 'order'] },
  newest: { needs: 'prefix', takes: [] },
  tag: { needs: 'tag', takes: [] },
  off: { takes: [] },
}

/**
 * Reads a policy's short form: `kind:argument` or `off`. ECS tag values hold only letters, digits, spaces and
 * `+ - = . _ : / @`, so globs and regular expressions can be written in the config file alone.
 *
 * Throws `Failure` INVALID_CONFIG with a sentence that says what to write instead.
 */
export function parsePolicy(text: string): Policy {
  const written = text.trim()
  if (written === 'off') return { kind: 'off' }
  const colon = written.indexOf(':')
  if (colon < 0)
    throw invalid(`"${written}" is not a policy, because it names no kind; write ${withKind(written)}`)
  const kind = KINDS.find((known) => known === written.slice(0, colon))
  if (kind === undefined) throw unknownKind(written.slice(0, colon), written.slice(colon + 1))
  return policyOf(kind, written.slice(colon + 1).trim(), {})
}

/**
 * Reads what the config file gives as a policy: the short form or an object.
 *
 * Throws `Failure` INVALID_CONFIG with a sentence that says what to write instead.
 */
export function parsePolicyInput(input: unknown): Policy {
  if (typeof input === 'string') return parsePolicy(input)
  if (!isRecord(input))
    throw invalid(`a policy is text or an object, not ${nameType(input)}; write ${EXAMPLES}`)
  const kind = KINDS.find((known) => known === input.kind)
  if (kind === undefined) throw unknownKind(String(input.kind), undefined)
  const { needs, takes } = PROPERTIES[kind]
  const allowed = ['kind', ...(needs === undefined ? [] : [needs]), ...takes]
  for (const key of Object.keys(input)) {
    if (allowed.includes(key)) continue
    throw invalid(
      `a ${kind} policy has no ${key}; write ${nearest(key, allowed) ?? `only ${allowed.join(', ')}`}`,
    )
  }
  const argument = needs === undefined ? '' : input[needs]
  if (typeof argument !== 'string')
    throw invalid(`a ${kind} policy needs its ${needs} as text, not ${nameType(argument)}`)
  return policyOf(kind, argument, input)
}

type Options = Readonly<Record<string, unknown>>

function policyOf(kind: Policy['kind'], argument: string, options: Options): Policy {
  switch (kind) {
    case 'semver':
      return semverPolicy(argument, options)
    case 'glob':
      return (
        refuse(`the glob ${argument}`, globProblem(argument)) ?? {
          kind,
          pattern: argument,
          order: orderOf(options),
        }
      )
    case 'regex':
      return regexPolicy(argument, options)
    case 'newest':
      return newestPolicy(argument)
    case 'tag':
      if (isTag(argument)) return { kind, tag: argument }
      throw invalid(
        `"${argument}" cannot be a tag; write one of at most 128 letters, digits, dots, dashes and underscores, such as tag:main`,
      )
    case 'off':
      if (argument === '') return { kind }
      throw invalid(`off takes nothing after it, but "${argument}" follows; write off`)
  }
}

function semverPolicy(range: string, options: Options): Policy {
  const prerelease = options.prerelease ?? false
  if (typeof prerelease !== 'boolean')
    throw invalid(`prerelease is true or false, not ${nameType(prerelease)}`)
  if (range === '')
    throw invalid('semver: needs a range after it; write semver:1.x, or semver:* for every version')
  if (range.length > MAX_PATTERN_LENGTH || validRange(range) === null) {
    const instead = isTag(range)
      ? `semver:1.x, or tag:${range} to follow that tag`
      : 'a range such as semver:1.x'
    throw invalid(`"${range}" is not a range of versions; write ${instead}`)
  }
  return { kind: 'semver', range, prerelease }
}

function regexPolicy(pattern: string, options: Options): Policy {
  const given = options.extract
  if (given !== undefined && typeof given !== 'string' && typeof given !== 'number') {
    throw invalid(`extract is the number or the name of a group, not ${nameType(given)}`)
  }
  const extract = given === undefined ? undefined : String(given)
  refuse(`the regular expression ${pattern}`, regexProblem(pattern, extract))
  return { kind: 'regex', pattern, ...(extract !== undefined && { extract }), order: orderOf(options) }
}

function newestPolicy(prefix: string): Policy {
  if (prefix === '' || isTag(prefix)) return { kind: 'newest', prefix }
  const star = prefix.endsWith('*')
    ? `; write newest:${prefix.slice(0, -1)}`
    : '; write newest:main-, or newest: for all tags'
  throw invalid(`"${prefix}" cannot begin a tag${star}`)
}

function orderOf(options: Options): Order {
  if (options.order === undefined) return 'alphabetical'
  const order = ORDERS.find((known) => known === options.order)
  if (order !== undefined) return order
  const meant = nearest(String(options.order), ORDERS)
  throw invalid(`there is no order "${String(options.order)}"; write ${meant ?? ORDERS.join(', ')}`)
}

function refuse(subject: string, problem: string | undefined): undefined {
  if (problem !== undefined) throw invalid(`${subject} ${problem}`)
}

function unknownKind(kind: string, argument: string | undefined): Failure {
  const meant = nearest(kind, KINDS)
  if (meant === undefined) return invalid(`there is no policy "${kind}"; write ${EXAMPLES}`)
  const instead = argument === undefined ? `kind: '${meant}'` : `${meant}:${argument}`
  return invalid(`there is no policy "${kind}"; write ${meant === 'off' ? 'off' : instead}`)
}

function withKind(text: string): string {
  if (text === '') return EXAMPLES
  const kind = nearest(text, KINDS)
  if (kind === 'off') return 'off'
  if (kind !== undefined)
    return kind === 'newest' ? 'newest: or newest:main-' : `${kind}: with what it is to follow`
  if (validRange(text) !== null) return `semver:${text}`
  return isTag(text) ? `tag:${text} to follow that tag` : EXAMPLES
}

/** The policy in its short form, with what the short form cannot say in parentheses; for people. */
export function formatPolicy(policy: Policy): string {
  switch (policy.kind) {
    case 'semver':
      return `semver:${policy.range}${policy.prerelease ? ' (pre-releases too)' : ''}`
    case 'glob':
      return `glob:${policy.pattern} (${policy.order})`
    case 'regex':
      return `regex:${policy.pattern} (${policy.order}${policy.extract === undefined ? '' : ` by ${policy.extract}`})`
    case 'newest':
      return `newest:${policy.prefix}`
    case 'tag':
      return `tag:${policy.tag}`
    case 'off':
      return 'off'
  }
}

function invalid(sentence: string): Failure {
  return new Failure('INVALID_CONFIG', sentence)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function nameType(value: unknown): string {
  if (value === undefined) return 'missing'
  if (value === null) return 'null'
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`
}
