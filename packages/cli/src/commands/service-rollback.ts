/** `capstan service rollback`: back to the last known good, because a person says so. */
import type { RollbackRequest } from '@capstan/core/view.ts'
import { Command } from 'commander'
import { authorOf, parseReason, withReason } from '../author.ts'
import { connectOperator, parseService } from '../operator.ts'
import { type CarryOutOptions, carryOut, withFollowing } from './carry-out.ts'

interface RollbackOptions extends CarryOutOptions {
  readonly reason: string
  readonly to?: string
  readonly breakGlass?: string
}

export function serviceRollbackCommand(): Command {
  const command = new Command('rollback')
    .description('go back to the last known good, set aside what runs, and follow it to its end')
    .argument('<service>', 'CLUSTER/SERVICE')
    .option('--to <digest|tag>', 'a good state by one of its images (default: the newest that does not run)')
    .option(
      '--break-glass <reason>',
      'although the service is paused; the reason is written down',
      parseReason,
    )
  return withFollowing(withReason(command)).action(rollback)
}

async function rollback(name: string, options: RollbackOptions): Promise<void> {
  const key = parseService(name)
  const capstan = await connectOperator(options)
  await carryOut(capstan, await capstan.observeRollback(key, requestOf(options)), options)
}

function requestOf({ breakGlass, reason, to }: RollbackOptions): RollbackRequest {
  const author = { by: authorOf('service rollback'), reason }
  return { ...author, ...(to && { to }), ...(breakGlass && { breakGlass }) }
}
