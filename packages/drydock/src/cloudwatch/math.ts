/**
 * Works out metric math over the periods of a grid. A value is a number, a time series or a list of time series; a
 * series has a gap where there is no data, and what is done with a gap is a gap.
 */
import { type Expression, ExpressionError, parseExpression } from './expression.ts'

/** One value a period, oldest first. */
export type Series = readonly (number | undefined)[]

type Value =
  | { readonly kind: 'scalar'; readonly value: number | undefined }
  | { readonly kind: 'series'; readonly series: Series }
  | { readonly kind: 'list'; readonly list: readonly Series[] }

/** What an expression is worked out in. */
export interface MathScope {
  readonly count: number
  readonly periodSeconds: number
  /** The series of another line. Throws ExpressionError where there is none. */
  readonly lookup: (id: string) => Series
  /** The series of all lines that are metrics, for METRICS(). */
  readonly metrics: () => readonly Series[]
}

/**
 * The one time series that an expression comes to; a number is the same in every period. Throws ExpressionError for a
 * list of several series, which neither an alarm nor this engine's GetMetricData can show.
 */
export function calculate(text: string, scope: MathScope): Series {
  const value = evaluate(parseExpression(text), scope)
  if (value.kind === 'series') return value.series
  if (value.kind === 'scalar') return constant(value.value, scope)
  const [only] = value.list
  if (value.list.length === 1 && only) return only
  throw new ExpressionError('The expression must come to one time series')
}

function evaluate(tree: Expression, scope: MathScope): Value {
  switch (tree.kind) {
    case 'number':
      return scalar(tree.value)
    case 'id':
      return series(scope.lookup(tree.id))
    case 'word':
      throw new ExpressionError(`Unexpected '${tree.word}'`)
    case 'list':
      return list(tree.items.flatMap((item) => seriesOf(evaluate(item, scope), scope)))
    case 'negate':
      return mapValue(evaluate(tree.operand, scope), (value) => -value)
    case 'binary':
      return combine(tree.operator, evaluate(tree.left, scope), evaluate(tree.right, scope))
    case 'call':
      return call(tree.name, tree.args, scope)
  }
}

const truth = (value: boolean) => (value ? 1 : 0)

const OPERATORS: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '^': (a, b) => a ** b,
  '<': (a, b) => truth(a < b),
  '>': (a, b) => truth(a > b),
  '<=': (a, b) => truth(a <= b),
  '>=': (a, b) => truth(a >= b),
  '==': (a, b) => truth(a === b),
  '!=': (a, b) => truth(a !== b),
  '&&': (a, b) => truth(a !== 0 && b !== 0),
  AND: (a, b) => truth(a !== 0 && b !== 0),
  '||': (a, b) => truth(a !== 0 || b !== 0),
  OR: (a, b) => truth(a !== 0 || b !== 0),
}

/** Only where both sides have a value there is one; no value is infinite: what is divided by zero is a gap. */
function combine(operator: string, left: Value, right: Value): Value {
  const apply = OPERATORS[operator] ?? (() => Number.NaN)
  const both = (a: number | undefined, b: number | undefined) =>
    a === undefined || b === undefined ? undefined : finite(apply(a, b))
  if (left.kind === 'scalar' && right.kind === 'scalar') return scalar(both(left.value, right.value))
  if (left.kind === 'list' && right.kind === 'list')
    throw new ExpressionError(`'${operator}' is not defined between two lists of time series`)
  if (left.kind === 'list') return list(left.list.map((each) => zip(each, right, both)))
  if (right.kind === 'list') return list(right.list.map((each) => zip(each, left, (b, a) => both(a, b))))
  if (left.kind === 'series') return series(zip(left.series, right, both))
  if (right.kind === 'series') return series(zip(right.series, left, (b, a) => both(a, b)))
  return scalar(undefined)
}

type Both = (a: number | undefined, b: number | undefined) => number | undefined

function zip(one: Series, other: Value, both: Both): Series {
  return one.map((value, index) => both(value, at(other, index)))
}

const at = (value: Value, index: number): number | undefined =>
  value.kind === 'scalar' ? value.value : value.kind === 'series' ? value.series[index] : undefined

function call(name: string, args: readonly Expression[], scope: MathScope): Value {
  const [first, second, third] = args
  if (name === 'METRICS') return list(scope.metrics())
  if (!first) throw new ExpressionError(`${name} needs an argument`)
  const value = evaluate(first, scope)
  if (name === 'IF') return choose(value, second, third, scope)
  if (name === 'FILL') return mapSeries(value, fillerOf(second, scope))
  if (name === 'PERIOD') return scalar(scope.periodSeconds)
  if (name === 'TIME_SERIES')
    return series(constant(value.kind === 'scalar' ? value.value : undefined, scope))
  const each = Object.hasOwn(EACH, name) ? EACH[name] : undefined
  if (each) return mapValue(value, each)
  const whole = Object.hasOwn(WHOLE, name) ? WHOLE[name] : undefined
  if (whole) return mapSeries(value, (one) => whole(one, scope.periodSeconds))
  return aggregate(name, value)
}

/** Functions of each value. */
const EACH: Readonly<Record<string, (value: number) => number>> = {
  ABS: Math.abs,
  CEIL: Math.ceil,
  FLOOR: Math.floor,
}

