/** Compiles an event pattern: fields that must all match, and alternatives (`$or`) of which one must. */

import { isRecord } from '../json.ts'
import { messageOf } from '../message-of.ts'
import { InvalidPattern } from './invalid-pattern.ts'
import { compileTest, operatorNames, type Test } from './operator.ts'

/** A field of the event by its path (names joined by dots), and the tests of which one must hold. */
export interface FieldTests {
  readonly path: string
  readonly tests: readonly Test[]
}

/** All of `fields` and one alternative of each of `alternatives`. */
export interface Pattern {
  readonly fields: readonly FieldTests[]
  readonly alternatives: readonly (readonly Pattern[])[]
}

/** EventBridge User Guide, matching with `$or`: more combinations of alternatives are refused. */
const MOST_COMBINATIONS = 1000

/**
 * Compiles the JSON text of an event pattern. Throws InvalidPattern, which names the place.
 * Source: EventBridge User Guide, "Creating event patterns" and "Comparison operators".
 */
export function compilePattern(json: string): Pattern {
  const pattern = compileObject(parse(json), '', '$')
  if (combinations(pattern) > MOST_COMBINATIONS) {
    throw new InvalidPattern(`Rule is too complex: more than ${MOST_COMBINATIONS} combinations of $or`, '$')
  }
  return pattern
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch (error) {
    throw new InvalidPattern(`Not valid JSON: ${messageOf(error)}`, '$')
  }
}

function compileObject(candidate: unknown, path: string, at: string): Pattern {
  if (!isRecord(candidate)) throw new InvalidPattern('Filter is not an object', at)
  const entries = Object.entries(candidate)
  if (!entries.length) throw new InvalidPattern('Empty objects are not allowed', at)
  const fields: FieldTests[] = []
  const alternatives: Pattern[][] = []
  for (const [name, part] of entries) {
    const place = `${at}.${name}`
    const below = path ? `${path}.${name}` : name
    if (name === '$or' && isAlternatives(part)) {
      alternatives.push(part.map((option, index) => compileObject(option, path, `${place}[${index}]`)))
    } else if (Array.isArray(part)) {
      fields.push({ path: below, tests: compileTests(part, place) })
    } else if (isRecord(part)) {
      const nested = compileObject(part, below, place)
      fields.push(...nested.fields)
      alternatives.push(...nested.alternatives.map((options) => [...options]))
    } else throw new InvalidPattern(`"${name}" must be an object or an array`, place)
  }
  return { fields, alternatives }
}

function compileTests(list: readonly unknown[], at: string): Test[] {
  if (!list.length) throw new InvalidPattern('Empty arrays are not allowed', at)
  return list.map((element, index) => compileTest(element, `${at}[${index}]`))
}

/** `$or` is the operator if it holds two or more objects of fields; else it is a field of that name. */
function isAlternatives(part: unknown): part is Record<string, unknown>[] {
  if (!Array.isArray(part) || part.length < 2) return false
  return part.every(
    (option) => isRecord(option) && !Object.keys(option).some((name) => operatorNames.has(name)),
  )
}

function combinations({ alternatives }: Pattern): number {
  return alternatives.reduce(
    (product, options) => product * options.reduce((sum, o) => sum + combinations(o), 0),
    1,
  )
}
