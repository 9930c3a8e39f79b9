/** What is wrong with a config file, at the line to change. */
import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { placedIn } from '@capstan/core/check-config.ts'
import type { Path, Problem } from '@capstan/core/problem.ts'
import type { Found } from './locate.ts'

/** What is wrong, and which line to change. Line and column count from 1, columns in UTF-16 units. */
export interface Finding {
  readonly file: string
  readonly line: number
  readonly column: number
  /** Of the setting, where there is one. */
  readonly path?: Path
  /** What is wrong, because of what, what to write instead. */
  readonly sentence: string
}

/** A problem of the settings, at the place that was found for its path. */
export function findingAt(file: string, text: string, { path, sentence }: Problem, place: Found): Finding {
  const position = positionIn(text, place.start)
  return { file, ...position, path, sentence: place.isWhole ? sentence : `${sentence} ${broughtIn(path)}` }
}

/** As compilers write it, so that editors and terminals take it for a link. */
export function lineOf({ file, line, column, sentence }: Finding): string {
  return `${shownFile(file)}:${line}:${column}: ${sentence}`
}

/** A file by its path from here, or by its whole one where it is somewhere else. */
export function shownFile(file: string): string {
  const near = relative(process.cwd(), file)
  return near.startsWith('..') ? file : near
}

/** The same problems, whose sentences begin with the line to change; `config` is what the file exports. */
export async function withLines(
  file: string,
  config: unknown,
  problems: readonly Problem[],
): Promise<Problem[]> {
  if (problems.length === 0) return []
  // What parses is loaded where something is wrong alone.
  const { locator } = await import('./locate.ts')
  const text = await readFile(file, 'utf8')
  const locate = locator(text)
  return problems.map((each) => {
    const problem = placedIn(config, each)
    return { ...problem, sentence: lineOf(findingAt(file, text, problem, locate(problem.path))) }
  })
}

/** `services['prod/web'].guard` is about what another file or an expression gives. */
function broughtIn(path: Path): string {
  const text = path.map((key) => {
    if (typeof key === 'number') return `[${key}]`
    return /^[A-Za-z_]\w*$/.test(String(key)) ? `.${String(key)}` : `['${String(key)}']`
  })
  return `What this line brings in is wrong at ${text.join('').replace(/^\./, '')}.`
}

/** Line and column of an offset, both from 1 on. */
export function positionIn(text: string, offset: number): { line: number; column: number } {
  const lines = text.slice(0, offset).split('\n')
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 }
}
