/**
 * Matches events with compiled patterns. An event is taken apart once, for all rules: its leaf values by path, each
 * with its places in arrays, because fields that match together must be of the same element of an array.
 */
import { isRecord } from '../json.ts'
import type { Leaf, Test } from './operator.ts'
import type { FieldTests, Pattern } from './pattern.ts'

/** Which element of which array (by number) a value is in. */
type Places = ReadonlyMap<number, number>

interface Value {
  readonly leaf: Leaf
  readonly places: Places
}

/** An event's leaf values by path: names joined by dots, arrays crushed out. */
export type FlatEvent = ReadonlyMap<string, readonly Value[]>

/** Takes an event apart. */
export function flattenEvent(event: object): FlatEvent {
  const found = new Map<string, Value[]>()
  let arrays = 0
  const visit = (part: unknown, path: string, places: Places): void => {
    if (Array.isArray(part)) {
      const array = arrays++
      part.forEach((element, index) => {
        visit(element, path, isPlain(element) ? places : new Map(places).set(array, index))
      })
    } else if (isRecord(part)) {
      for (const [name, below] of Object.entries(part)) visit(below, path ? `${path}.${name}` : name, places)
    } else if (part !== undefined) {
      const values = found.get(path) ?? []
      values.push({ leaf: part as Leaf, places })
      found.set(path, values)
    }
  }
  visit(event, '', new Map())
  return found
}

const isPlain = (element: unknown) => typeof element !== 'object' || element === null

/** Whether all fields and one of each set of alternatives match, consistently within arrays. */
export function matchesPattern(pattern: Pattern, event: FlatEvent): boolean {
  return solve(pattern, event, new Map())
}

/** The field with the fewest ways to match goes first: none at all ends the search, few keep it short. */
function solve({ fields, alternatives }: Pattern, event: FlatEvent, places: Places): boolean {
  if (!fields.length) return solveAlternatives(alternatives, event, places)
  const ways = fields.map((field) => solutions(field, event, places))
  const fewest = Math.min(...ways.map((found) => found.length))
  const first = ways.findIndex((found) => found.length === fewest)
  const rest: Pattern = { fields: fields.toSpliced(first, 1), alternatives }
  return ways[first]?.some((narrowed) => solve(rest, event, narrowed)) ?? false
}

function solveAlternatives(
  [options, ...rest]: Pattern['alternatives'],
  event: FlatEvent,
  places: Places,
): boolean {
  if (!options) return true
  return options.some(({ fields, alternatives }) =>
    solve({ fields, alternatives: [...alternatives, ...rest] }, event, places),
  )
}

/** The ways in which the field matches: each as the array elements that all other fields must agree with. */
function solutions({ path, tests }: FieldTests, event: FlatEvent, places: Places): Places[] {
  const values = event.get(path) ?? []
  if (!values.length) return tests.some((test) => test.kind === 'absent') ? [places] : []
  const accepted = values.filter(({ leaf }) => tests.some((test) => accepts(test, leaf)))
  return [...new Set(accepted.flatMap((value) => join(places, value.places) ?? []))]
}

const accepts = (test: Test, leaf: Leaf) => test.kind === 'value' && test.accepts(leaf)

/** Both sets of places together; nothing if they name different elements of one array. */
function join(some: Places, others: Places): Places | undefined {
  let isNew = false
  for (const [array, index] of others) {
    const known = some.get(array)
    if (known === undefined) isNew = true
    else if (known !== index) return undefined
  }
  return isNew ? new Map([...some, ...others]) : some
}
