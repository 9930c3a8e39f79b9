/** What `service deploy` and `service rollback` share: a wish is decided on, applied, and followed to its end. */
import type { Capstan, Observation } from '@capstan/aws'
import type { DeliveryDecision } from '@capstan/core/decision.ts'
import { decideDelivery } from '@capstan/core/delivery.ts'
import { parseDuration } from '@capstan/core/duration.ts'
import { explain } from '@capstan/core/explain.ts'
import { messageOf } from '@capstan/core/failure.ts'
import { nameOf } from '@capstan/core/service-key.ts'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { type ExitCode, exitCodes } from '../exit.ts'
import { PLACE_OPTION, type Where } from '../place.ts'
import { follow, type Goal } from '../progress.ts'

export interface CarryOutOptions extends Where {
  readonly wait: boolean
  readonly timeout: number
  readonly json?: boolean
}

/** Adds the options that both commands have. */
export function withFollowing(command: Command): Command {
  return command
    .option('--no-wait', 'return once ECS has accepted it')
    .addOption(
      new Option('--timeout <duration>', 'give up following after this long')
        .argParser(parseLength)
        .default(600_000, '10m'),
    )
    .option('--config <file>', "the fleet's settings")
    .option(...PLACE_OPTION)
    .option('--json', 'print the result as JSON')
}

/** A duration on the command line, such as `10m` (ms). Throws what commander shows. */
export function parseLength(text: string): number {
  try {
    const length = parseDuration(text)
    if (length > 0) return length
  } catch (error) {
    throw new InvalidArgumentError(`${messageOf(error)}.`)
  }
  throw new InvalidArgumentError('Write a duration that is longer than nothing, such as 10m.')
}

/** Applies what is decided on `observation`, follows what was begun up to `goal`, prints it, and sets the exit code. */
export async function carryOut(
  capstan: Capstan,
  observation: Observation,
  { wait, timeout, json }: CarryOutOptions,
  goal: Goal = 'completed',
): Promise<void> {
  const [delivery] = await capstan.deliver([observation], decideDelivery)
  const { decisions = [], deployment } = delivery ?? {}
  for (const decision of decisions) console.error(explain(decision))
  const decision = decisions.at(-1)
  const way = wayOn(decision)
  if (way) console.error(way)
  const { service } = observation
  const write = (line: string) => console.error(line)
  const followed = deployment ?? underWay(observation, decision, goal)
  const outcome =
    followed && wait
      ? await follow(capstan, service, followed, { goal, timeoutMs: timeout, write })
      : { code: deployment ? exitCodes.done : codeOf(decision), sentence: decision ? explain(decision) : '' }
  if (json) {
    const result = { service: nameOf(service), deployment: deployment ?? null, decisions, ...outcome }
    console.log(JSON.stringify(result))
  } else if (followed) console.log(outcome.sentence)
  process.exitCode = outcome.code
}

/** The deployment that brings, or brought, what was asked for, where it was begun before. */
function underWay(
  observation: Observation,
  decision: DeliveryDecision | undefined,
  goal: Goal,
): string | undefined {
  if (observation.kind !== 'seen') return undefined
  const { record, service } = observation.view
  if (decision?.kind === 'wait' && decision.reason === 'deployment-in-progress') return record?.inFlight?.id
  const isThere = decision?.kind === 'skip' && decision.reason === 'already-running'
  return isThere && goal === 'verified' ? service.registeredBy : undefined
}

/** What it means for the caller that nothing was begun. */
export function codeOf(decision: DeliveryDecision | undefined): ExitCode {
  switch (decision?.kind) {
    case 'hold':
      return exitCodes.held
    case 'wait':
      return decision.reason === 'frozen' || decision.reason === 'paused' ? exitCodes.held : exitCodes.waiting
    case 'skip':
      if (decision.reason === 'already-running') return exitCodes.done
      return HELD.has(decision.reason) ? exitCodes.held : exitCodes.failed
    default:
      return exitCodes.failed
  }
}

/** What a person can do who still wants what was not begun. */
export function wayOn(decision: DeliveryDecision | undefined): string | undefined {
  if (decision?.kind !== 'wait' && decision?.kind !== 'skip') return undefined
  const name = nameOf(decision.service)
  switch (decision.reason) {
    case 'paused':
      // A policy that is off is no pause that could be ended.
      return decision.kind === 'wait'
        ? `If it cannot wait: --break-glass REASON. 'capstan service resume ${name} --reason TEXT' ends the pause.`
        : undefined
    case 'frozen':
      return "If it cannot wait: --break-glass REASON. 'capstan freeze list' shows what is frozen."
    case 'quarantined':
      return `To try it again, name it with --image, or: capstan service release ${name} --reason TEXT`
    default:
      return undefined
  }
}

const HELD = new Set(['held', 'quarantined', 'paused'])
