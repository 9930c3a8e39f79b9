/**
 * Reads the rule of a composite alarm as far as its children: which alarms it names, and whether as a negation.
 * Never throws, and never nests: every text is read in one pass. Source: CloudWatch API reference, PutCompositeAlarm.
 */

/** An alarm that a rule names, by name or ARN. */
export interface RuleChild {
  readonly alarm: string
  /** Under an odd number of NOTs: its alarm is what keeps the composite one quiet. */
  readonly negated: boolean
}

const LONGEST = 10_240 // of a rule, as PutCompositeAlarm has it
const STATE = 'ALARM|OK|INSUFFICIENT_DATA'

const CHILD = new RegExp(`\\s*(?:${STATE})\\s*\\(\\s*(?:"([^"]+)"|([^\\s()"]+))\\s*\\)`, 'y')
// AT_LEAST(2, ALARM, (a, b, c)): so many, or such a share, of these are in a state, or are not.
const SEVERAL = new RegExp(
  `\\s*AT_LEAST\\s*\\(\\s*\\d+%?\\s*,\\s*(NOT\\s+)?(?:${STATE})\\s*,\\s*\\(((?:"[^"]*"|[^()"])*)\\)\\s*\\)`,
  'y',
)
const WORD = /\s*(AND|OR|NOT|TRUE|FALSE)(?![\w-])|\s*([()])/y

interface Reading {
  readonly children: RuleChild[]
  /** For each open parenthesis, whether what encloses it is negated. */
  readonly outer: boolean[]
  negated: boolean
  /** NOTs just before the next operand. */
  flipped: boolean
  wantsOperand: boolean
}

/** The alarms that a rule names; `undefined` if it is not a rule. */
export function childrenOf(rule: string): RuleChild[] | undefined {
  if (rule.length > LONGEST) return undefined
  const reading: Reading = { children: [], outer: [], negated: false, flipped: false, wantsOperand: true }
  const text = rule.trimEnd()
  let at = 0
  while (at < text.length) {
    const next = readOperand(text, at, reading) ?? readWord(text, at, reading)
    if (next === undefined) return undefined
    at = next
  }
  return reading.wantsOperand || reading.outer.length > 0 ? undefined : reading.children
}

/** The place after the operand that begins here, if one does. */
function readOperand(text: string, at: number, reading: Reading): number | undefined {
  if (!reading.wantsOperand) return undefined
  CHILD.lastIndex = at
  const child = CHILD.exec(text)
  if (child !== null) {
    take(reading, [child[1] ?? child[2] ?? ''], false)
    return CHILD.lastIndex
  }
  SEVERAL.lastIndex = at
  const several = SEVERAL.exec(text)
  if (several === null) return undefined
  const names = [...(several[2] ?? '').matchAll(/"([^"]+)"|([^\s,"]+)/g)]
  take(
    reading,
    names.map(([, quoted, plain]) => quoted ?? plain ?? ''),
    several[1] !== undefined,
  )
  return SEVERAL.lastIndex
}

function take(reading: Reading, alarms: readonly string[], isNot: boolean): void {
  const negated = (reading.negated !== reading.flipped) !== isNot
  reading.children.push(...alarms.map((alarm) => ({ alarm, negated })))
  reading.flipped = false
  reading.wantsOperand = false
}

/** The place after the word or parenthesis that begins here, if it may stand here. */
function readWord(text: string, at: number, reading: Reading): number | undefined {
  WORD.lastIndex = at
  const found = WORD.exec(text)
  const word = found?.[1] ?? found?.[2]
  const next = WORD.lastIndex
  const before = reading.wantsOperand
  if (word === 'AND' || word === 'OR' || word === ')') {
    if (before) return undefined
    if (word === ')') return close(reading) ? next : undefined
    reading.wantsOperand = true
    return next
  }
  if (word === undefined || !before) return undefined
  if (word === 'NOT') reading.flipped = !reading.flipped
  else if (word === '(') open(reading)
  else take(reading, [], false)
  return next
}

function open(reading: Reading): void {
  reading.outer.push(reading.negated)
  reading.negated = reading.negated !== reading.flipped
  reading.flipped = false
}

function close(reading: Reading): boolean {
  const outer = reading.outer.pop()
  reading.negated = outer ?? false
  return outer !== undefined
}

/** The name of an alarm that is given by name or ARN (`arn:aws:cloudwatch:…:alarm:NAME`). */
export function alarmNameOf(reference: string): string {
  return /^arn:[^:]+:cloudwatch:[^:]*:[^:]*:alarm:(.+)$/s.exec(reference)?.[1] ?? reference
}
