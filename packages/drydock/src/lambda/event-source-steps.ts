/**
 * What event source mappings do as time passes: they wait for messages, gather them to batches, hand these to their
 * function, and delete what it processed. A message that was not is never touched: it comes back by its visibility
 * timeout, and goes to its queue's dead-letter queue in the end.
 */

import { processedRecords } from './batch-response.ts'
import { hasRoom } from './concurrency.ts'
import type { LambdaReport } from './effects.ts'
import { compileFilter, passesFilters } from './event-filter.ts'
import { specOf } from './settings.ts'
import { payloadOf, type SqsRecord, sizeOfRecord } from './sqs-event.ts'
import type { Batch, EventSourceMapping, LambdaContext, LambdaState } from './state.ts'

/** How long a mapping is Creating, Updating and so on. AWS gives no number; some seconds are usual. */
export const TRANSITION_MS = 1000
/** Lambda Developer Guide, Using Lambda with Amazon SQS: five batches at once to begin with; here it stays at that. */
const BATCHES_AT_ONCE = 5
/** SQS API Reference, ReceiveMessage: the most messages at once. */
const MOST_RECEIVED = 10
/** Lambda quotas: the payload of a synchronous invocation. */
const LARGEST_PAYLOAD_BYTES = 6 * 1024 * 1024
const EMPTY_PAYLOAD_BYTES = payloadOf([]).length
/** The function had no room: tried again after this, doubled each time, as long as the messages are held. */
const THROTTLED_AFTER_MS = 1000

export type EventSourceAction =
  | { readonly kind: 'settle-mapping'; readonly at: number; readonly mapping: string }
  | { readonly kind: 'poll-queue'; readonly at: number; readonly mapping: string }
  | { readonly kind: 'send-batch'; readonly at: number; readonly mapping: string; readonly batch: string }
  | { readonly kind: 'drop-batch'; readonly at: number; readonly mapping: string; readonly batch: string }

type Received = Extract<LambdaReport, { kind: 'messages-received' }>
type Ended = Extract<LambdaReport, { kind: 'function-ended' }>

/** All steps that lie ahead. A mapping that waits for messages has none: the queue tells it. */
export function scheduleEventSources(state: LambdaState): EventSourceAction[] {
  return Object.values(state.mappings).flatMap((mapping): EventSourceAction[] => {
    const { id, settlesAt } = mapping
    const sends = Object.values(mapping.batches).flatMap((batch) => stepOf(batch, id))
    return [
      ...(settlesAt === undefined ? [] : [{ kind: 'settle-mapping' as const, at: settlesAt, mapping: id }]),
      ...(wantsMessages(mapping, state) ? [{ kind: 'poll-queue' as const, at: 0, mapping: id }] : []),
      ...sends,
    ]
  })
}

function stepOf({ id: batch, dueAt, visibleAt }: Batch, mapping: string): EventSourceAction[] {
  if (dueAt === undefined) return []
  return [
    dueAt < visibleAt
      ? { kind: 'send-batch', at: dueAt, mapping, batch }
      : { kind: 'drop-batch', at: visibleAt, mapping, batch },
  ]
}

function wantsMessages(mapping: EventSourceMapping, { functions }: LambdaState): boolean {
  const { settings, state, poll } = mapping
  if (poll !== undefined || !settings.enabled || (state !== 'Enabled' && state !== 'Updating')) return false
  return functions[settings.functionName] !== undefined && hasPlace(mapping)
}

/** Whether a message more has a batch to go to. */
function hasPlace(mapping: EventSourceMapping): boolean {
  const batches = Object.values(mapping.batches)
  return batches.some(({ phase }) => phase === 'gathering') || batches.length < mostBatches(mapping)
}

const mostBatches = ({ settings }: EventSourceMapping) =>
  Math.min(settings.maximumConcurrency ?? BATCHES_AT_ONCE, BATCHES_AT_ONCE)

/** Takes one step. */
export function performEventSource(action: EventSourceAction, context: LambdaContext): void {
  const mapping = context.state.mappings[action.mapping]
  if (!mapping) return
  if (action.kind === 'settle-mapping') settleMapping(mapping, context)
  else if (action.kind === 'poll-queue') pollQueue(mapping, context)
  else if (action.kind === 'drop-batch') dropBatch(action.batch, mapping, context)
  else sendBatch(action.batch, mapping, context)
}

function settleMapping(mapping: EventSourceMapping, context: LambdaContext): void {
  delete mapping.settlesAt
  mapping.lastModified = context.now
  if (mapping.state !== 'Deleting') mapping.state = mapping.settings.enabled ? 'Enabled' : 'Disabled'
  removeIfDone(mapping, context)
}

/** A deleted mapping stays until its last batch has ended: its processed messages are still to be deleted. */
function removeIfDone(mapping: EventSourceMapping, { state }: LambdaContext): void {
  const isDone = mapping.settlesAt === undefined && !Object.keys(mapping.batches).length
  if (mapping.state === 'Deleting' && isDone) delete state.mappings[mapping.id]
}

function pollQueue(mapping: EventSourceMapping, context: LambdaContext): void {
  const gathered = gatheringOf(mapping)?.records.length ?? 0
  const poll = context.newUuid()
  mapping.poll = poll
  const most = Math.min(mapping.settings.batchSize - gathered, MOST_RECEIVED)
  context.ask({ kind: 'poll-queue', poll, queueArn: mapping.queueArn, most })
}