/** Functions of a whole series that give one. */
const WHOLE: Readonly<Record<string, (values: Series, periodSeconds: number) => Series>> = {
  DIFF: (values) => changes(values, (now, before) => now - before),
  RATE: (values, periodSeconds) =>
    changes(values, (now, before, distance) => (now - before) / (distance * periodSeconds)),
  RUNNING_SUM: (values) => {
    let total = 0
    return values.map((value) => {
      total += value ?? 0
      return value === undefined ? undefined : total
    })
  },
}

function changes(values: Series, change: (now: number, before: number, distance: number) => number): Series {
  let last: number | undefined
  return values.map((value, index) => {
    if (value === undefined) return undefined
    const before = last
    last = index
    return before === undefined ? undefined : change(value, values[before] ?? 0, index - before)
  })
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
const average = (values: readonly number[]) => sum(values) / values.length

function deviation(values: readonly number[]): number {
  const mean = average(values)
  return Math.sqrt(average(values.map((value) => (value - mean) ** 2)))
}

/** Of a series: one number. Of a list: a series, period by period over those that have a value. */
const AGGREGATES: Readonly<Record<string, (values: readonly number[]) => number | undefined>> = {
  SUM: sum,
  AVG: average,
  MIN: (values) => values.reduce((least, value) => Math.min(least, value)),
  MAX: (values) => values.reduce((most, value) => Math.max(most, value)),
  STDDEV: deviation,
  DATAPOINT_COUNT: (values) => values.length,
  FIRST: (values) => values[0],
  LAST: (values) => values.at(-1),
}

function aggregate(name: string, value: Value): Value {
  const reduce = AGGREGATES[name]
  if (!reduce || value.kind === 'scalar') throw new ExpressionError(`${name} needs a time series`)
  const known = (values: Series) => values.filter((each) => each !== undefined)
  const counts = name === 'DATAPOINT_COUNT'
  const of = (values: readonly number[]) => (values.length || counts ? reduce(values) : undefined)
  if (value.kind === 'series') return scalar(of(known(value.series)))
  if (name === 'FIRST' || name === 'LAST') return series(value.list.at(name === 'FIRST' ? 0 : -1) ?? [])
  const periods = value.list[0]?.length ?? 0
  return series(Array.from({ length: periods }, (_, i) => of(known(value.list.map((each) => each[i])))))
}

/** IF(condition, then, else): of a series period by period. Without an else there is a gap. */
function choose(
  condition: Value,
  then: Expression | undefined,
  otherwise: Expression | undefined,
  scope: MathScope,
): Value {
  const yes = then ? evaluate(then, scope) : scalar(undefined)
  const no = otherwise ? evaluate(otherwise, scope) : scalar(undefined)
  if (condition.kind === 'list') throw new ExpressionError('The condition of IF must not be a list')
  if (condition.kind === 'scalar') return condition.value ? yes : no
  if (yes.kind === 'list' || no.kind === 'list')
    throw new ExpressionError('IF chooses between numbers and time series')
  return series(
    condition.series.map((value, i) => (value === undefined ? undefined : at(value ? yes : no, i))),
  )
}

/** FILL(series, number | series | REPEAT | LINEAR). */
function fillerOf(filler: Expression | undefined, scope: MathScope): (values: Series) => Series {
  if (filler?.kind === 'word') return filler.word === 'REPEAT' ? repeat : interpolate
  const value = filler ? evaluate(filler, scope) : scalar(undefined)
  if (value.kind === 'list') throw new ExpressionError('FILL fills with a number or one time series')
  return (values) => values.map((each, index) => each ?? at(value, index))
}

function repeat(values: Series): Series {
  let last: number | undefined
  return values.map((value) => {
    last = value ?? last
    return last
  })
}

/** Before the first value and after the last there is nothing to interpolate between. */
function interpolate(values: Series): Series {
  const filled = [...values]
  let last: number | undefined
  for (const [index, value] of values.entries()) {
    if (value === undefined) continue
    const from = last === undefined ? undefined : values[last]
    if (last !== undefined && from !== undefined) {
      const step = (value - from) / (index - last)
      for (let gap = last + 1; gap < index; gap++) filled[gap] = from + step * (gap - last)
    }
    last = index
  }
  return filled
}

function mapSeries(value: Value, work: (values: Series) => Series): Value {
  if (value.kind === 'list') return list(value.list.map(work))
  if (value.kind === 'series') return series(work(value.series))
  throw new ExpressionError('A time series is needed where there is a number')
}

function mapValue(value: Value, work: (value: number) => number): Value {
  const map = (one: number | undefined) => (one === undefined ? undefined : finite(work(one)))
  if (value.kind === 'scalar') return scalar(map(value.value))
  return mapSeries(value, (values) => values.map(map))
}

function seriesOf(value: Value, scope: MathScope): readonly Series[] {
  if (value.kind === 'list') return value.list
  return [value.kind === 'series' ? value.series : constant(value.value, scope)]
}

const finite = (value: number) => (Number.isFinite(value) ? value : undefined)
const constant = (value: number | undefined, { count }: MathScope): Series =>
  Array.from({ length: count }, () => value)
const scalar = (value: number | undefined): Value => ({ kind: 'scalar', value })
const series = (values: Series): Value => ({ kind: 'series', series: values })
const list = (values: readonly Series[]): Value => ({ kind: 'list', list: values })
