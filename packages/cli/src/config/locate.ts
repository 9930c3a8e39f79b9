/**
 * Finds the place of a setting in the text of a config file: its path is followed from the default export through objects,
 * lists, constants and spreads of the same file, as far as they can be read without running them.
 */
import type { Path } from '@capstan/core/problem.ts'
import { parseAst } from 'rolldown/parseAst'

/** Offsets in UTF-16 units. */
export interface Found {
  readonly start: number
  readonly end: number
  /** Where the settings begin that hold it, from the outermost on. */
  readonly around: readonly number[]
  /** Whether the path was followed to its end. If not, the rest of it comes from what is here. */
  readonly isWhole: boolean
}

/** A syntax node, as far as it is looked at (ESTree). */
interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

/** Makes what finds paths in one text. Throws what the parser says where it does not parse. */
export function locator(text: string): (path: Path) => Found {
  const program = asNode(parseAst(text, { lang: 'ts' }))
  const statements = nodesIn(program?.body)
  const constants = new Map(statements.flatMap(constantsOf))
  const exported = exportOf(statements, constants)
  const { start, end } = exported ?? { start: 0, end: 0 }
  const whole = { start, end, around: [], isWhole: true }
  return (path) =>
    exported ? follow(exported, path, whole, constants) : { ...whole, isWhole: path.length === 0 }
}

type Constants = ReadonlyMap<string, Node>

/** `at` is the place of the setting that `expression` is the value of. */
function follow(expression: Node, path: Path, at: Found, constants: Constants): Found {
  const [key, ...rest] = path
  if (key === undefined) return at
  const value = plain(expression, constants)
  const part = value.type === 'ArrayExpression' ? elementOf(value, key) : propertyOf(value, key, constants)
  if (part === undefined) return { ...at, isWhole: false }
  const { start, end } = part.place
  const found = { start, end, around: [...at.around, at.start], isWhole: part.value !== undefined }
  return part.value === undefined ? found : follow(part.value, rest, found, constants)
}

/** A part of a value; without one of its own, the place that brings it in. */
interface Part {
  readonly place: Node
  readonly value?: Node
}

/** The last property of a name counts; a spread after it may hide it, but most do not. */
function propertyOf(object: Node, key: PropertyKey, constants: Constants): Part | undefined {
  const properties = object.type === 'ObjectExpression' ? nodesIn(object.properties).reverse() : []
  let spread: Part | undefined
  for (const property of properties) {
    const value = asNode(property.value)
    if (value && nameOf(property) === String(key)) return { place: property, value }
    const argument = asNode(property.argument)
    if (property.type !== 'SpreadElement' || !argument) continue
    const inner = plain(argument, constants)
    const part = propertyOf(inner, key, withoutThat(inner, constants))
    if (part) return part
    if (inner.type !== 'ObjectExpression') spread ??= { place: property }
  }
  return spread
}

/** So that constants which are spread into each other come to an end. */
function withoutThat(node: Node, constants: Constants): Constants {
  return new Map([...constants].filter(([, value]) => plain(value, constants) !== node))
}

function nameOf(property: Node): string | undefined {
  const key = asNode(property.key)
  if (key?.type === 'Identifier' && property.computed !== true) return String(key.name)
  return key?.type === 'Literal' ? String(key.value) : undefined
}

/** Behind a spread nobody can count. */
function elementOf(list: Node, key: PropertyKey): Part | undefined {
  const elements = nodesIn(list.elements)
  const spread = elements.findIndex(({ type }) => type === 'SpreadElement')
  const place = elements[Number(key)]
  if (spread < 0 || Number(key) < spread) return place && { place, value: place }
  const brings = elements[spread]
  return brings && { place: brings }
}

/** An expression without what only says its type, and constants by what they are. */
function plain(expression: Node, constants: Constants, depth = 0): Node {
  const inner = asNode(expression.expression) ?? argumentOf(expression) ?? constantOf(expression, constants)
  return inner && depth < 20 ? plain(inner, constants, depth + 1) : expression
}

/** Of a call that gives back what it was given. */
function argumentOf({ type, callee, arguments: given }: Node): Node | undefined {
  const called = asNode(callee)
  const name = called?.type === 'MemberExpression' ? asNode(called.property)?.name : called?.name
  return type === 'CallExpression' && (name === 'defineConfig' || name === 'freeze')
    ? nodesIn(given)[0]
    : undefined
}

function constantOf({ type, name }: Node, constants: Constants): Node | undefined {
  return type === 'Identifier' ? constants.get(String(name)) : undefined
}

function constantsOf(statement: Node): [string, Node][] {
  const declaration = asNode(statement.declaration) ?? statement
  return nodesIn(declaration.declarations).flatMap((each) => {
    const name = asNode(each.id)?.name
    const value = asNode(each.init)
    return value && typeof name === 'string' ? [[name, value] as [string, Node]] : []
  })
}

/** The default export: its expression, or the constant that is exported under this name. */
function exportOf(statements: readonly Node[], constants: Constants): Node | undefined {
  const [expression] = statements.flatMap((each) => {
    if (each.type === 'ExportDefaultDeclaration') return asNode(each.declaration) ?? []
    const named = nodesIn(each.specifiers).find((one) => asNode(one.exported)?.name === 'default')
    return constants.get(String(asNode(named?.local)?.name)) ?? []
  })
  return expression
}

function nodesIn(value: unknown): Node[] {
  return Array.isArray(value) ? value.flatMap((each: unknown) => asNode(each) ?? []) : []
}

function asNode(value: unknown): Node | undefined {
  return isNode(value) ? value : undefined
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value
}
