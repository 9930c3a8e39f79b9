/** `capstan`: the operator's verbs, and the product on one machine. Commands load what they need when they run. */
import { Command } from 'commander'
import manifest from '../package.json' with { type: 'json' }
import { configCommand } from './commands/config.ts'
import { decisionCommand } from './commands/decision.ts'
import { deploymentCommand } from './commands/deployment.ts'
import { devCommand } from './commands/dev.ts'
import { discoveryCommand } from './commands/discovery.ts'
import { freezeCommand } from './commands/freeze.ts'
import { imageCommand } from './commands/image.ts'
import { serviceCommand } from './commands/service.ts'
import { runProgram } from './run.ts'
import { missingSettings } from './sdk.ts'

Object.assign(process.env, missingSettings(process.env))

const program = new Command('capstan')
  .description('Hands-off continuous delivery for Amazon ECS')
  .version(manifest.version)
  .addCommand(devCommand())
  .addCommand(imageCommand())
  .addCommand(serviceCommand())
  .addCommand(deploymentCommand())
  .addCommand(decisionCommand())
  .addCommand(discoveryCommand())
  .addCommand(freezeCommand())
  .addCommand(configCommand())
  .addHelpText(
    'after',
    '\nAgainst Drydock: AWS_ENDPOINT_URL=http://127.0.0.1:4566. Against AWS: the usual AWS environment.',
  )

await runProgram(program, process.argv)
