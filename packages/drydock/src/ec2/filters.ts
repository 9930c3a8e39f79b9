/** Filters of Describe operations (EC2 User Guide: listing and filtering by API): values of one are any of, filters all of. */
import type { Filter, Tag } from '@aws-sdk/client-ec2'
import { invalidValue } from './errors.ts'

type Value = string | number | boolean | undefined

/** What a filter of each name looks at. A name without anything to look at in Drydock matches nothing. */
export type FilterTable<T> = Readonly<Record<string, (item: T) => readonly Value[]>>

/** The items that pass all filters. Throws InvalidParameterValue for a filter that the table does not have. */
export function filtered<T>(
  items: readonly T[],
  filters: readonly Filter[] | undefined,
  table: FilterTable<T>,
  tagsOf: (item: T) => readonly Tag[] | undefined,
): T[] {
  const tests = (filters ?? []).map((filter) => testOf(filter, table, tagsOf))
  return items.filter((item) => tests.every((test) => test(item)))
}

/** Throws for the first filter that there is not, before anything has been looked up. */
export function requireFilters<T>(filters: readonly Filter[] | undefined, table: FilterTable<T>): void {
  for (const filter of filters ?? []) testOf(filter, table, () => [])
}

function testOf<T>(
  { Name: name, Values: values = [] }: Filter,
  table: FilterTable<T>,
  tagsOf: (item: T) => readonly Tag[] | undefined,
): (item: T) => boolean {
  const look = lookFor(name ?? 'null', table, tagsOf)
  // EC2 answers a filter without values with the filter's name alone.
  if (!values.length) throw invalidValue(name ?? 'null')
  const patterns = values.map(patternOf)
  return (item) => {
    const seen = look(item).filter((value) => value !== undefined)
    return seen.some((value) => patterns.some((pattern) => pattern.test(String(value))))
  }
}

function lookFor<T>(
  name: string,
  table: FilterTable<T>,
  tagsOf: (item: T) => readonly Tag[] | undefined,
): (item: T) => readonly Value[] {
  const known = Object.hasOwn(table, name) ? table[name] : undefined
  if (known) return known
  if (name === 'tag-key') return (item) => tagsOf(item)?.map(({ Key }) => Key) ?? []
  if (name.startsWith('tag:')) {
    const key = name.slice('tag:'.length)
    return (item) => tagsOf(item)?.flatMap(({ Key, Value }) => (Key === key ? [Value] : [])) ?? []
  }
  throw invalidValue(`The filter '${name}' is invalid`)
}

/** `*` stands for any text, `?` for any one character, and a backslash takes either's meaning away. */
function patternOf(text: string): RegExp {
  const source = text.replace(/\\([\\*?])|([*?])|[\\^$.|+()[\]{}]/g, (whole, literal, wildcard) => {
    if (literal) return `\\${literal}`
    if (wildcard) return wildcard === '*' ? '.*' : '.'
    return `\\${whole}`
  })
  return new RegExp(`^(?:${source})$`, 's')
}
