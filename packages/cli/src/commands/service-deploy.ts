/** `capstan service deploy`: an operator's wish, applied and followed to its end. */
import { userInfo } from 'node:os'
import type { DeliveryDecision } from '@capstan/core/decision.ts'
import { decideDelivery } from '@capstan/core/delivery.ts'
import { explain } from '@capstan/core/explain.ts'
import { nameOf } from '@capstan/core/service-key.ts'
import type { DeployRequest } from '@capstan/core/view.ts'
import { Command, InvalidArgumentError, Option } from 'commander'
import ms from 'ms'
import { type ExitCode, exitCodes } from '../exit.ts'
import { connectOperator, parseService } from '../operator.ts'
import { follow } from '../progress.ts'

interface DeployOptions {
  readonly image?: string
  readonly container?: string
  readonly config?: string
  readonly wait: boolean
  readonly timeout: number
  readonly json?: boolean
}

export function serviceDeployCommand(): Command {
  return new Command('deploy')
    .description('deploy what the policy chooses, or the image that you name, and follow it to its end')
    .argument('<service>', 'CLUSTER/SERVICE')
    .option('--image <tag|digest>', 'this image, whatever policy and hold say')
    .option('--container <name>', 'the container to change; needed where several are tracked')
    .option('--no-wait', 'return once ECS has accepted it')
    .addOption(
      new Option('--timeout <duration>', 'give up following after this long')
        .argParser(parseTimeout)
        .default(600_000, '10m'),
    )
    .option('--config <file>', "the fleet's settings")
    .option('--json', 'print the result as JSON')
    .action(deploy)
}

function parseTimeout(text: string): number {
  const parsed = ms(text as ms.StringValue)
  if (!parsed || parsed < 0) throw new InvalidArgumentError('Write a number and a unit, such as 90s or 10m.')
  return parsed
}

async function deploy(name: string, options: DeployOptions): Promise<void> {
  const key = parseService(name)
  const capstan = await connectOperator(options.config)
  const observation = await capstan.observeService(key, requestOf(options))
  const [delivery] = await capstan.deliver([observation], decideDelivery)
  const { decisions = [], deployment } = delivery ?? {}
  for (const decision of decisions) console.error(explain(decision))
  const decision = decisions.at(-1)
  const outcome =
    deployment && options.wait
      ? await follow(capstan, key, deployment, {
          timeoutMs: options.timeout,
          write: (line) => console.error(line),
        })
      : { code: deployment ? exitCodes.done : codeOf(decision), sentence: decision ? explain(decision) : '' }
  if (options.json) {
    console.log(
      JSON.stringify({ service: nameOf(key), deployment: deployment ?? null, decisions, ...outcome }),
    )
  } else if (deployment) console.log(outcome.sentence)
  process.exitCode = outcome.code
}

function requestOf({ image, container }: DeployOptions): DeployRequest {
  const by = `${userInfo().username} (capstan service deploy)`
  return { by, ...(image && { reference: image }), ...(container && { container }) }
}

/** What it means for the caller that nothing was deployed. */
function codeOf(decision: DeliveryDecision | undefined): ExitCode {
  if (decision?.kind === 'hold') return exitCodes.held
  if (decision?.kind === 'wait') return exitCodes.waiting
  if (decision?.kind === 'skip' && decision.reason === 'already-running') return exitCodes.done
  return exitCodes.failed
}
