/**
 * What wakes discovery, as it comes from its queue: tasks that changed, services whose tags did, and Capstan's own word
 * that something is to be looked at again. Properties that are not known are left alone.
 */
import '../english.ts'
import * as z from 'zod/mini'
import type { Whereabouts } from '../places.ts'
import { number, text } from '../plain.ts'
import { parseServiceArn } from '../service-key.ts'
import { parseTargetName, sourceOf } from './names.ts'
import type { SeenTask, SourceKey, Target, TaskPort } from './view.ts'

/** What is of interest of a message; `ignored` with the reason where nothing is. */
export type DiscoveryEvent =
  | { readonly kind: 'task-changed'; readonly task: SeenTask }
  | { readonly kind: 'source-changed'; readonly source: SourceKey }
  | { readonly kind: 'look-again'; readonly source: SourceKey; readonly target?: Target }
  | { readonly kind: 'ignored'; readonly reason: string }

/** The same with the place that it is from. */
export type PlacedEvent = DiscoveryEvent & { readonly from: Whereabouts }

const time = z.union([text, z.date()])

const container = z.object({
  name: z.optional(text),
  networkInterfaces: z.optional(
    z.array(z.object({ privateIpv4Address: z.optional(text), ipv6Address: z.optional(text) })),
  ),
  networkBindings: z.optional(
    z.array(z.object({ containerPort: z.optional(number), hostPort: z.optional(number) })),
  ),
})

const attachment = z.object({
  type: z.optional(text),
  details: z.optional(z.array(z.object({ name: z.optional(text), value: z.optional(text) }))),
})

/** A task in an event's detail, or as DescribeTasks has it: they differ in how times are written, and interfaces named. */
const taskDetail = z.object({
  taskArn: text.check(z.minLength(1)),
  clusterArn: text.check(z.regex(/:cluster\/[^/]+$/)),
  group: z.optional(text),
  version: number,
  taskDefinitionArn: text.check(z.minLength(1)),
  desiredStatus: text,
  lastStatus: text,
  healthStatus: z.optional(text),
  containerInstanceArn: z.optional(text),
  startedAt: z.optional(time),
  attachments: z.optional(z.array(attachment)),
  containers: z.optional(z.array(container)),
})

type TaskDetail = z.infer<typeof taskDetail>

const taskChanged = z.pipe(
  z.object({ detail: taskDetail }),
  z.transform(({ detail }): DiscoveryEvent => ({ kind: 'task-changed', task: taskOf(detail) })),
)

const tagsChanged = z.pipe(
  z.object({
    resources: z.array(text),
    detail: z.object({ service: text, 'resource-type': text }),
  }),
  z.transform(({ detail, resources }): DiscoveryEvent => {
    const key = parseServiceArn(resources[0] ?? '')
    if (detail.service !== 'ecs' || detail['resource-type'] !== 'service' || key === undefined)
      return { kind: 'ignored', reason: `${detail.service} ${detail['resource-type']} is no ECS service` }
    return { kind: 'source-changed', source: { cluster: key.cluster, group: `service:${key.service}` } }
  }),
)

const lookAgain = z.pipe(
  z.object({
    detail: z.object({
      cluster: text.check(z.minLength(1)),
      group: text.check(z.minLength(1)),
      target: z.optional(text),
    }),
  }),
  z.transform(({ detail: { cluster, group, target: name = '' } }): DiscoveryEvent => {
    const target = parseTargetName(name)
    return { kind: 'look-again', source: { cluster, group }, ...(target !== undefined && { target }) }
  }),
)

const BY_TYPE = new Map<string, z.ZodMiniType<DiscoveryEvent>>([
  ['aws.ecs ECS Task State Change', taskChanged],
  ['aws.tag Tag Change on Resource', tagsChanged],
  ['capstan Capstan Look Again', lookAgain],
])

/** The envelope says where an event is from; Capstan's own word names the place. */
const whereabouts = z.union([
  z.object({ account: text, region: text }),
  z.object({ place: z.catch(z.optional(text), undefined) }),
])

/** One event from the queue. Those of another kind are ignored; those that have another form than theirs are refused. */
export const discoveryEvent = z.pipe(
  z.looseObject({ source: text, 'detail-type': text }),
  z.transform((event, context): PlacedEvent => {
    const type = `${event.source} ${event['detail-type']}`
    const from = whereabouts.parse(event)
    const schema = BY_TYPE.get(type)
    if (schema === undefined) return { kind: 'ignored', reason: `${type} is none of discovery's`, from }
    const read = schema.safeParse(event)
    if (read.success) return { ...read.data, from }
    for (const { message, path } of read.error.issues)
      context.issues.push({ code: 'custom', message, path: [...path], input: event })
    return z.NEVER
  }),
)

/** A task of an event's detail or of DescribeTasks; `undefined` for what is none. */
export function seenTaskOf(detail: unknown): SeenTask | undefined {
  const read = taskDetail.safeParse(detail)
  return read.success ? taskOf(read.data) : undefined
}

function taskOf(detail: TaskDetail): SeenTask {
  const { clusterArn, containerInstanceArn, group = '', healthStatus, taskArn, taskDefinitionArn } = detail
  const interfaceId = interfaceDetail(detail, 'networkInterfaceId')
  const startedAt = detail.startedAt === undefined ? Number.NaN : new Date(detail.startedAt).getTime()
  return {
    id: lastPart(taskArn),
    arn: taskArn,
    source: sourceOf(lastPart(clusterArn), group, taskDefinitionArn),
    version: detail.version,
    taskDefinitionArn,
    desired: detail.desiredStatus === 'RUNNING' ? 'RUNNING' : 'STOPPED',
    last: detail.lastStatus,
    health: healthStatus === 'HEALTHY' || healthStatus === 'UNHEALTHY' ? healthStatus : 'UNKNOWN',
    ...(interfaceId !== undefined && { interfaceId }),
    ...(containerInstanceArn !== undefined && { containerInstanceArn }),
    addresses: addressesOf(detail),
    ports: portsOf(detail),
    ...(!Number.isNaN(startedAt) && { startedAt }),
  }
}

function lastPart(arn: string): string {
  return arn.replace(/^.*\//, '')
}

/** Of the task's elastic network interface, which events and the API name differently. */
function interfaceDetail({ attachments = [] }: TaskDetail, name: string): string | undefined {
  const own = attachments.filter(({ type }) => type === 'eni' || type === 'ElasticNetworkInterface')
  return own.flatMap(({ details = [] }) => details).find((each) => each.name === name)?.value
}

function addressesOf(detail: TaskDetail): SeenTask['addresses'] {
  const interfaces = (detail.containers ?? []).flatMap(({ networkInterfaces = [] }) => networkInterfaces)
  const ipv4 =
    interfaceDetail(detail, 'privateIPv4Address') ??
    interfaces.find(({ privateIpv4Address }) => privateIpv4Address)?.privateIpv4Address
  const ipv6 = interfaces.find(({ ipv6Address }) => ipv6Address)?.ipv6Address
  return { ...(ipv4 && { private: ipv4 }), ...(ipv6 && { ipv6 }) }
}

function portsOf({ containers = [] }: TaskDetail): TaskPort[] {
  return containers.flatMap(({ name = '', networkBindings = [] }) =>
    networkBindings.flatMap(({ containerPort: port, hostPort }) =>
      port === undefined || hostPort === undefined ? [] : [{ container: name, port, hostPort }],
    ),
  )
}
