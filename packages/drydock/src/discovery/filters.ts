/** The filters of lists: a name, a condition and values; an item must match them all. */
import { FilterCondition } from '@aws-sdk/client-servicediscovery'
import { invalid } from './errors.ts'
import { requireOneOf } from './rules.ts'

interface Filter {
  readonly Name: string | undefined
  readonly Values: string[] | undefined
  readonly Condition?: string | undefined
}

/** What can be asked of a filter's name: its conditions, the usual one first, and what an item has there. */
interface Facet<T> {
  readonly conditions: readonly FilterCondition[]
  readonly of: (item: T) => string | number | undefined
}

export type Facets<T> = Readonly<Record<string, Facet<T>>>

/** The items that match all filters. Throws InvalidInput for an unknown name, condition or number of values. */
export function filtered<T>(items: readonly T[], filters: readonly Filter[] = [], facets: Facets<T>): T[] {
  const tests = filters.map((filter) => testOf(filter, facets))
  return items.filter((item) => tests.every((matches) => matches(item)))
}

function testOf<T>({ Name = '', Values = [], Condition }: Filter, facets: Facets<T>): (item: T) => boolean {
  const facet = Object.hasOwn(facets, Name) ? facets[Name] : undefined
  if (!facet) throw invalid(`The filter name '${Name}' is not valid.`)
  const condition = requireOneOf('Condition', Condition, FilterCondition) ?? 'EQ'
  if (!facet.conditions.includes(condition))
    throw invalid(`The condition ${condition} is not supported for ${Name}.`)
  requireCount(Name, condition, Values.length)
  const [first = '', second = ''] = Values
  switch (condition) {
    case 'EQ':
      return (item) => facet.of(item) === first
    case 'IN':
      return (item) => Values.includes(String(facet.of(item)))
    case 'BEGINS_WITH':
      return (item) => String(facet.of(item)).startsWith(first)
    case 'BETWEEN':
      return between(Name, first, second, facet)
  }
}

/** EQ and BEGINS_WITH take one value, BETWEEN two, IN any number from one on. */
function requireCount(name: string, condition: FilterCondition, count: number): void {
  const isRight = condition === 'IN' ? count > 0 : count === (condition === 'BETWEEN' ? 2 : 1)
  if (!isRight) throw invalid(`The filter ${name} has a wrong number of values for ${condition}.`)
}

/** Dates are in Unix time, in seconds. */
function between<T>(name: string, from: string, to: string, { of }: Facet<T>): (item: T) => boolean {
  const [start, end] = [Number(from), Number(to)]
  if (from === '' || to === '' || Number.isNaN(start) || Number.isNaN(end) || start > end)
    throw invalid(`The filter ${name} takes a start and an end in Unix time.`)
  return (item) => {
    const at = Number(of(item)) / 1000
    return start <= at && at <= end
  }
}
