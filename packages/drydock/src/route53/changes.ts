/** ChangeResourceRecordSets: a batch is put together beside the zone, judged as a whole, and taken over or refused whole. */
import type * as client from '@aws-sdk/client-route-53'
import type { Change } from '@aws-sdk/client-route-53'
import type { Handlers } from '../wire/handlers.ts'
import { noteChange } from './change-info.ts'
import { invalidBatch, invalidInput, noSuchHealthCheck } from './errors.ts'
import { requireManageable } from './linked-services.ts'
import { bareId, isWithin } from './names.ts'
import { problemsAt } from './record-conflicts.ts'
import { type ReadChange, readChange } from './record-input.ts'
import { RecordProblem } from './record-problem.ts'
import type { RecordSetRecord, Route53Operation, Route53State, ZoneRecord } from './state.ts'
import { keyOf, putAt } from './zone-records.ts'
import { zoneOf } from './zones.ts'

/** API Reference, ChangeResourceRecordSets: limits of a request; UPSERT counts twice. */
const MOST_RECORDS = 1000
const MOST_CHARACTERS = 32_000
/** Developer Guide, quotas: records of a hosted zone. */
const MOST_RECORD_SETS = 10_000

/** What will be at the names that a batch touches. */
type Draft = Map<string, readonly RecordSetRecord[]>

export const changeOperations = {
  ChangeResourceRecordSets({ HostedZoneId, ChangeBatch }, context) {
    const { state } = context
    const zone = zoneOf(state, HostedZoneId)
    requireManageable('hostedzone', zone, context)
    const asked = ChangeBatch?.Changes ?? []
    if (!asked.length) throw invalidInput('Invalid request: a change batch must have at least one change')
    requireLimits(asked)
    const draft = draftOf(zone, readAll(asked), state)
    for (const [name, sets] of draft) putAt(zone, name, sets)
    return { ChangeInfo: noteChange(context, ChangeBatch?.Comment) }
  },
} satisfies Partial<Handlers<typeof client, Route53Operation>>

function requireLimits(changes: readonly Change[]): void {
  let records = 0
  let characters = 0
  for (const { Action, ResourceRecordSet } of changes) {
    const times = Action === 'UPSERT' ? 2 : 1
    const values = ResourceRecordSet?.ResourceRecords ?? []
    records += times * Math.max(values.length, 1)
    for (const { Value = '' } of values) characters += times * Value.length
  }
  if (records > MOST_RECORDS) throw invalidBatch([`Number of records limit of ${MOST_RECORDS} exceeded.`])
  if (characters > MOST_CHARACTERS)
    throw invalidBatch([`Number of characters limit of ${MOST_CHARACTERS} exceeded.`])
}

function readAll(changes: readonly Change[]): ReadChange[] {
  const problems: string[] = []
  const read = changes.flatMap((change) => {
    try {
      return [readChange(change)]
    } catch (error) {
      if (!(error instanceof RecordProblem)) throw error
      problems.push(error.message)
      return []
    }
  })
  if (problems.length) throw invalidBatch(problems)
  return read
}

function draftOf(zone: ZoneRecord, changes: readonly ReadChange[], state: Route53State): Draft {
  const draft: Draft = new Map()
  const seen = new Set<string>()
  const problems = changes.flatMap((change) => {
    const own = problemsOfChange(zone, change, seen)
    return own.length ? own : apply(zone, draft, change)
  })
  for (const { action, set } of changes) if (action !== 'DELETE') requireHealthCheck(set, state)
  if (!problems.length)
    for (const { action, set } of changes)
      if (action !== 'DELETE') problems.push(...aliasProblems(zone, draft, set, state))
  for (const [name, sets] of draft) problems.push(...problemsAt(zone, name, sets))
  if (!problems.length && sizeAfter(zone, draft) > MOST_RECORD_SETS)
    problems.push(`Cannot have more than ${MOST_RECORD_SETS} resource record sets in a hosted zone.`)
  if (problems.length) throw invalidBatch([...new Set(problems)])
  return draft
}

