/** The comparison operators of event patterns: each is compiled once into a test of one leaf value of an event. */

import ipaddr from 'ipaddr.js'
import { isRecord } from '../json.ts'
import { InvalidPattern } from './invalid-pattern.ts'
import { compileWildcard } from './wildcard.ts'

/** A value without parts. */
export type Leaf = string | number | boolean | null

/** What is asked of a field: one of its values is accepted, or there is none. */
export type Test = { readonly kind: 'value'; readonly accepts: Accepts } | { readonly kind: 'absent' }
export type Accepts = (value: Leaf) => boolean

/** EventBridge User Guide, numeric matching: the range of values. */
const LARGEST_NUMBER = 5e9

const OPERATORS: Readonly<Record<string, (operand: unknown, at: string) => Test>> = {
  prefix: (operand, at) => value(affix(operand, at, startsWith)),
  suffix: (operand, at) => value(affix(operand, at, endsWith)),
  'equals-ignore-case': (operand, at) => value(equalsIgnoreCase(text(operand, at))),
  wildcard: (operand, at) => value(onText(compileWildcard(text(operand, at), at))),
  numeric: (operand, at) => value(numeric(operand, at)),
  cidr: (operand, at) => value(cidr(operand, at)),
  'anything-but': (operand, at) => value(anythingBut(operand, at)),
  exists(operand, at) {
    if (typeof operand !== 'boolean')
      throw new InvalidPattern('exists match pattern must be either true or false', at)
    return operand ? value(() => true) : { kind: 'absent' }
  },
}

/** The names that mark an object as an operator rather than as fields. */
export const operatorNames: ReadonlySet<string> = new Set(Object.keys(OPERATORS))

/** Compiles one element of a field's array. Throws InvalidPattern. */
export function compileTest(element: unknown, at: string): Test {
  if (isLeaf(element)) return value(equals(element))
  if (!isRecord(element))
    throw new InvalidPattern('Match value must be String, number, true, false, or null', at)
  const [[name, operand] = [], ...more] = Object.entries(element)
  if (name === undefined) throw new InvalidPattern('Empty objects are not allowed', at)
  if (more.length) throw new InvalidPattern('Only one key allowed in match expression', at)
  const compile = operatorNames.has(name) ? OPERATORS[name] : undefined
  if (!compile) throw new InvalidPattern(`Unrecognized match type ${name}`, at)
  return compile(operand, `${at}.${name}`)
}

function isLeaf(candidate: unknown): candidate is Leaf {
  return candidate === null || ['string', 'number', 'boolean'].includes(typeof candidate)
}

const value = (accepts: Accepts): Test => ({ kind: 'value', accepts })
const equals =
  (wanted: Leaf): Accepts =>
  (leaf) =>
    leaf === wanted
const onText =
  (accepts: (text: string) => boolean): Accepts =>
  (leaf) =>
    typeof leaf === 'string' && accepts(leaf)
const equalsIgnoreCase = (wanted: string) => onText((leaf) => fold(leaf) === fold(wanted))
const startsWith = (leaf: string, part: string) => leaf.startsWith(part)
const endsWith = (leaf: string, part: string) => leaf.endsWith(part)
const fold = (folded: string) => folded.toLowerCase()

function text(operand: unknown, at: string): string {
  if (typeof operand === 'string') return operand
  throw new InvalidPattern('Match expression must be a string', at)
}

function affix(operand: unknown, at: string, fits: (leaf: string, part: string) => boolean): Accepts {
  if (!isRecord(operand)) {
    const part = text(operand, at)
    return onText((leaf) => fits(leaf, part))
  }
  const part = fold(text(only(operand, 'equals-ignore-case', at), `${at}.equals-ignore-case`))
  return onText((leaf) => fits(fold(leaf), part))
}

function only(operand: Record<string, unknown>, name: string, at: string): unknown {
  const strange = Object.keys(operand).find((key) => key !== name)
  if (strange !== undefined)
    throw new InvalidPattern(`Unsupported expression ${strange}: only ${name} is possible here`, at)
  return operand[name]
}

/** `["=", n]`, one bound, or a lower bound followed by an upper one that is greater. */
function numeric(operand: unknown, at: string): Accepts {
  if (!Array.isArray(operand)) throw new InvalidPattern('Value of numeric must be an array', at)
  if (!operand.length) throw new InvalidPattern('Invalid member in numeric match: empty', at)
  const bounds: Bound[] = []
  for (let index = 0; index < operand.length; index += 2) {
    bounds.push(bound(operand[index], operand[index + 1], `${at}[${index}]`))
  }
  const [first, second, ...more] = bounds
  const isRange = first?.sign.startsWith('>') && second?.sign.startsWith('<')
  if (more.length || (second && !isRange))
    throw new InvalidPattern('Too many terms in numeric range expression', at)
  if (first && second && first.limit >= second.limit)
    throw new InvalidPattern('Bottom must be less than top', at)
  return (leaf) => typeof leaf === 'number' && inRange(leaf) && bounds.every(({ holds }) => holds(leaf))
}

