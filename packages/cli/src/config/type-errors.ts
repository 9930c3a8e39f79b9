/** What TypeScript says of a config file, with the settings of this project: its own compiler, run over that file. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { checkout } from '../config-file.ts'

/** Of the config file, or of one that it imports. */
export interface CompilerError {
  readonly file: string
  /** From 1 on. */
  readonly line: number
  /** From 1 on, in UTF-16 units. */
  readonly column: number
  readonly code: string
  readonly message: string
}

/** The errors of a file, in the order of the compiler. Throws where the compiler fails in another way than by finding errors. */
export async function typeErrorsOf(file: string): Promise<CompilerError[]> {
  if (!/\.[cm]?ts$/.test(file)) return []
  const home = await mkdtemp(join(tmpdir(), 'capstan-types-'))
  try {
    await writeFile(join(home, 'tsconfig.json'), JSON.stringify(settingsFor(file)))
    const { code, output } = await compile(home)
    const errors = parseErrors(output, home)
    if (code !== 0 && errors.length === 0) throw new Error(`tsc ended with ${code}.\n${output}`)
    return errors
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

function settingsFor(file: string): object {
  return {
    extends: join(checkout, 'tsconfig.json'),
    compilerOptions: {
      typeRoots: [join(checkout, 'node_modules', '@types')],
      // What is not used, and how modules would be written out, does no harm where it is bundled.
      noUnusedLocals: false,
      noUnusedParameters: false,
      verbatimModuleSyntax: false,
    },
    files: [file],
    include: [],
  }
}

async function compile(home: string): Promise<{ code: number | null; output: string }> {
  const compiler = join(
    dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
    'bin',
    'tsc',
  )
  const child = spawn(process.execPath, [compiler, '-p', home, '--pretty', 'false'], {
    cwd: home,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  const code = await new Promise<number | null>((end, reject) => {
    child.on('error', reject).on('close', end)
  })
  return { code, output }
}

/** Reads `file(line,column): error TS1234: message`, of which what is indented goes on; file names are from `home` on. */
export function parseErrors(output: string, home: string): CompilerError[] {
  const whole = output.trimEnd().replaceAll(/\r?\n\s+/g, ' ')
  return whole.split(/\r?\n/).flatMap((each) => {
    const [, file, line, column, code, message] =
      /^(?:(.+)\((\d+),(\d+)\): )?error (TS\d+): (.*)$/.exec(each) ?? []
    if (code === undefined || message === undefined) return []
    return {
      file: resolve(home, file ?? '.'),
      line: Number(line ?? 1),
      column: Number(column ?? 1),
      code,
      message,
    }
  })
}