/** A set may be deleted and made again in one batch, but not made or deleted twice. */
function problemsOfChange(zone: ZoneRecord, { action, set }: ReadChange, seen: Set<string>): string[] {
  const key = `${set.name} ${keyOf(set)}`
  const isTwice =
    seen.has(`UPSERT ${key}`) ||
    seen.has(`${action} ${key}`) ||
    (action === 'UPSERT' && seen.has(`CREATE ${key}`))
  seen.add(`${action === 'CREATE' ? 'UPSERT' : action} ${key}`)
  if (isTwice)
    return [
      `The request contains an invalid set of changes for a resource record set '${set.type} ${set.name}'`,
    ]
  return isWithin(set.name, zone.name)
    ? []
    : [`RRSet with DNS name ${set.name} is not permitted in zone ${zone.name}`]
}

const setsAt = (zone: ZoneRecord, draft: Draft, name: string) => draft.get(name) ?? zone.names[name] ?? []

/** Does a change in the draft; says why it cannot be done. */
function apply(zone: ZoneRecord, draft: Draft, { action, set }: ReadChange): string[] {
  const sets = setsAt(zone, draft, set.name)
  const key = keyOf(set)
  const index = sets.findIndex((each) => keyOf(each) === key)
  const before = sets[index]
  if (action === 'CREATE' && before)
    return [`Tried to create resource record set ${labelOf(set)} but it already exists`]
  if (action === 'DELETE' && !before)
    return [`Tried to delete resource record set ${labelOf(set)} but it was not found`]
  if (action === 'DELETE' && before && !isSame(before, set))
    return [
      `Tried to delete resource record set ${labelOf(set)} but the values provided do not match the current values`,
    ]
  const others = before ? sets.toSpliced(index, 1) : sets
  draft.set(set.name, action === 'DELETE' ? others : [...others, set])
  return []
}

function labelOf({ name, type, setIdentifier }: RecordSetRecord): string {
  const identifier = setIdentifier === undefined ? '' : `, set-identifier='${setIdentifier}'`
  return `[name='${name}', type='${type}'${identifier}]`
}

/** A deletion names the whole set; the order of values does not matter. */
function isSame(a: RecordSetRecord, b: RecordSetRecord): boolean {
  const plain = ({ values, alias, ...rest }: RecordSetRecord) =>
    JSON.stringify([
      Object.entries(rest).sort(([x], [y]) => (x < y ? -1 : 1)),
      values?.toSorted() ?? null,
      alias ? [alias.hostedZoneId, alias.dnsName, alias.evaluateTargetHealth] : null,
    ])
  return plain(a) === plain(b)
}

function requireHealthCheck({ healthCheckId }: RecordSetRecord, { healthChecks }: Route53State): void {
  if (healthCheckId !== undefined && !healthChecks[healthCheckId]) throw noSuchHealthCheck(healthCheckId)
}

/** An alias to a record leads to one of the same zone; those to other services are not looked into. */
function aliasProblems(
  zone: ZoneRecord,
  draft: Draft,
  { alias, type }: RecordSetRecord,
  { zones }: Route53State,
): string[] {
  if (!alias) return []
  const { dnsName, hostedZoneId } = alias
  const target = zones[bareId(hostedZoneId)]
  if (!target) return []
  const start = `Tried to create an alias that targets ${dnsName}, type ${type} in zone ${hostedZoneId},`
  const outside = isWithin(dnsName, target.name)
    ? []
    : [`${start} but the alias target name does not lie within the target zone`]
  const sets = target === zone ? setsAt(zone, draft, dnsName) : (target.names[dnsName] ?? [])
  const missing = sets.some((set) => set.type === type) ? [] : [`${start} but that target was not found`]
  return [...outside, ...missing]
}

function sizeAfter(zone: ZoneRecord, draft: Draft): number {
  let size = zone.recordSetCount
  for (const [name, sets] of draft) size += sets.length - (zone.names[name]?.length ?? 0)
  return size
}
