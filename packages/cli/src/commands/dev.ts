/** `capstan dev`: Drydock with Capstan's functions behind their event rules, and the example. */
import { Command } from 'commander'
import { type EngineOptions, withEngineOptions } from '../engine-options.ts'

export interface DevOptions extends EngineOptions {
  readonly empty?: boolean
  readonly config?: string
}

export function devCommand(): Command {
  return withEngineOptions(new Command('dev').description('run Capstan on this machine, on Drydock'))
    .option('--empty', 'leave the example out')
    .option('--config <file>', "the fleet's settings (default: capstan.config.ts here, else the example's)")
    .action(async (options: DevOptions) => {
      const { runDev } = await import('../dev/dev.ts')
      await runDev(options)
    })
}
