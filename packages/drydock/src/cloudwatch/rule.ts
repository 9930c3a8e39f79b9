/**
 * The rule language of composite alarms: states of other alarms, joined by AND, OR, NOT and parentheses.
 * Source: API Reference, PutCompositeAlarm.
 */
import { invalid } from './errors.ts'
import type { StateValue } from './state.ts'

/** An alarm rule as a tree. */
export type AlarmRule =
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'state'; readonly state: StateValue; readonly alarm: string }
  | { readonly kind: 'not'; readonly operand: AlarmRule }
  | { readonly kind: 'and' | 'or'; readonly left: AlarmRule; readonly right: AlarmRule }

/** API Reference, PutCompositeAlarm: children, elements, and the length of the text. */
const MOST_CHILDREN = 100
const MOST_ELEMENTS = 500
const MOST_LENGTH = 10_240

/** Reads a rule; alarms stay named as they were, by name or ARN. Throws ValidationException that says where it is wrong. */
export function parseRule(text: string): AlarmRule {
  if (text.length > MOST_LENGTH) throw refused(`longer than ${MOST_LENGTH} characters`)
  const reader = new RuleReader(text)
  const rule = reader.or()
  reader.end()
  if (reader.elements > MOST_ELEMENTS) throw refused(`more than ${MOST_ELEMENTS} elements`)
  if (alarmsOf(rule).length > MOST_CHILDREN) throw refused(`more than ${MOST_CHILDREN} alarms`)
  return rule
}

const refused = (reason: string) => invalid(`The alarm rule is not valid: ${reason}.`)

/** What is read by name: a function of an alarm, a word, a parenthesis. Names may be quoted. */
const STATE = /\s*(ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"([^"]+)"|([^\s()"]+))\s*\)/y
const WORD = /\s*(TRUE|FALSE|AND|OR|NOT)(?![\w(])|\s*(NOT)(?=\()|\s*([()])/y

class RuleReader {
  elements = 0
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  or(): AlarmRule {
    let left = this.#and()
    while (this.#take('OR')) left = { kind: 'or', left, right: this.#and() }
    return left
  }

  end(): void {
    if (this.#text.slice(this.#at).trim()) throw this.#unexpected()
  }

  #and(): AlarmRule {
    let left = this.#not()
    while (this.#take('AND')) left = { kind: 'and', left, right: this.#not() }
    return left
  }

  #not(): AlarmRule {
    let isNot = false
    while (this.#take('NOT')) isNot = !isNot
    const operand = this.#primary()
    return isNot ? { kind: 'not', operand } : operand
  }

  #primary(): AlarmRule {
    if (++this.elements > MOST_ELEMENTS) throw refused(`more than ${MOST_ELEMENTS} elements`)
    if (this.#take('(')) {
      const inner = this.or()
      if (!this.#take(')')) throw this.#unexpected()
      this.elements++
      return inner
    }
    if (this.#take('TRUE')) return { kind: 'constant', value: true }
    if (this.#take('FALSE')) return { kind: 'constant', value: false }
    STATE.lastIndex = this.#at
    const found = STATE.exec(this.#text)
    if (!found) throw this.#unexpected()
    this.#at = STATE.lastIndex
    return { kind: 'state', state: found[1] as StateValue, alarm: found[2] ?? found[3] ?? '' }
  }

  #take(word: string): boolean {
    WORD.lastIndex = this.#at
    const found = WORD.exec(this.#text)
    if (!found || (found[1] ?? found[2] ?? found[3]) !== word) return false
    this.#at = WORD.lastIndex
    return true
  }

  #unexpected(): Error {
    const rest = this.#text.slice(this.#at).trim()
    return refused(rest ? `unexpected '${rest.slice(0, 40)}' at position ${this.#at}` : 'it ends too early')
  }
}

/** The alarms that a rule names, each once. */
export function alarmsOf(rule: AlarmRule): string[] {
  return [...new Set(namesIn(rule))]
}

function namesIn(rule: AlarmRule): string[] {
  if (rule.kind === 'state') return [rule.alarm]
  if (rule.kind === 'not') return namesIn(rule.operand)
  return rule.kind === 'constant' ? [] : [...namesIn(rule.left), ...namesIn(rule.right)]
}

/** Whether the rule holds, given the states of the alarms that it names. */
export function holds(rule: AlarmRule, stateOf: (alarm: string) => StateValue | undefined): boolean {
  switch (rule.kind) {
    case 'constant':
      return rule.value
    case 'state':
      return stateOf(rule.alarm) === rule.state
    case 'not':
      return !holds(rule.operand, stateOf)
    case 'and':
      return holds(rule.left, stateOf) && holds(rule.right, stateOf)
    case 'or':
      return holds(rule.left, stateOf) || holds(rule.right, stateOf)
  }
}
