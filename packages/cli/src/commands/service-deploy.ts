/** `capstan service deploy`: an operator's wish, applied and followed to its end. */
import type { DeployRequest } from '@capstan/core/view.ts'
import { Command, Option } from 'commander'
import { authorOf, parseReason } from '../author.ts'
import { connectOperator, parseService } from '../operator.ts'
import type { Goal } from '../progress.ts'
import { type CarryOutOptions, carryOut, withFollowing } from './carry-out.ts'

interface DeployOptions extends CarryOutOptions {
  readonly image?: string
  readonly container?: string
  readonly breakGlass?: string
  readonly until: Goal
}

export function serviceDeployCommand(): Command {
  const command = new Command('deploy')
    .description('deploy what the policy chooses, or the image that you name, and follow it to its end')
    .argument('<service>', 'CLUSTER/SERVICE')
    .option('--image <tag|digest>', 'this image, whatever policy and hold say')
    .option('--container <name>', 'the container to change; needed where several are tracked')
    .option('--break-glass <reason>', 'through pause and freeze; the reason is written down', parseReason)
    .addOption(
      new Option('--until <state>', 'follow it until it is completed, or until it is verified')
        .choices(['completed', 'verified'])
        .default('completed'),
    )
  return withFollowing(command).action(deploy)
}

async function deploy(name: string, options: DeployOptions): Promise<void> {
  const key = parseService(name)
  const capstan = await connectOperator(options)
  const observation = await capstan.observeService(key, requestOf(options))
  await carryOut(capstan, observation, options, options.until)
}

function requestOf({ image, container, breakGlass }: DeployOptions): DeployRequest {
  return {
    by: authorOf('service deploy'),
    ...(image && { reference: image }),
    ...(container && { container }),
    ...(breakGlass && { breakGlass }),
  }
}
