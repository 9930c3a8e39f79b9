/** An application load balancer of an engine in a process of its own, made as anyone would: by calls of the API. */
import { setTimeout as wait } from 'node:timers/promises'
import { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2'
import { end, freePort, start } from './measure.ts'

export interface Balancer extends AsyncDisposable {
  /** Where it serves: its own address, on its listener's port. */
  readonly url: string
  /** Of the engine. */
  readonly pid: number
  /** Has V8 collect all garbage: what the engine's memory is afterwards, it keeps. */
  collect(): Promise<void>
}

const LISTENER_PORT = 8080

/** Starts an engine on `port`, with a load balancer in front of a target at this machine. Throws where it has no address. */
export async function startBalancer(port: number, target: number): Promise<Balancer> {
  const inspector = await freePort()
  const child = start(process.execPath, [
    `--inspect-port=127.0.0.1:${inspector}`,
    'packages/cli/bin/drydock.js',
    '--port',
    `${port}`,
  ])
  const stop = () => end(child)
  try {
    const address = await create(sdkOf(port), target)
    return {
      url: `http://${address}:${LISTENER_PORT}/`,
      pid: child.pid ?? 0,
      collect: () => collectGarbage(child.pid ?? 0, inspector),
      [Symbol.asyncDispose]: stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

const sdkOf = (port: number) =>
  new ElasticLoadBalancingV2({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
    maxAttempts: 10, // until the engine listens
  })

async function create(elb: ElasticLoadBalancingV2, target: number): Promise<string> {
  const { LoadBalancers: [balancer] = [] } = await elb.createLoadBalancer({
    Name: 'bench',
    Subnets: ['subnet-a', 'subnet-b'],
  })
  const { TargetGroups: [group] = [] } = await elb.createTargetGroup({
    Name: 'bench',
    Protocol: 'HTTP',
    Port: 80,
    VpcId: 'vpc-1',
    TargetType: 'ip',
  })
  const TargetGroupArn = group?.TargetGroupArn
  await elb.registerTargets({ TargetGroupArn, Targets: [{ Id: '127.0.0.1', Port: target }] })
  await elb.createListener({
    LoadBalancerArn: balancer?.LoadBalancerArn,
    Protocol: 'HTTP',
    Port: LISTENER_PORT,
    DefaultActions: [{ Type: 'forward', TargetGroupArn }],
  })
  for (let tries = 0; tries < 100; tries++) {
    const { LoadBalancers: [seen] = [] } = await elb.describeLoadBalancers({ Names: ['bench'] })
    const address = seen?.AvailabilityZones?.[0]?.LoadBalancerAddresses?.[0]?.IpAddress
    if (address !== undefined && (await fetch(`http://${address}:${LISTENER_PORT}/`)).ok) return address
    await wait(20)
  }
  throw new Error('The load balancer has no address')
}

/** By the inspector of the process, begun only now because it costs time (Chrome DevTools Protocol, HeapProfiler). */
async function collectGarbage(pid: number, inspector: number): Promise<void> {
  process.kill(pid, 'SIGUSR1')
  const socket = new WebSocket(await debuggerUrl(inspector))
  const answered = Promise.withResolvers<void>()
  socket.onopen = () => socket.send(JSON.stringify({ id: 1, method: 'HeapProfiler.collectGarbage' }))
  socket.onmessage = () => answered.resolve()
  socket.onerror = () => answered.reject(new Error(`The inspector at port ${inspector} does not answer.`))
  await answered.promise
  socket.close()
}

async function debuggerUrl(inspector: number, tries = 100): Promise<string> {
  try {
    const listed = await fetch(`http://127.0.0.1:${inspector}/json/list`)
    const [{ webSocketDebuggerUrl }] = (await listed.json()) as [{ webSocketDebuggerUrl: string }]
    return webSocketDebuggerUrl
  } catch (error) {
    if (tries === 1) throw error
    await wait(20)
    return debuggerUrl(inspector, tries - 1)
  }
}
