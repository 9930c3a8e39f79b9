/** The options that `capstan dev` and `drydock` share. */
import { type Command, InvalidArgumentError, Option } from 'commander'

export interface EngineOptions {
  readonly port: number
  readonly dnsPort: number
  readonly data?: string
  readonly tasks: 'auto' | 'process' | 'simulated'
  readonly iam: 'enforce' | 'off'
  readonly json?: boolean
}

/** Adds the engine's options to a command. */
export function withEngineOptions(command: Command): Command {
  return command
    .option('--port <number>', 'port of all APIs and the registry; 0 for any free one', parsePort, 4566)
    .option('--dns-port <number>', 'port of the DNS server, UDP and TCP; 0 for any free one', parsePort, 0)
    .option('--data <directory>', 'keep state here across restarts; without it all is gone at the end')
    .addOption(
      new Option('--tasks <driver>', 'how tasks run: real programs, or none at all')
        .choices(['auto', 'process', 'simulated'])
        .default('auto'),
    )
    .addOption(
      new Option('--iam <mode>', "whether functions may do only what their roles' policies allow")
        .choices(['enforce', 'off'])
        .default('off'),
    )
    .option('--json', 'print one line of JSON on stdout when ready')
}

function parsePort(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65535) {
    throw new InvalidArgumentError('A port is a whole number from 0 to 65535.')
  }
  return port
}