const gatheringOf = ({ batches }: EventSourceMapping) =>
  Object.values(batches).find(({ phase }) => phase === 'gathering')

/** Ends the wait for messages; what has been gathered goes to the function at once. */
export function stopPolling(
  mapping: EventSourceMapping,
  state: 'Disabling' | 'Deleting',
  context: LambdaContext,
): void {
  mapping.state = state
  mapping.settlesAt = context.now + TRANSITION_MS
  mapping.lastModified = context.now
  const gathering = gatheringOf(mapping)
  if (gathering) close(gathering, context)
  endPoll(mapping, context)
}

function endPoll(mapping: EventSourceMapping, context: LambdaContext): void {
  if (mapping.poll === undefined) return
  context.ask({ kind: 'end-poll', poll: mapping.poll, queueArn: mapping.queueArn })
  delete mapping.poll
}

/** Deletes what no filter wants, and gathers the rest. Messages that nobody waits for any more come back by themselves. */
export function takeMessages({ poll, records, visibleAt }: Received, context: LambdaContext): void {
  const mapping = Object.values(context.state.mappings).find((each) => each.poll === poll)
  if (!mapping) return
  delete mapping.poll
  const filters = mapping.settings.filters.map(compileFilter)
  const wanted = records.filter((record) => passesFilters(record, filters))
  deleteMessages(
    mapping,
    records.filter((record) => !wanted.includes(record)),
    context,
  )
  for (const record of wanted) gather(record, visibleAt, mapping, context)
  const gathering = gatheringOf(mapping)
  if (gathering && mapping.settings.windowSeconds === 0) close(gathering, context)
}

function gather(
  record: SqsRecord,
  visibleAt: number,
  mapping: EventSourceMapping,
  context: LambdaContext,
): void {
  const { batchSize, windowSeconds } = mapping.settings
  const bytes = sizeOfRecord(record)
  let batch = gatheringOf(mapping)
  if (batch && batch.bytes + bytes > LARGEST_PAYLOAD_BYTES) {
    close(batch, context)
    batch = undefined
  }
  if (!batch) {
    const id = context.newUuid()
    const dueAt = context.now + windowSeconds * 1000
    batch = {
      id,
      records: [],
      bytes: EMPTY_PAYLOAD_BYTES,
      phase: 'gathering',
      dueAt,
      visibleAt,
      throttles: 0,
    }
    mapping.batches[id] = batch
  }
  batch.records.push(record)
  batch.bytes += bytes
  if (batch.records.length >= batchSize) close(batch, context)
}

function close(batch: Batch, context: LambdaContext): void {
  batch.phase = 'waiting'
  batch.dueAt = context.now
}

/** Hands a batch to the function if it may run once more, and tries again later if not. */
function sendBatch(id: string, mapping: EventSourceMapping, context: LambdaContext): void {
  const batch = mapping.batches[id]
  if (!batch) return
  const fn = context.state.functions[mapping.settings.functionName]
  if (!fn) {
    dropBatch(id, mapping, context)
    return
  }
  batch.phase = 'waiting'
  if (!hasPlace(mapping)) endPoll(mapping, context)
  const running = Object.values(mapping.batches).filter(({ phase }) => phase === 'running').length
  if (running >= mostBatches(mapping) || !hasRoom(fn, context.state)) {
    batch.dueAt = context.now + THROTTLED_AFTER_MS * 2 ** batch.throttles
    batch.throttles += 1
    return
  }
  batch.phase = 'running'
  delete batch.dueAt
  context.state.running[id] = { functionName: fn.name, tail: false, mapping: mapping.id }
  const payload = payloadOf(batch.records)
  context.ask({ kind: 'invoke-function', requestId: id, spec: specOf(fn), payload, isAsynchronous: false })
}

/** Its messages are the queue's again, or about to be. */
function dropBatch(id: string, mapping: EventSourceMapping, context: LambdaContext): void {
  delete mapping.batches[id]
  removeIfDone(mapping, context)
}

/** An invocation with a batch has ended: what it processed is deleted, and there is room for those that wait. */
export function endBatch(mappingId: string, report: Ended, context: LambdaContext): void {
  const mapping = context.state.mappings[mappingId]
  const batch = mapping?.batches[report.requestId]
  if (!mapping || !batch) return
  const { reportsItemFailures } = mapping.settings
  if (!report.failed)
    deleteMessages(mapping, processedRecords(batch.records, report.payload, reportsItemFailures), context)
  delete mapping.batches[batch.id]
  for (const other of Object.values(mapping.batches)) if (other.phase === 'waiting') other.dueAt = context.now
  removeIfDone(mapping, context)
}

function deleteMessages(
  { queueArn }: EventSourceMapping,
  records: readonly SqsRecord[],
  context: LambdaContext,
): void {
  const receiptHandles = records.map(({ receiptHandle }) => receiptHandle)
  if (receiptHandles.length) context.ask({ kind: 'delete-messages', queueArn, receiptHandles })
}

/** After a start anew nobody waits at a queue, and no batch runs: its messages come back by themselves. */
export function forgetPolls({ state }: LambdaContext): void {
  state.pending = {}
  for (const mapping of Object.values(state.mappings)) {
    delete mapping.poll
    for (const { id, phase } of Object.values(mapping.batches))
      if (phase === 'running') delete mapping.batches[id]
  }
}
