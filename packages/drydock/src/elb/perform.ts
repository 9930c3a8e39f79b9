/** Does what `schedule` says is due. */
import type { ElbAction } from './schedule.ts'
import type { ElbContext, TargetGroupRecord, TargetRecord } from './state.ts'

/** AWS publishes each minute; here alarms with periods of 10 seconds see load balancers too. */
const PUBLISH_MS = 10_000

export function perform(action: ElbAction, context: ElbContext): void {
  if (action.kind === 'publish') {
    publish(action.at, context)
    return
  }
  const group = context.state.targetGroups[action.targetGroupArn]
  const target = group?.targets[action.target]
  if (!group || !target) return
  if (action.kind === 'probe') {
    probe(group, target, action.target, context)
    return
  }
  delete group.targets[action.target]
  context.ask({ kind: 'end-connections', targetGroupArn: group.arn, target: action.target })
  context.ask({ kind: 'target-changed', targetGroupArn: group.arn, target: action.target })
}

/** After a time without load balancers, or without an engine, what began long ago is not told. */
function publish(at: number, { state, now, ask }: ElbContext): void {
  state.publishAt = Math.floor(now / PUBLISH_MS) * PUBLISH_MS + PUBLISH_MS
  if (now - at < PUBLISH_MS) ask({ kind: 'publish-metrics', at: at - PUBLISH_MS })
}

function probe(group: TargetGroupRecord, target: TargetRecord, key: string, { now, ask }: ElbContext): void {
  const { protocol, port, path = '/', intervalSeconds, timeoutSeconds } = group.healthCheck
  target.probeAt = now + intervalSeconds * 1000
  ask({
    kind: 'probe-target',
    targetGroupArn: group.arn,
    target: key,
    registration: target.registration,
    protocol,
    address: addressOf(group, target),
    port: port === 'traffic-port' ? target.port : Number(port),
    path,
    timeoutMs: timeoutSeconds * 1000,
  })
}

/** There is one machine: every instance is it. */
export function addressOf(
  { targetType }: Pick<TargetGroupRecord, 'targetType'>,
  { id }: TargetRecord,
): string {
  return targetType === 'instance' ? '127.0.0.1' : id
}
