/** How the strings of a policy match those of a request: wildcards, ARNs part by part, and variables. */

/** Values of condition keys by their names in lower case: names are not case-sensitive, values are. */
export type RequestContext = ReadonlyMap<string, readonly string[]>

/** A part of a pattern: literal text, or one of the two wildcards. Text of a variable's value is never a wildcard. */
export type Token = { readonly text: string } | '*' | '?'

/** The characters of a pattern as they stand, each `*` and `?` a wildcard. */
export function tokensOf(pattern: string): Token[] {
  return pattern
    .split(/([*?])/)
    .filter((part) => part !== '')
    .map((part) => (part === '*' || part === '?' ? part : { text: part }))
}

/**
 * A pattern with its variables replaced; `undefined` where a variable has neither one value nor a default. IAM User Guide,
 * policy variables: `${key}`, `${key, 'default'}`, and `${*}`, `${?}`, `${$}` for those characters themselves.
 */
export function expanded(pattern: string, context: RequestContext): Token[] | undefined {
  const tokens: Token[] = []
  for (const part of pattern.split(/(\$\{[^}]*\})/)) {
    const variable = /^\$\{([^}]*)\}$/.exec(part)?.[1]
    if (variable === undefined) {
      tokens.push(...tokensOf(part))
      continue
    }
    const text = valueOfVariable(variable, context)
    if (text === undefined) return undefined
    tokens.push({ text })
  }
  return tokens
}

function valueOfVariable(variable: string, context: RequestContext): string | undefined {
  if (variable === '*' || variable === '?' || variable === '$') return variable
  const [, name = '', byDefault] = /^([^,]*?)\s*(?:,\s*'([^']*)'\s*)?$/.exec(variable) ?? []
  const values = context.get(name.trim().toLowerCase())
  // A key with many values is no variable (IAM User Guide: where you can use policy variables).
  return values?.length === 1 ? values[0] : byDefault
}

/** Whether a text is what a pattern describes: `*` is any text or none, `?` any one character. */
export function matches(tokens: readonly Token[], text: string): boolean {
  const source = tokens.map((token) => {
    if (token === '*') return '.*'
    return token === '?' ? '.' : literally(token.text)
  })
  return isLike(source, text)
}

const literally = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
const isLike = (source: readonly string[], text: string) =>
  new RegExp(`^${source.join('')}$`, 'su').test(text)

/** Whether an action (`ecs:UpdateService`) is of a pattern (`ecs:Update*`); letter case does not count (policy element Action). */
export const matchesAction = (pattern: string, action: string): boolean =>
  matches(tokensOf(pattern.toLowerCase()), action.toLowerCase())

/** An ARN has six parts, so five colons; what follows the fifth is one part, whatever colons it has itself. */
const ARN_COLONS = 5

/**
 * Whether an ARN is of a pattern. Each of the six parts is matched by itself, so a wildcard reaches over no colon but in the
 * last one (IAM User Guide, policy element Resource and condition operator ArnLike). `*` alone is every resource.
 */
export function matchesArn(tokens: readonly Token[], arn: string): boolean {
  if (tokens.length === 1 && tokens[0] === '*') return true
  let colons = 0
  const source = tokens.map((token) => {
    const any = colons < ARN_COLONS ? '[^:]' : '.'
    if (token === '*') return `${any}*`
    if (token === '?') return any
    colons += token.text.split(':').length - 1
    return literally(token.text)
  })
  return colons >= ARN_COLONS && isLike(source, arn)
}
