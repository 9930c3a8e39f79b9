/** Runs a command line program: parses, runs, and turns what went wrong into one message and one exit code. */
import { Failure, type FailureCode } from '@capstan/core/failure.ts'
import { type Command, CommanderError } from 'commander'
import { type ExitCode, exitCodes } from './exit.ts'

/** Failures that the caller's own words caused. */
const USED_WRONGLY = new Set<FailureCode>(['INVALID_REQUEST', 'INVALID_CONFIG'])

/** Parses `argv` and runs the command that it names. Sets the process's exit code; never throws. */
export async function runProgram(program: Command, argv: readonly string[]): Promise<void> {
  throwInsteadOfExit(program)
  try {
    await program.parseAsync([...argv])
  } catch (error) {
    process.exitCode = report(error)
  }
}

function throwInsteadOfExit(command: Command): void {
  command.exitOverride()
  for (const child of command.commands) throwInsteadOfExit(child as Command)
}

/** Commander has printed its own errors already. */
function report(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usedWrongly
  console.error(describe(error))
  return error instanceof Failure && USED_WRONGLY.has(error.code) ? exitCodes.usedWrongly : exitCodes.failed
}

/** What a person can act on: where nothing listens, what credentials lack, what AWS said; a bug with its stack. */
function describe(error: unknown): string {
  const causes = causesOf(error)
  const refused = causes.find(({ code }) => code === 'ECONNREFUSED')
  if (refused) {
    return `Nothing answers at ${refused.address}:${refused.port}. Start the engine with 'npm start' or 'npx drydock', or unset AWS_ENDPOINT_URL to talk to AWS.`
  }
  const unsigned = causes.find(({ name }) => name === 'CredentialsProviderError')
  if (unsigned) {
    return `AWS credentials are missing: ${unsigned.message}. Set AWS_PROFILE or AWS_ACCESS_KEY_ID, or set AWS_ENDPOINT_URL=http://127.0.0.1:4566 to talk to Drydock.`
  }
  // By its name: the operator's verbs do without the engine, which takes a while to load.
  if (error instanceof Failure || (error instanceof Error && error.name === 'StartError'))
    return error.message
  if (!(error instanceof Error)) return String(error)
  return '$metadata' in error
    ? `AWS refused: ${error.name}: ${error.message}`
    : (error.stack ?? error.message)
}

type SystemError = NodeJS.ErrnoException & { readonly address?: string; readonly port?: number }

/** The error and all that it was caused by. */
function causesOf(error: unknown): SystemError[] {
  if (!(error instanceof Error)) return []
  const inner = error instanceof AggregateError ? error.errors : []
  return [error, ...[...inner, error.cause].flatMap(causesOf)]
}
