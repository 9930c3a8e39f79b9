/** `capstan config check`: whether the fleet's settings are right, before anything is deployed with them. */
import { Command } from 'commander'
import { checkConfigFile } from '../config/check-file.ts'
import { lineOf, shownFile } from '../config/finding.ts'
import { findConfig } from '../config-file.ts'
import { exitCodes } from '../exit.ts'

interface Options {
  readonly config?: string
  readonly json?: boolean
}

export function configCommand(): Command {
  return new Command('config')
    .description("the fleet's settings")
    .addCommand(
      new Command('check')
        .description('whether they are right, and which line to change if not; needs no AWS')
        .option('--config <file>', "the fleet's settings")
        .option('--json', 'print as JSON')
        .action(check),
    )
}

async function check({ config, json }: Options): Promise<void> {
  const file = findConfig(config)
  const findings = await checkConfigFile(file)
  if (findings.length > 0) process.exitCode = exitCodes.failed
  if (json) return console.log(JSON.stringify({ file, problems: findings }))
  for (const finding of findings) console.log(lineOf(finding))
  const count = findings.length === 1 ? '1 problem' : `${findings.length} problems`
  console.error(findings.length > 0 ? `${count} in ${shownFile(file)}.` : `${shownFile(file)} is right.`)
}
