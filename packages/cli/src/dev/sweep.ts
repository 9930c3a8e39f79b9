/** The sweep, asked for at once: what waits for it need not wait for the next minute. */
import { setTimeout as wait } from 'node:timers/promises'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { Failure, messageOf } from '@capstan/core/failure.ts'
import { rules } from '../../../../functions/rules.ts'
import type { SdkConfig } from '../sdk.ts'
import { functionNameOf } from './install.ts'

/** Calls the function behind a schedule and waits for its end. Throws `Failure` UNAVAILABLE where it fails. */
export async function sweep(sdk: SdkConfig, door = 'reconcile'): Promise<void> {
  const event = { id: 'by-hand', source: 'aws.events', 'detail-type': 'Scheduled Event' }
  const { FunctionError, Payload } = await new LambdaClient(sdk).send(
    new InvokeCommand({ FunctionName: functionNameOf(door), Payload: JSON.stringify(event) }),
  )
  if (!FunctionError) return
  const why = Payload?.transformToString() ?? FunctionError
  throw new Failure('UNAVAILABLE', `The sweep (${door}) failed, and comes again within a minute: ${why}`)
}

const DOORS = rules.flatMap((rule) => ('schedule' in rule ? [rule.door] : []))

/** Their schedules wake the sweeps each minute; who sits before a terminal should not wait so long. */
const SWEEP_EVERY_MS = 5000

/** Sweeps every few seconds until it is told to stop, and tells what goes wrong. */
export function keepSweeping(sdk: SdkConfig, tell: (trouble: string) => void): () => void {
  const stopping = new AbortController()
  const { signal } = stopping
  const keep = async () => {
    while (!signal.aborted) {
      await wait(SWEEP_EVERY_MS, undefined, { signal }).catch(() => {})
      if (signal.aborted) return
      for (const door of DOORS)
        await sweep(sdk, door).catch((error) => signal.aborted || tell(messageOf(error)))
    }
  }
  void keep()
  return () => stopping.abort()
}
