/** Other clients as programs: whether they are installed, and how they run against an engine. */
import { execFile, execFileSync } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Whether the program runs. With CI=true it is taken to: a missing program is a failure there. */
export function isInstalled(program: string, ...args: string[]): boolean {
  if (process.env.CI) return true
  try {
    execFileSync(program, args, { stdio: 'ignore' })
    return true
  } catch {
    console.warn(`Skipped for want of a program: ${[program, ...args].join(' ')}`)
    return false
  }
}

/** Runs a program with the environment of a client of the engine; resolves with what it printed. */
export async function runClient(endpoint: string, program: string, ...args: string[]): Promise<string> {
  const env = {
    ...process.env,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: endpoint,
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  }
  const { stdout } = await run(program, args, { env })
  return stdout
}
