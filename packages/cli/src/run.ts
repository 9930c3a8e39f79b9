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
  if (error instanceof Failure) {
    console.error(error.message)
    return USED_WRONGLY.has(error.code) ? exitCodes.usedWrongly : exitCodes.failed
  }
  console.error(describe(error))
  return exitCodes.failed
}

/** A connection refused has its address in its causes; an SDK error its name; a bug its stack. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const refused = [error, error.cause, ...((error as AggregateError).errors ?? [])].find(
    (cause) => (cause as NodeJS.ErrnoException | undefined)?.code === 'ECONNREFUSED',
  ) as (NodeJS.ErrnoException & { address?: string; port?: number }) | undefined
  if (refused) {
    return `Nothing answers at ${refused.address}:${refused.port}. Start the engine with 'npm start' or 'npx drydock', or unset AWS_ENDPOINT_URL to talk to AWS.`
  }
  if (error.name === 'CredentialsProviderError') {
    return `AWS credentials are missing: ${error.message}. Set AWS_PROFILE or AWS_ACCESS_KEY_ID, or set AWS_ENDPOINT_URL=http://127.0.0.1:4566 to talk to Drydock.`
  }
  return '$metadata' in error
    ? `AWS refused: ${error.name}: ${error.message}`
    : (error.stack ?? error.message)
}
