/**
 * Where Cloud Map and Route 53 meet: namespaces have hosted zones, and instances have records in them. What is asked of
 * one zone at one time is done together, and nothing else happens between a change of the zone and the report of it.
 */
import type { DiscoveryReport, OperationError, ZoneEffect } from '../discovery/effects.ts'
import type { DiscoveryState, PendingOperation, ServiceRecord } from '../discovery/state.ts'
import type { Engine } from '../engine.ts'
import type { Scope } from '../service.ts'
import type { Performers } from './effects.ts'
import { putRecords, type Touch } from './instance-records.ts'
import { createZone, deleteZone, type NamespaceZone, putSoaTtl, zoneIn } from './namespace-zone.ts'
import { answerOf } from './queues.ts'

/** The performers of what Cloud Map asks of hosted zones. */
export function zonePerformers(): Performers<ZoneEffect> {
  const waiting = new Map<string, { readonly effects: ZoneEffect[]; readonly done: Promise<void> }>()
  const enqueue = (effect: ZoneEffect, scope: Scope, engine: Engine): Promise<void> => {
    const key = `${scope.accountId}/${scope.region}/${effect.namespaceId}`
    const others = waiting.get(key)
    if (others) {
      others.effects.push(effect)
      return others.done
    }
    const effects = [effect]
    const work = async () => {
      await engine.load('route53').finally(() => waiting.delete(key))
      changeZone(effect.namespaceId, effects, scope, engine)
    }
    const done = work()
    waiting.set(key, { effects, done })
    return done
  }
  return { 'change-zone': enqueue, 'refresh-records': enqueue }
}

/** Operations in the order of their effects; what is refreshed comes last, by what is known then. */
function changeZone(namespaceId: string, effects: readonly ZoneEffect[], scope: Scope, engine: Engine): void {
  const { pending } = engine.state('discovery', scope)
  const operations = effects.flatMap((effect) =>
    effect.kind === 'change-zone' ? (pending[effect.operationId] ?? []) : [],
  )
  for (const group of groupsOf(operations)) {
    const zone = zoneOf(namespaceId, scope, engine, group[0])
    if (zone) changeTogether(group, zone)
  }
  const zone = zoneOf(namespaceId, scope, engine)
  if (zone) refresh(effects, zone)
}

type Operations = readonly [PendingOperation, ...PendingOperation[]]

/** Operations on instances that follow each other go together, all others alone. */
function groupsOf(operations: readonly PendingOperation[]): Operations[] {
  const groups: [PendingOperation, ...PendingOperation[]][] = []
  for (const operation of operations) {
    const last = groups.at(-1)
    if (last && isOfInstance(last[0]) && isOfInstance(operation)) last.push(operation)
    else groups.push([operation])
  }
  return groups
}

const isOfInstance = ({ change: { kind } }: PendingOperation) => kind === 'register' || kind === 'deregister'

function zoneOf(
  id: string,
  scope: Scope,
  engine: Engine,
  operation?: PendingOperation,
): NamespaceZone | undefined {
  const made = operation?.change.kind === 'create-namespace' ? operation.change.namespace : undefined
  const namespace = made ?? engine.state('discovery', scope).namespaces[id]
  return namespace && { namespace, scope, engine }
}

function changeTogether(operations: Operations, zone: NamespaceZone): void {
  const [operation] = operations
  const { change } = operation
  switch (change.kind) {
    case 'create-namespace':
      finish([operation], zone, () => createZone(zone))
      break
    case 'update-namespace':
      finish([operation], zone, () => putSoaTtl(zone, change.soaTtl))
      break
    case 'delete-namespace':
      finish([operation], zone, () => deleteZone(zone))
      break
    case 'update-service':
      changeService(operation, zone)
      break
    case 'register':
    case 'deregister':
      changeInstances(operations, zone)
      break
  }
}

/** Does the work of operations and reports them; returns whether it was done. */
function finish(operations: readonly PendingOperation[], zone: NamespaceZone, work: () => void): boolean {
  const error = refusalOf(work)
  const operationIds = operations.map(({ id }) => id)
  if (error)
    for (const operationId of operationIds) report({ kind: 'zone-refused', operationId, error }, zone)
  else {
    const hostedZoneId = zoneIn(zone)?.id
    report({ kind: 'zone-changed', operationIds, ...(hostedZoneId !== undefined && { hostedZoneId }) }, zone)
  }
  return error === undefined
}

