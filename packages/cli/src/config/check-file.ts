/** Checks a config file as a deployment would meet it: its types, what it evaluates to, and what the doors would say of that. */
import { readFile, realpath } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { checkConfig } from '@capstan/core/check-config.ts'
import { messageOf } from '@capstan/core/failure.ts'
import type { Problem } from '@capstan/core/problem.ts'
import { type Finding, findingAt, positionIn } from './finding.ts'
import { type Found, locator } from './locate.ts'
import { type CompilerError, typeErrorsOf } from './type-errors.ts'

/** Everything that is wrong with a config file, by its lines. Runs the file. */
export async function checkConfigFile(named: string): Promise<Finding[]> {
  // As Node and the compiler name it.
  const file = await realpath(named)
  const text = await readFile(file, 'utf8')
  const [types, read] = await Promise.all([typeErrorsOf(file), evaluate(file)])
  const findings =
    'thrown' in read ? thrownAt(file, read.thrown, types) : settingsFindings(file, text, read.exports, types)
  return findings.sort((a, b) => order(a, b, file))
}

type Evaluated = { readonly exports: object } | { readonly thrown: unknown }

async function evaluate(file: string): Promise<Evaluated> {
  try {
    return { exports: await import(pathToFileURL(file).href) }
  } catch (thrown) {
    return { thrown }
  }
}

/** What is thrown has a line of the file, unless the file does not even parse: then the compiler says where. */
function thrownAt(file: string, thrown: unknown, types: readonly CompilerError[]): Finding[] {
  const stack = thrown instanceof Error ? (thrown.stack ?? '') : ''
  const names = [file, pathToFileURL(file).href]
  const frame = stack.split('\n').find((line) => names.some((name) => line.includes(name)))
  const [, line, column] = /:(\d+)(?::(\d+))?\)?$/.exec(frame ?? '') ?? []
  const at = { file, line: Number(line ?? 1), column: Number(column ?? 1) }
  const isTold =
    line === undefined ? types.length > 0 : types.some((each) => each.file === file && each.line === at.line)
  const sentence = `The config file cannot be read, because it throws when it is run: ${messageOf(thrown)}.`
  return [...types.map(typeFinding), ...(isTold ? [] : [{ ...at, sentence: sentence.replace(/\.\.$/, '.') }])]
}

function settingsFindings(
  file: string,
  text: string,
  exports: object,
  types: readonly CompilerError[],
): Finding[] {
  const locate = locator(text)
  const problems = 'default' in exports ? checkConfig(exports.default) : [NO_EXPORT]
  const found = problems.map((problem) => ({ problem, place: locate(problem.path) }))
  const settings = found.map(({ problem, place }) => findingAt(file, text, problem, place))
  const others = types.filter(
    (error) => error.file !== file || !found.some(({ place }) => isAbout(error, place, text)),
  )
  return [...settings, ...others.map(typeFinding)]
}

const NO_EXPORT: Problem = {
  path: [],
  sentence: 'The config file exports no default; write export default defineConfig({ services: { … } }).',
}

/** Whether the compiler says in its words what a sentence says already: at the same setting, or at one that holds it. */
function isAbout({ line, column }: CompilerError, place: Found, text: string): boolean {
  const starts = [...place.around, place.start].map((offset) => positionIn(text, offset))
  if (starts.some((start) => start.line === line && start.column === column)) return true
  const [start, end] = [positionIn(text, place.start), positionIn(text, place.end)]
  return line === start.line && column >= start.column && (end.line > line || column < end.column)
}

const typeFinding = ({ file, line, column, message, code }: CompilerError): Finding => {
  return { file, line, column, sentence: `${message} (${code})` }
}

/** The config file first, then those that it imports. */
function order(a: Finding, b: Finding, file: string): number {
  const foreign = Number(a.file !== file) - Number(b.file !== file)
  return foreign || a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column
}
