/** Counts what CloudWatch knows of load balancers (ALB User Guide, CloudWatch metrics), until somebody takes the counts. */
import type { Scope } from '../../service.ts'

/** How a request ended. */
export interface Ended {
  readonly scope: Scope
  readonly loadBalancerArn: string
  /** Absent where no target was chosen. */
  readonly targetGroupArn?: string | undefined
  /** The target's status. */
  readonly targetStatus?: number | undefined
  /** The status that the load balancer answered by itself; 460 where the client left. */
  readonly ownStatus?: number | undefined
  /** Whether no connection to the target could be made. */
  readonly isUnconnected?: boolean | undefined
  /** From the request's leaving the load balancer to the target's headers, in milliseconds. */
  readonly targetMs?: number | undefined
}

export interface TrafficCounts {
  readonly scope: Scope
  readonly loadBalancerArn: string
  /** Absent for what is counted for the load balancer alone. */
  readonly targetGroupArn?: string | undefined
  /** Requests for which a target was chosen. */
  requestCount: number
  /** By metric: responses by class (`HTTPCode_Target_2XX_Count`, `HTTPCode_ELB_5XX_Count`), connections that failed. */
  readonly codes: Record<string, number>
  /** How often each response time, in seconds to the millisecond, was seen. */
  readonly responseTimes: Map<number, number>
}

export interface Metrics {
  count(ended: Ended): void
  /** A scope's counts since the last call, and forgets them. */
  take(scope: Scope): TrafficCounts[]
}

export function createMetrics(): Metrics {
  let counts = new Map<string, TrafficCounts>()
  let last: TrafficCounts | undefined
  const countsOf = ({ scope, loadBalancerArn, targetGroupArn }: Ended): TrafficCounts => {
    if (last?.loadBalancerArn === loadBalancerArn && last.targetGroupArn === targetGroupArn) return last
    const key = `${loadBalancerArn} ${targetGroupArn ?? ''}`
    let found = counts.get(key)
    if (!found) {
      found = { scope, loadBalancerArn, targetGroupArn, requestCount: 0, codes: {}, responseTimes: new Map() }
      counts.set(key, found)
    }
    last = found
    return found
  }
  return {
    count(ended) {
      const counted = countsOf(ended)
      const { codes, responseTimes } = counted
      if (ended.targetGroupArn !== undefined) counted.requestCount++
      if (ended.targetStatus !== undefined)
        increase(codes, `HTTPCode_Target_${classOf(ended.targetStatus)}_Count`)
      if (ended.ownStatus !== undefined) countOwn(codes, ended.ownStatus)
      if (ended.isUnconnected) increase(codes, 'TargetConnectionErrorCount')
      if (ended.targetMs === undefined) return
      const seconds = Math.round(ended.targetMs) / 1000
      responseTimes.set(seconds, (responseTimes.get(seconds) ?? 0) + 1)
    },
    take({ accountId, region }) {
      const isTaken = ({ scope }: TrafficCounts) => scope.accountId === accountId && scope.region === region
      const taken = [...counts.values()].filter(isTaken)
      counts = new Map([...counts].filter(([, each]) => !isTaken(each)))
      last = undefined
      return taken
    },
  }
}

const classOf = (status: number) => `${Math.floor(status / 100)}XX`

/** Some errors have metrics of their own besides that of their class. */
const COUNTED_ALONE = [500, 502, 503, 504]

function countOwn(codes: Record<string, number>, status: number): void {
  increase(codes, `HTTPCode_ELB_${classOf(status)}_Count`)
  if (COUNTED_ALONE.includes(status)) increase(codes, `HTTPCode_ELB_${status}_Count`)
}

function increase(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1
}