interface Bound {
  readonly sign: string
  readonly limit: number
  readonly holds: (leaf: number) => boolean
}

function bound(sign: unknown, limit: unknown, at: string): Bound {
  if (typeof sign !== 'string')
    throw new InvalidPattern(`Invalid member in numeric match: ${String(sign)}`, at)
  if (typeof limit !== 'number') throw new InvalidPattern(`Value of ${sign} must be numeric`, at)
  if (!inRange(limit)) throw new InvalidPattern('Value must be between -5.0E9 and 5.0E9, inclusive', at)
  const compare: Record<string, (leaf: number) => boolean> = {
    '=': (leaf) => leaf === limit,
    '<': (leaf) => leaf < limit,
    '<=': (leaf) => leaf <= limit,
    '>': (leaf) => leaf > limit,
    '>=': (leaf) => leaf >= limit,
  }
  const holds = Object.hasOwn(compare, sign) ? compare[sign] : undefined
  if (!holds) throw new InvalidPattern(`Unrecognized numeric range operator: ${sign}`, at)
  return { sign, limit, holds }
}

const inRange = (number: number) => Math.abs(number) <= LARGEST_NUMBER

/** EventBridge User Guide, IP address matching: IPv4 and IPv6. */
function cidr(operand: unknown, at: string): Accepts {
  const block = text(operand, at)
  if (!ipaddr.isValidCIDR(block)) throw new InvalidPattern(`Malformed CIDR: ${block}`, at)
  const [network, bits] = ipaddr.parseCIDR(block)
  return onText((leaf) => {
    if (!ipaddr.isValid(leaf)) return false
    const address = ipaddr.parse(leaf)
    return address.kind() === network.kind() && address.match(network, bits)
  })
}

/** Anything but a value, a list of values of one kind, or what one or several prefixes and the like describe. */
function anythingBut(operand: unknown, at: string): Accepts {
  const refused = isRecord(operand) ? describedOf(operand, at) : valuesOf(operand, at).map(equals)
  return (leaf) => !refused.some((accepts) => accepts(leaf))
}

function valuesOf(operand: unknown, at: string): (string | number)[] {
  const list: unknown[] = Array.isArray(operand) ? operand : [operand]
  if (!list.length) throw new InvalidPattern('Empty arrays are not allowed', at)
  if (list.every((item) => typeof item === 'string') || list.every((item) => typeof item === 'number'))
    return list
  const mixed = Array.isArray(operand) && list.every((item) => ['string', 'number'].includes(typeof item))
  throw new InvalidPattern(
    mixed
      ? 'Inside anything but list, either all values are number or string, mixed type is not supported'
      : 'Value of anything-but must be an array or single string/number value',
    at,
  )
}

const DESCRIPTIONS: Readonly<Record<string, (part: string, at: string) => Accepts>> = {
  prefix: (part) => onText((leaf) => leaf.startsWith(part)),
  suffix: (part) => onText((leaf) => leaf.endsWith(part)),
  'equals-ignore-case': (part) => equalsIgnoreCase(part),
  wildcard: (part, at) => onText(compileWildcard(part, at)),
}

function describedOf(operand: Record<string, unknown>, at: string): Accepts[] {
  const [[name, parts] = [], ...more] = Object.entries(operand)
  if (name === undefined) throw new InvalidPattern('Empty objects are not allowed', at)
  const describe = Object.hasOwn(DESCRIPTIONS, name) ? DESCRIPTIONS[name] : undefined
  if (!describe) throw new InvalidPattern(`Unsupported anything-but pattern: ${name}`, at)
  if (more.length) throw new InvalidPattern('Only one key allowed in match expression', at)
  const list: unknown[] = Array.isArray(parts) ? parts : [parts]
  if (!list.length) throw new InvalidPattern('Empty arrays are not allowed', `${at}.${name}`)
  return list.map((part) => {
    if (typeof part !== 'string')
      throw new InvalidPattern(`${name} match pattern must be a string`, `${at}.${name}`)
    if (!part) throw new InvalidPattern(`Null ${name} not allowed`, `${at}.${name}`)
    return describe(part, `${at}.${name}`)
  })
}