const report = (what: DiscoveryReport, { engine, scope }: NamespaceZone): void =>
  engine.report('discovery', scope, what)

/** This many instances have no more records than one batch of Route 53 takes, with the longest names there are. */
const MOST_TOGETHER = 40

function changeInstances(operations: readonly PendingOperation[], zone: NamespaceZone): void {
  for (const part of partsOf(operations)) {
    // Another's refusal is none of an operation's business: then each is tried alone.
    const isDone = part.length > 1 && refusalOf(() => putRecords(touchesOf(part, zone), zone)) === undefined
    if (isDone) finish(part, zone, () => {})
    else for (const each of part) finish([each], zone, () => putRecords(touchesOf([each], zone), zone))
  }
}

function touchesOf(operations: readonly PendingOperation[], zone: NamespaceZone): Touch[] {
  const { services } = stateOf(zone)
  return operations.flatMap(({ change }): Touch[] => {
    const service = 'serviceId' in change ? services[change.serviceId] : undefined
    if (!service) return []
    if (change.kind === 'register')
      return [{ service, instanceId: change.instance.id, instance: change.instance }]
    return change.kind === 'deregister' ? [{ service, instanceId: change.instanceId }] : []
  })
}

/** All or nothing, although the records may not go into one batch. */
function changeService(operation: PendingOperation, zone: NamespaceZone): void {
  const { change } = operation
  const service = change.kind === 'update-service' ? stateOf(zone).services[change.serviceId] : undefined
  if (change.kind !== 'update-service' || !service) return
  const wanted = { ...service, ...(change.dns && { dns: change.dns }) }
  const isDone = finish([operation], zone, () => {
    for (const part of partsOf(allOf(wanted))) putRecords(part, zone)
  })
  if (!isDone) refreshAll(allOf(service), zone)
}

function refresh(effects: readonly ZoneEffect[], zone: NamespaceZone): void {
  const { services } = stateOf(zone)
  const touches = new Map<string, Touch>()
  for (const effect of effects) {
    const service = effect.kind === 'refresh-records' ? services[effect.serviceId] : undefined
    if (effect.kind !== 'refresh-records' || !service) continue
    for (const touch of allOf(service))
      if (effect.instanceId === undefined || effect.instanceId === touch.instanceId)
        touches.set(`${service.id}/${touch.instanceId}`, touch)
  }
  refreshAll([...touches.values()], zone)
}

/** Nobody waits for these: what is refused is left as it is. */
function refreshAll(touches: readonly Touch[], zone: NamespaceZone): void {
  for (const part of partsOf(touches)) {
    if (!refusalOf(() => putRecords(part, zone))) continue
    for (const touch of part) refusalOf(() => putRecords([touch], zone))
  }
}

const stateOf = ({ engine, scope }: NamespaceZone): DiscoveryState => engine.state('discovery', scope)

const allOf = (service: ServiceRecord): Touch[] =>
  Object.values(service.instances).map((instance) => ({ service, instanceId: instance.id, instance }))

const partsOf = <T>(items: readonly T[]): (readonly T[])[] =>
  Array.from({ length: Math.ceil(items.length / MOST_TOGETHER) }, (_, index) =>
    items.slice(index * MOST_TOGETHER, (index + 1) * MOST_TOGETHER),
  )

/** Cloud Map's codes for what Route 53 answers (API Reference: Operation, ErrorCode). */
const CODES: Readonly<Record<string, OperationError['code']>> = {
  AccessDenied: 'ACCESS_DENIED',
  ConflictingDomainExists: 'CANNOT_CREATE_HOSTED_ZONE',
  HostedZoneAlreadyExists: 'CANNOT_CREATE_HOSTED_ZONE',
  TooManyHostedZones: 'CANNOT_CREATE_HOSTED_ZONE',
  NoSuchHostedZone: 'HOSTED_ZONE_NOT_FOUND',
  InvalidChangeBatch: 'INVALID_CHANGE_BATCH',
  InvalidDomainName: 'INVALID_CHANGE_BATCH',
  InvalidInput: 'INVALID_CHANGE_BATCH',
  Throttling: 'THROTTLED_REQUEST',
}

/** What Route 53 has refused the work with; undefined where it was done. Throws what is no answer of a service. */
function refusalOf(work: () => void): OperationError | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    const answer = answerOf(error)
    if (!answer) throw error
    return { code: CODES[answer.name] ?? 'INTERNAL_FAILURE', message: answer.message }
  }
}
