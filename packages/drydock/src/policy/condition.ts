/** The conditions of a statement: each operator as a test of one value of the request against one of the policy. */
import { expanded, matches, matchesArn, type RequestContext, type Token, tokensOf } from './pattern.ts'

/** Tests one value of the request. `wanted` is the policy's value with its variables replaced. */
type Test = (given: string, wanted: readonly Token[]) => boolean

const plain = (tokens: readonly Token[]) =>
  tokens.map((token) => (typeof token === 'string' ? token : token.text)).join('')

const numeric =
  (compare: (a: number, b: number) => boolean): Test =>
  (given, wanted) =>
    compare(Number(given), Number(plain(wanted)))

/** Dates are ISO 8601, or seconds since the epoch (IAM User Guide: date condition operators). */
const timeOf = (text: string) => (/^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text))
const dated =
  (compare: (a: number, b: number) => boolean): Test =>
  (given, wanted) =>
    compare(timeOf(given), timeOf(plain(wanted)))

const arn: Test = (given, wanted) => matchesArn(wanted, given)
const equal = (a: number, b: number) => a === b

/** IAM User Guide, condition operators. BinaryEquals and IpAddress are not there: nothing here has such a key. */
const tests: Readonly<Record<string, Test>> = {
  StringEquals: (given, wanted) => given === plain(wanted),
  StringEqualsIgnoreCase: (given, wanted) => given.toLowerCase() === plain(wanted).toLowerCase(),
  StringLike: (given, wanted) => matches(wanted, given),
  ArnEquals: arn,
  ArnLike: arn,
  Bool: (given, wanted) => given.toLowerCase() === plain(wanted).toLowerCase(),
  NumericEquals: numeric(equal),
  NumericLessThan: numeric((a, b) => a < b),
  NumericLessThanEquals: numeric((a, b) => a <= b),
  NumericGreaterThan: numeric((a, b) => a > b),
  NumericGreaterThanEquals: numeric((a, b) => a >= b),
  DateEquals: dated(equal),
  DateLessThan: dated((a, b) => a < b),
  DateLessThanEquals: dated((a, b) => a <= b),
  DateGreaterThan: dated((a, b) => a > b),
  DateGreaterThanEquals: dated((a, b) => a >= b),
}

/** Each of these is true where the operator that it turns round is false. */
const inverses: Readonly<Record<string, string>> = {
  StringNotEquals: 'StringEquals',
  StringNotEqualsIgnoreCase: 'StringEqualsIgnoreCase',
  StringNotLike: 'StringLike',
  ArnNotEquals: 'ArnEquals',
  ArnNotLike: 'ArnLike',
  NumericNotEquals: 'NumericEquals',
  DateNotEquals: 'DateEquals',
}

interface Operator {
  readonly quantifier: 'all' | 'any' | undefined
  readonly isOptional: boolean
  readonly isInverted: boolean
  /** Absent for `Null`. */
  readonly test: Test | undefined
}

function operatorOf(name: string): Operator | undefined {
  const [, set, base = '', optional] = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(name) ?? []
  const positive = Object.hasOwn(inverses, base) ? inverses[base] : base
  const test = positive !== undefined && Object.hasOwn(tests, positive) ? tests[positive] : undefined
  if (base === 'Null' ? optional !== undefined : !test) return undefined
  const quantifier = set === undefined ? undefined : set === 'ForAllValues' ? 'all' : 'any'
  return { quantifier, isOptional: optional !== undefined, isInverted: positive !== base, test }
}

/** Whether a condition may use this operator. */
export const isOperator = (name: string): boolean => operatorOf(name) !== undefined

type Keys = Readonly<Record<string, readonly string[]>>

/**
 * Whether all operators and keys of a condition hold; the values of one key are alternatives (IAM User Guide, conditions with
 * multiple context keys or values).
 */
export function holds(
  condition: Readonly<Record<string, Keys>>,
  context: RequestContext,
  hasVariables: boolean,
): boolean {
  return Object.entries(condition).every(([name, keys]) => {
    const operator = operatorOf(name)
    if (!operator) return false
    return Object.entries(keys).every(([key, wanted]) => {
      const given = context.get(key.toLowerCase())
      if (!operator.test) return wanted.includes(String(given === undefined))
      return holdsFor(operator, operator.test, given, patternsOf(wanted, context, hasVariables))
    })
  })
}

/** A value whose variable is unknown matches nothing. */
function patternsOf(wanted: readonly string[], context: RequestContext, hasVariables: boolean): Token[][] {
  return wanted
    .map((value) => (hasVariables ? expanded(value, context) : tokensOf(value)))
    .filter((tokens) => tokens !== undefined)
}

/**
 *  the key is        plain    inverted   …IfExists   ForAllValues   ForAnyValue
 *  absent            false    true       true        true           false
 *  there             any value of the policy matches; inverted: none does; for all, or any, of the request's values
 *
 * IAM User Guide: condition operators (Important), and set operators for multivalued context keys.
 */
function holdsFor(
  { quantifier, isOptional, isInverted }: Operator,
  test: Test,
  given: readonly string[] | undefined,
  wanted: readonly Token[][],
): boolean {
  if (given === undefined)
    return isOptional || quantifier === 'all' || (isInverted && quantifier === undefined)
  const fits = (value: string) => wanted.some((pattern) => test(value, pattern)) !== isInverted
  const isForAll = quantifier === 'all' || (quantifier === undefined && isInverted)
  return isForAll ? given.every(fits) : given.some(fits)
}
