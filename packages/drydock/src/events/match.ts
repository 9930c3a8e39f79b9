/**
 * Matches events with compiled patterns. An event is taken apart once, for all rules: its leaf values by path, each
 * with its places in arrays, because fields that match together must be of the same element of an array.
 */
import { isObject, type Leaf, type Test } from './operator.ts'
import type { FieldTests, Pattern } from './pattern.ts'

/** Which element of which array (by number) a value is in. */
type Places = ReadonlyMap<number, number>

interface Value {
  readonly leaf: Leaf
  readonly places: Places
}

/** An event's leaf values by path: names joined by dots, arrays crushed out. */
export type FlatEvent = ReadonlyMap<string, readonly Value[]>

export function flattenEvent(event: object): FlatEvent {
  const found = new Map<string, Value[]>()
  let arrays = 0
  const visit = (part: unknown, path: string, places: Places): void => {
    if (Array.isArray(part)) {
      const array = arrays++
      part.forEach((element, index) => {
        visit(element, path, isPlain(element) ? places : new Map(places).set(array, index))
      })
    } else if (isObject(part)) {
      for (const [name, below] of Object.entries(part)) visit(below, path ? `${path}.${name}` : name, places)
    } else if (part !== undefined) {
      const values = found.get(path) ?? []
      found.set(path, [...values, { leaf: part as Leaf, places }])
    }
  }
  visit(event, '', new Map())
  return found
}

const isPlain = (element: unknown) => typeof element !== 'object' || element === null

/** Whether all fields and one of each set of alternatives match, consistently within arrays. */
export function matchesPattern(pattern: Pattern, event: FlatEvent): boolean {
  return solve([pattern], [], event, new Map())
}

/** Depth first: a field, then an alternative, each narrowing the elements that the rest may be of. */
function solve(
  patterns: readonly Pattern[],
  fields: readonly FieldTests[],
  event: FlatEvent,
  places: Places,
): boolean {
  const [field, ...otherFields] = fields
  if (field) {
    return solutions(field, event, places).some((narrowed) => solve(patterns, otherFields, event, narrowed))
  }
  const [pattern, ...others] = patterns
  if (!pattern) return true
  const [options, ...more] = pattern.alternatives
  if (!options) return solve(others, pattern.fields, event, places)
  const rest: Pattern = { fields: pattern.fields, alternatives: more }
  return options.some((option) => solve([option, rest, ...others], [], event, places))
}

/** The ways in which the field matches: each as the array elements that all other fields must agree with. */
function solutions({ path, tests }: FieldTests, event: FlatEvent, places: Places): Places[] {
  const values = event.get(path) ?? []
  if (!values.length) return tests.some((test) => test.kind === 'absent') ? [places] : []
  return values
    .filter(({ leaf }) => tests.some((test) => accepts(test, leaf)))
    .flatMap((value) => join(places, value.places) ?? [])
}

const accepts = (test: Test, leaf: Leaf) => test.kind === 'value' && test.accepts(leaf)

/** Both sets of places together; nothing if they name different elements of one array. */
function join(some: Places, others: Places): Places | undefined {
  if (!others.size) return some
  for (const [array, index] of others) if ((some.get(array) ?? index) !== index) return undefined
  return new Map([...some, ...others])
}
