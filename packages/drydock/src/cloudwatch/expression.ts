/**
 * Reads metric math expressions into trees. Source: CloudWatch User Guide, "Using math expressions": operators, and the
 * functions that alarms on services use. What is not read here is refused by name.
 */

/** A metric math expression as a tree. */
export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'id'; readonly id: string }
  | { readonly kind: 'word'; readonly word: string }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'negate'; readonly operand: Expression }
  | {
      readonly kind: 'binary'
      readonly operator: string
      readonly left: Expression
      readonly right: Expression
    }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }

/** A function's least and most arguments. */
const FUNCTIONS: Readonly<Record<string, readonly [number, number]>> = {
  ABS: [1, 1],
  AVG: [1, 1],
  CEIL: [1, 1],
  DATAPOINT_COUNT: [1, 1],
  DIFF: [1, 1],
  FILL: [2, 2],
  FIRST: [1, 1],
  FLOOR: [1, 1],
  IF: [2, 3],
  LAST: [1, 1],
  MAX: [1, 1],
  METRICS: [0, 0],
  MIN: [1, 1],
  PERIOD: [1, 1],
  RATE: [1, 1],
  RUNNING_SUM: [1, 1],
  STDDEV: [1, 1],
  SUM: [1, 1],
  TIME_SERIES: [1, 1],
}

/** Words that stand as arguments of FILL. */
const WORDS = new Set(['REPEAT', 'LINEAR'])

/** Loosest first. */
const PRECEDENCE: readonly (readonly string[])[] = [
  ['||', 'OR'],
  ['&&', 'AND'],
  ['==', '!=', '<=', '>=', '<', '>'],
  ['+', '-'],
  ['*', '/'],
  ['^'],
]

/** A number, a name, a sign, or a text in quotes (which only functions take that are not there). */
const TOKEN =
  /\s*(?:(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)|([A-Za-z_]\w*)|(\|\||&&|==|!=|<=|>=|[-+*/^<>(),[\]])|('[^']*'|"[^"]*"))/y
const MOST_DEPTH = 60

/** Thrown for an expression that cannot be read; the message says why. */
export class ExpressionError extends Error {}

/** Reads an expression. Throws ExpressionError. */
export function parseExpression(text: string): Expression {
  const reader = new Reader(tokenize(text))
  const tree = reader.binary(0, 0)
  reader.end()
  return tree
}

function tokenize(text: string): string[] {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const at = TOKEN.lastIndex
    const token = TOKEN.exec(text)
    if (!token) throw new ExpressionError(`Unexpected character at position ${at}`)
    tokens.push(token[1] ?? token[2] ?? token[3] ?? token[4] ?? '')
  }
  return tokens
}

class Reader {
  readonly #tokens: readonly string[]
  #next = 0

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens
  }

  /** Operators of one precedence, from the left. */
  binary(level: number, depth: number): Expression {
    if (depth > MOST_DEPTH) throw new ExpressionError('The expression is nested too deeply')
    const operators = PRECEDENCE[level]
    if (!operators) return this.#unary(depth)
    let left = this.binary(level + 1, depth)
    for (;;) {
      const operator = this.#peek()
      if (operator === undefined || !operators.includes(operator)) return left
      this.#next++
      left = { kind: 'binary', operator, left, right: this.binary(level + 1, depth) }
    }
  }

  end(): void {
    const token = this.#peek()
    if (token !== undefined) throw new ExpressionError(`Unexpected '${token}'`)
  }

  #unary(depth: number): Expression {
    if (depth > MOST_DEPTH) throw new ExpressionError('The expression is nested too deeply')
    if (!this.#take('-')) return this.#primary(depth)
    return { kind: 'negate', operand: this.#unary(depth + 1) }
  }

  #primary(depth: number): Expression {
    if (this.#take('(')) {
      const inner = this.binary(0, depth + 1)
      this.#expect(')')
      return inner
    }
    if (this.#take('[')) return { kind: 'list', items: this.#items(']', depth) }
    const token = this.#peek()
    if (token === undefined) throw new ExpressionError('Unexpected end of the expression')
    this.#next++
    if (/^[\d.]/.test(token)) return { kind: 'number', value: Number(token) }
    if (/^[a-z]\w*$/.test(token)) return { kind: 'id', id: token }
    if (/^[A-Z]/.test(token)) return this.#named(token, depth)
    throw new ExpressionError(`Unexpected '${token}'`)
  }

  #named(name: string, depth: number): Expression {
    if (WORDS.has(name)) return { kind: 'word', word: name }
    const arity = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined
    if (!arity) throw new ExpressionError(`The function ${name} is not supported by this engine`)
    this.#expect('(')
    const args = this.#items(')', depth)
    if (args.length < arity[0] || args.length > arity[1])
      throw new ExpressionError(`Wrong number of arguments of ${name}`)
    return { kind: 'call', name, args }
  }

  #items(end: string, depth: number): Expression[] {
    const items: Expression[] = []
    if (this.#take(end)) return items
    do items.push(this.binary(0, depth + 1))
    while (this.#take(','))
    this.#expect(end)
    return items
  }

  #peek(): string | undefined {
    return this.#tokens[this.#next]
  }

  #take(token: string): boolean {
    const isNext = this.#peek() === token
    if (isNext) this.#next++
    return isNext
  }

  #expect(token: string): void {
    if (!this.#take(token)) throw new ExpressionError(`Expected '${token}'`)
  }
}

/** The ids that an expression names. */
export function idsOf(tree: Expression): string[] {
  switch (tree.kind) {
    case 'id':
      return [tree.id]
    case 'list':
      return tree.items.flatMap(idsOf)
    case 'negate':
      return idsOf(tree.operand)
    case 'binary':
      return [...idsOf(tree.left), ...idsOf(tree.right)]
    case 'call':
      return tree.args.flatMap(idsOf)
    default:
      return []
  }
}
