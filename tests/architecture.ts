/** The house rules as functions of one file's text: imports, purity, exports, the length of functions. */
import { posix } from 'node:path'
import { parseAst } from 'rolldown/parseAst'

/** A syntax node, as far as these rules look at it (ESTree). */
interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

/** What each place may import: its own files always, the rest by pattern. Paths are from the root of the repository. */
const MAY_IMPORT: Record<string, RegExp[]> = {
  core: [/^zod\/(mini|v4\/locales\/en\.js)$/, /^semver(\/|$)/, /^picomatch(\/|$)/, /^croner$/],
  aws: [
    /^@capstan\/core(\/|$)/,
    /^node:/,
    /^@aws-sdk\//,
    /^@smithy\//,
    /^@aws-lambda-powertools\//,
    /^@middy\//,
    /^zod\/mini$/,
  ],
  functions: [/^@capstan\/aws(\/|$)/, /^@capstan\/core(\/|$)/, /^capstan\.config\.ts$/],
  stacks: [
    /^functions\/rules\.ts$/,
    /^stacks\//,
    /^capstan\.config\.ts$/,
    /^node:(child_process|path)$/,
    /^@capstan\/core\/places?(-roles)?\.ts$/,
  ],
  drydock: [
    /^node:/,
    /^@aws-sdk\//,
    /^@smithy\//,
    /^(?!@capstan\/)(?!packages\/)(?!functions\/)(?!tests\/)[@a-z]/,
  ],
  cli: [/./],
}

/** For tests beside the code: the test libraries, Node, and what a package's test is run against. */
const TESTS_MAY_IMPORT = [/^vitest$/, /^fast-check$/, /^node:/]

const IMPURE: [RegExp, string][] = [
  [/^Date\.now$/, 'Date.now'],
  [/^Math\.random$/, 'Math.random'],
]

/** Every rule that `file` (a path from the root) breaks with `text`, as `file: rule`. */
export function violationsOf(file: string, text: string): string[] {
  const place = placeOf(file)
  if (!place) return []
  const isTest = /\.test\.ts$|\/testing\.ts$/.test(file)
  const found = importsOf(text).flatMap((from) => importViolations(file, place, from, isTest))
  if (!isTest && /^import \{[^}]*\bz\b[^}]*\} from 'zod\/mini'/m.test(text))
    found.push('zod is imported as `import * as z`')
  if (place === 'core' && !isTest) found.push(...impurities(text))
  return found.map((rule) => `${file}: ${rule}`)
}

function placeOf(file: string): string | undefined {
  return /^packages\/([^/]+)\//.exec(file)?.[1] ?? /^(functions|stacks)\//.exec(file)?.[1]
}

function importViolations(file: string, place: string, from: string, isTest: boolean): string[] {
  const target = from.startsWith('.') ? posix.join(posix.dirname(file), from) : from
  if (isTest && TESTS_MAY_IMPORT.some((allowed) => allowed.test(target))) return []
  const service = serviceFolder(file)
  const otherService = serviceFolder(target)
  if (service && otherService && otherService !== service)
    return [`drydock/${service} may not import ${target}`]
  const allowed = placeOf(target) === place || (MAY_IMPORT[place] ?? []).some((rule) => rule.test(target))
  return allowed ? [] : [`${place} may not import ${target}`]
}

/** Folders of Drydock that are no service: all services may use them. */
const SHARED = new Set(['wire', 'host', 'event-pattern', 'policy'])

function serviceFolder(path: string): string | undefined {
  const folder = /^packages\/drydock\/src\/([^/]+)\//.exec(path)?.[1]
  return folder && !SHARED.has(folder) ? folder : undefined
}

/** What a file imports, statically or at run time, types included. */
export function importsOf(text: string): string[] {
  const found: string[] = []
  walk(parse(text), (node) => {
    const source = node.source as { value?: unknown } | null | undefined
    if (
      /^(Import|Export).*Declaration$|^ImportExpression$/.test(node.type) &&
      typeof source?.value === 'string'
    ) {
      found.push(source.value)
    }
  })
  return found
}

function impurities(text: string): string[] {
  const found: string[] = []
  walk(parse(text), (node) => {
    if (
      node.type === 'NewExpression' &&
      nameOf(node.callee) === 'Date' &&
      (node.arguments as unknown[]).length === 0
    ) {
      found.push('core may not use new Date()')
    }
    const name = node.type === 'MemberExpression' ? nameOf(node) : undefined
    for (const [pattern, label] of IMPURE)
      if (name && pattern.test(name)) found.push(`core may not use ${label}`)
  })
  return found
}

function nameOf(value: unknown): string | undefined {
  const node = value as Node | undefined
  if (node?.type === 'Identifier') return node.name as string
  if (node?.type !== 'MemberExpression') return undefined
  return `${nameOf(node.object)}.${nameOf(node.property)}`
}

/** The names of the functions, classes and constants that a file exports where it declares them. */
export function exportedValues(text: string): string[] {
  const found: string[] = []
  walk(parse(text), (node) => {
    if (node.type !== 'ExportNamedDeclaration') return
    const declaration = node.declaration as Node | null
    if (/^(Function|Class)Declaration$/.test(declaration?.type ?? ''))
      found.push(nameOf(declaration?.id) ?? '')
    for (const each of (declaration?.declarations as Node[] | undefined) ?? [])
      found.push(nameOf(each.id) ?? '')
  })
  return found
}

/** Every function longer than two lines, with the name it is bound to, where it has one. */
export function functionLengths(text: string): { name: string; lines: number }[] {
  const found: { name: string; lines: number }[] = []
  walk(parse(text), (node, parent) => {
    if (!/Function(Declaration|Expression)$/.test(node.type)) return
    const lines = text.slice(node.start, node.end).split('\n').length
    if (lines > 2) found.push({ name: nameOf(node.id ?? parent?.id ?? parent?.key) ?? '(unnamed)', lines })
  })
  return found
}

const parse = (text: string): Node => parseAst(text, { lang: 'ts' }) as unknown as Node

function walk(node: Node, visit: (node: Node, parent?: Node) => void, parent?: Node): void {
  visit(node, parent)
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (child && typeof child === 'object' && 'type' in child) walk(child as Node, visit, node)
    }
  }
}
