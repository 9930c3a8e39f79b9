/** Load balancers in front of programs of the test itself, and requests to them that show all there is to see. */
import { once } from 'node:events'
import {
  type Agent,
  createServer,
  type IncomingMessage,
  type RequestListener,
  request,
  type Server,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { TestEngine } from '../../testing.ts'

export const scope = { accountId: '123456789012', region: 'us-east-1' }

/** A program that answers, at 127.0.0.1. Health checks (`/health`) are answered with 200. */
export interface Target extends AsyncDisposable {
  readonly port: number
  readonly server: Server
}

export async function startTarget(listener: RequestListener): Promise<Target> {
  const server = createServer({ maxHeaderSize: 131_072 }, (asked, reply) => {
    if (asked.url === '/health') reply.end()
    else listener(asked, reply)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const stop = async () => {
    server.close()
    server.closeAllConnections()
  }
  return { port, server, [Symbol.asyncDispose]: stop }
}

/** A target that answers with its name and what it was asked. */
export const namedTarget = (name: string) =>
  startTarget((asked, reply) => {
    reply.setHeader('x-target', name)
    reply.end(JSON.stringify({ name, method: asked.method, url: asked.url, headers: asked.headers }))
  })

type Output = Record<string, unknown>

/** Calls of the control plane, and what is needed of their answers. */
export function controlOf({ engine }: TestEngine) {
  const call = async (operation: string, input: object) => {
    const output = (await engine.call('elb', scope, operation, input)) as Output
    await engine.settle()
    return output
  }
  const first = (output: Output, list: string) => (output[list] as Record<string, string>[])[0] ?? {}
  return {
    call,
    async loadBalancer(more: object = {}) {
      const input = { Name: 'lb', Subnets: ['subnet-a', 'subnet-b'], ...more }
      const { LoadBalancerArn = '', DNSName = '' } = first(
        await call('CreateLoadBalancer', input),
        'LoadBalancers',
      )
      return { arn: LoadBalancerArn, dnsName: DNSName }
    },
    /** A group with these targets, each known by its port. */
    async group(Name: string, ports: readonly number[], attributes: Record<string, string> = {}, more = {}) {
      const check = {
        HealthCheckPath: '/health',
        HealthCheckIntervalSeconds: 5,
        HealthCheckTimeoutSeconds: 2,
      }
      const input = { Name, Protocol: 'HTTP', Port: 80, VpcId: 'vpc-1', TargetType: 'ip', ...check, ...more }
      const { TargetGroupArn = '' } = first(await call('CreateTargetGroup', input), 'TargetGroups')
      const Attributes = Object.entries(attributes).map(([Key, Value]) => ({ Key, Value }))
      await call('ModifyTargetGroupAttributes', { TargetGroupArn, Attributes })
      const Targets = ports.map((Port) => ({ Id: '127.0.0.1', Port }))
      if (Targets.length) await call('RegisterTargets', { TargetGroupArn, Targets })
      return TargetGroupArn
    },
    async listener(LoadBalancerArn: string, DefaultActions: readonly object[], more = {}) {
      const input = { LoadBalancerArn, Protocol: 'HTTP', Port: 8080, DefaultActions, ...more }
      return first(await call('CreateListener', input), 'Listeners').ListenerArn ?? ''
    },
    /** `port state reason` of each target. */
    async health(TargetGroupArn: string, Targets?: object[]) {
      const output = await call('DescribeTargetHealth', { TargetGroupArn, ...(Targets && { Targets }) })
      const targets = output.TargetHealthDescriptions as {
        Target: { Port: number }
        TargetHealth: { State: string; Reason?: string }
      }[]
      return targets.map(({ Target, TargetHealth: { State, Reason } }) =>
        [Target.Port, State, ...(Reason ? [Reason] : [])].join(' '),
      )
    },
  }
}

export type Control = ReturnType<typeof controlOf>

export const forwardTo = (...arns: string[]) => [
  {
    Type: 'forward',
    ForwardConfig: { TargetGroups: arns.map((TargetGroupArn) => ({ TargetGroupArn, Weight: 1 })) },
  },
]

export interface Seen {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

interface Asked {
  readonly method?: string
  readonly headers?: object
  readonly body?: string
  readonly agent?: Agent | undefined
}

/** A request to a load balancer by its DNS name, at the engine's port. */
export function ask(
  { endpoint }: TestEngine,
  dnsName: string,
  path = '/',
  { method = 'GET', headers = {}, body = '', agent }: Asked = {},
): Promise<Seen> {
  return send(new URL(path, endpoint), { method, headers: { host: dnsName, ...headers }, body, agent })
}

export async function send(
  url: URL,
  { method = 'GET', headers = {}, body = '', agent }: Asked = {},
): Promise<Seen> {
  const outgoing = request(url, { method, headers: { ...headers }, agent: agent ?? false })
  outgoing.end(body || undefined)
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: await text(answer) }
}
