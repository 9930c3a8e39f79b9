/**
 * `/_drydock/services/<cluster>/<service>/…`: a way for people to reach a service without a load balancer. Requests go
 * to its RUNNING tasks in turn, at the first port that the task definition declares.
 */

import type { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { ProxyServer } from 'httpxy'
import type { EcsState, ServiceRecord, TaskRecord } from '../ecs/state.ts'
import type { Engine } from '../engine.ts'
import { firstAccepting } from './accepting.ts'
import { refuse } from './browsers.ts'
import type { TaskDriver } from './driver.ts'
import type { Mount } from './http.ts'
import { lazy } from './lazy.ts'

export interface FrontDoorOptions {
  readonly engine: Engine
  readonly driver: Pick<TaskDriver, 'name' | 'portOf'>
  /** The host that the engine was told to listen on. */
  readonly host: string
}

/** Where a request goes, or why it goes nowhere. */
type Way =
  | { readonly targets: () => string[]; readonly path: string }
  | { readonly status: number; readonly why: string }

const PREFIX = '/_drydock/services'

/** The mount for `/_drydock/services`. It passes on WebSockets too. */
export function frontDoor(options: FrontDoorOptions): Mount {
  const turns = new Map<string, number>()
  const proxy = lazy(makeProxy)
  const pass = async (targets: () => string[], on: (each: ProxyServer, target: string) => Promise<void>) => {
    const [each, target] = await Promise.all([proxy(), firstAccepting(targets)])
    if (!target) throw new Error(UNREACHABLE)
    await on(each, target)
  }
  return {
    path: PREFIX,
    listener(request, reply) {
      const way = wayOf(options, request, turns)
      if ('why' in way) return refuseWith(reply, way.status, way.why)
      if (way.path === '') return void reply.writeHead(308, { location: withSlash(request.url) }).end()
      request.url = way.path
      pass(way.targets, (each, target) => each.web(request, reply, { target })).catch(() =>
        refuseWith(reply, 502, UNREACHABLE),
      )
    },
    upgrade(request, socket, head) {
      const way = wayOf(options, request, turns)
      if ('why' in way || !(socket instanceof Socket)) return void socket.destroy()
      request.url = way.path || '/'
      pass(way.targets, (each, target) => each.ws(request, socket, { target }, head)).catch(() =>
        socket.destroy(),
      )
    },
  }
}

const UNREACHABLE = 'The task did not answer. Its program may still be starting, or have ended.'

async function makeProxy(): Promise<ProxyServer> {
  const { createProxyServer } = await import('httpxy')
  // No time limit: a task may hold a request open for as long as it likes, as behind a load balancer.
  const proxy = createProxyServer({ xfwd: true, proxyTimeout: 0 })
  proxy.on('error', (_error, _request, reply) => {
    if (reply instanceof Socket) reply.destroy()
    else if (reply) refuseWith(reply, 502, UNREACHABLE)
  })
  return proxy
}

function wayOf(
  { engine, driver, host }: FrontDoorOptions,
  request: IncomingMessage,
  turns: Map<string, number>,
): Way {
  const refusal = isNavigation(request) ? undefined : refuse(request, host)
  if (refusal) return { status: 403, why: refusal }
  const named = /^\/_drydock\/services\/([^/?]+)\/([^/?]+)(.*)$/.exec(request.url ?? '')
  if (!named) return { status: 404, why: `Name a service: ${PREFIX}/<cluster>/<service>/` }
  const [, cluster = '', service = '', path = ''] = named
  const found = findService(engine, decode(cluster), decode(service))
  if (!found)
    return { status: 404, why: `There is no service ${decode(service)} in the cluster ${decode(cluster)}.` }
  if (driver.name === 'simulated')
    return { status: 503, why: 'Tasks are simulated here: there is no program to answer.' }
  if (!targetsOf(found, driver).length)
    return { status: 503, why: `The service ${found.service.name} has no running task with a port to reach.` }
  const turn = turns.get(found.service.arn) ?? 0
  turns.set(found.service.arn, turn + 1)
  const targets = () => inTurn(targetsOf(found, driver), turn)
  return { targets, path: path.startsWith('/') ? path : '' }
}

/** A person who follows a link from another page: that page learns nothing of the answer. */
const isNavigation = ({ method, headers }: IncomingMessage) =>
  method === 'GET' && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document'

interface Found {
  readonly state: EcsState
  readonly service: ServiceRecord
}

/** In whichever account and region it is: people here rarely use more than one. */
function findService(engine: Engine, cluster: string, name: string): Found | undefined {
  for (const home of engine.snapshot()) {
    if (home.name !== 'ecs') continue
    const state = engine.state('ecs', home.scope)
    const services = Object.values(state.services)
    const service = services.find((each) => each.name === name && each.clusterName === cluster)
    if (service && service.status !== 'INACTIVE') return { state, service }
  }
  return undefined
}

/** The running tasks' addresses, `http://127.64.0.1:8080`. */
function targetsOf({ state, service }: Found, driver: Pick<TaskDriver, 'portOf'>): string[] {
  return Object.keys(service.taskArns)
    .sort()
    .flatMap((arn) => addressOf(state, state.tasks[arn], driver))
}

/** Each request begins with another task than the one before. */
function inTurn(targets: readonly string[], turn: number): string[] {
  const first = turn % Math.max(targets.length, 1)
  return [...targets.slice(first), ...targets.slice(0, first)]
}

function addressOf(
  state: EcsState,
  task: TaskRecord | undefined,
  driver: Pick<TaskDriver, 'portOf'>,
): string[] {
  if (task?.lastStatus !== 'RUNNING' || task.desiredStatus !== 'RUNNING') return []
  const { definition } = state.taskDefinitions[task.settings.taskDefinitionArn] ?? {}
  const mappings = definition?.containerDefinitions?.flatMap(({ portMappings }) => portMappings ?? []) ?? []
  const port = mappings.find(({ protocol = 'tcp' }) => protocol === 'tcp')?.containerPort
  if (port === undefined || task.network.address === undefined) return []
  return [`http://${task.network.address}:${driver.portOf(task.arn, port)}`]
}

function refuseWith(reply: ServerResponse, status: number, why: string): void {
  if (reply.headersSent) return void reply.destroy()
  reply.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${why}\n`)
}

/** Relative links of a page work only below a slash. */
function withSlash(url = ''): string {
  const [path, query] = url.split('?')
  return query === undefined ? `${path}/` : `${path}/?${query}`
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
