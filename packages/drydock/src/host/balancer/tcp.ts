/** Network load balancers: each connection goes to a target, and then whatever either side sends to the other. */
import { connect, type Socket } from 'node:net'
import { pickGroup, pickTarget } from '../../elb/balance.ts'
import { addressOf } from '../../elb/perform.ts'
import { rulesOf } from '../../elb/rules.ts'
import type { Place } from './serving.ts'
import type { Traffic } from './traffic.ts'
import { join } from './upgrading.ts'

export interface TcpOptions {
  readonly now: () => number
  readonly traffic: Traffic
  readonly unreachable: (address: string) => string | undefined
}

/** Connects a client. Without a target that can be reached its connection is reset, as a refused one would be. */
export function serveTcp(
  { state, listener }: Pick<Place, 'state' | 'listener'>,
  client: Socket,
  { now, traffic, unreachable }: TcpOptions,
): void {
  const action = rulesOf(listener, state).at(-1)?.actions.at(-1)
  const group = state.targetGroups[pickGroup(action?.ForwardConfig ?? {}, Math.random()) ?? '']
  const target =
    group &&
    pickTarget(group, {
      now: now(),
      turn: traffic.turnOf(group.arn),
      chance: Math.random(),
      openRequests: () => 0,
    })
  const address = target && addressOf(group, target)
  if (!target || address === undefined || unreachable(address) !== undefined)
    return void client.resetAndDestroy()
  const upstream = connect({ host: address, port: target.port })
  const idleMs = Number(listener.attributes['tcp.idle_timeout.seconds'] ?? 350) * 1000
  const closed = traffic.open(group.arn, `${target.id}:${target.port}`, () => client.destroy())
  client.setTimeout(idleMs, () => client.resetAndDestroy())
  client.once('close', closed)
  upstream.once('error', () => client.resetAndDestroy())
  join(client, upstream)
}
