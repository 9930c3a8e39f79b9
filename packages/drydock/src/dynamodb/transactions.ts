/**
 * TransactWriteItems and TransactGetItems: the plain operations run on one overlay, which is committed only if every
 * condition held. There is one writer at a time, so no transaction is ever in conflict with another.
 */
import { type Item, type Json, prepare, run, type Store } from './dynalite.ts'
import { fault, invalid, isAnswer, isConditionFailure, missing, violation } from './errors.ts'
import { keyOf, readItems, shown } from './items.ts'
import { openOverlay } from './overlay.ts'
import { tableNamed } from './table-records.ts'

/** API Reference, TransactWriteItems: "up to 100 distinct items". */
const MOST_ACTIONS = 100
/** API Reference, ClientRequestToken: "valid for 10 minutes after the first request that uses it is completed". */
const TOKEN_LIVES_MS = 10 * 60_000
const operations: Record<string, string> = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'DeleteItem',
}

interface Step {
  readonly kind: string
  readonly input: Json
  readonly prepared: Json
}

interface Reason {
  readonly Code: string
  readonly Message?: string
  readonly Item?: Item
}

/** What past requests' tokens stood for, by token. */
export type Tokens = Map<string, { readonly request: string; readonly until: number }>

/** TransactWriteItems. `now` in milliseconds; `tokens` is kept from call to call. */
export async function transactWrite(input: Json, store: Store, tokens: Tokens, now: number): Promise<Json> {
  const { ClientRequestToken: token, ...request } = input
  const text = JSON.stringify(request)
  if (token !== undefined && isRepeated(String(token), text, tokens, now)) return {}
  const steps = stepsOf(input.TransactItems, store)
  await refuseRepeatedItems(steps, store)
  const { view, commit } = openOverlay(store)
  const reasons: Reason[] = []
  for (const step of steps) reasons.push(await attempt(step, view, store))
  if (reasons.some((reason) => reason.Code !== 'None')) throw cancelled(reasons)
  await commit()
  if (token !== undefined) tokens.set(String(token), { request: text, until: now + TOKEN_LIVES_MS })
  return {}
}

function isRepeated(token: string, request: string, tokens: Tokens, now: number): boolean {
  for (const [old, { until }] of tokens) if (until <= now) tokens.delete(old)
  if (token.length < 1 || token.length > 36) {
    throw violation('clientRequestToken', token, 'Member must have length less than or equal to 36')
  }
  const known = tokens.get(token)
  if (known && known.request !== request) {
    throw fault(
      'IdempotentParameterMismatchException',
      'Request parameters differ from the first request with this token',
    )
  }
  return known !== undefined
}

function entriesOf(entries: unknown): Json[] {
  if (entries === undefined || entries === null) throw missing('transactItems')
  if (!Array.isArray(entries)) throw invalid('TransactItems must be a list')
  if (entries.length < 1 || entries.length > MOST_ACTIONS) {
    const wanted = entries.length < 1 ? 'greater than or equal to 1' : `less than or equal to ${MOST_ACTIONS}`
    throw violation('transactItems', `[${entries.length} items]`, `Member must have length ${wanted}`)
  }
  return entries as Json[]
}

function stepsOf(entries: unknown, store: Store): Step[] {
  return entriesOf(entries).map((entry, index) => {
    const given = Object.entries(entry ?? {}).filter(([kind, input]) => operations[kind] && input)
    const [kind, input] = given[0] ?? []
    if (given.length !== 1 || kind === undefined || typeof input !== 'object' || input === null) {
      throw invalid('TransactItems can only contain one of Check, Put, Update or Delete')
    }
    const member = `transactItems.${index + 1}.member`
    if (kind === 'ConditionCheck') requireMember(input, 'ConditionExpression', `${member}.conditionCheck`)
    if (kind === 'Update') requireMember(input, 'UpdateExpression', `${member}.update`)
    return { kind, input: input as Json, prepared: prepare(operations[kind] ?? '', input as Json, store) }
  })
}

function requireMember(input: object, name: string, path: string): void {
  if (!(name in input)) throw missing(`${path}.${name.charAt(0).toLowerCase()}${name.slice(1)}`)
}

async function refuseRepeatedItems(steps: { prepared: Json }[], store: Store): Promise<void> {
  const seen = new Set<string>()
  for (const { prepared } of steps) {
    const table = await tableNamed(String(prepared.TableName), store)
    const key = keyOf(table, (prepared.Key ?? prepared.Item) as Item)
    const item = JSON.stringify([table.TableName, Object.entries(key).toSorted()])
    if (seen.has(item)) throw invalid('Transaction request cannot include multiple operations on one item')
    seen.add(item)
  }
}

/** A check is a delete on an overlay of its own, which tests the condition and changes nothing. */
async function attempt({ kind, input, prepared }: Step, view: Store, store: Store): Promise<Reason> {
  try {
    await run(operations[kind] ?? '', prepared, kind === 'ConditionCheck' ? openOverlay(store).view : view)
    return { Code: 'None' }
  } catch (error) {
    if (isConditionFailure(error)) {
      const Message = 'The conditional request failed'
      return { Code: 'ConditionalCheckFailed', Message, ...(await shown(input, store)) }
    }
    if (!isAnswer(error) || !String(error.body.__type).endsWith('#ValidationException')) throw error
    return { Code: 'ValidationError', Message: String(error.body.message) }
  }
}

function cancelled(reasons: Reason[]): Error {
  const codes = reasons.map((reason) => reason.Code).join(', ')
  const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`
  return fault('TransactionCanceledException', message, { Message: message, CancellationReasons: reasons })
}

/** TransactGetItems: all items as they are between two writes. */
export async function transactGet(input: Json, store: Store): Promise<Json> {
  const steps = entriesOf(input.TransactItems).map((entry, index) => {
    const get = entry?.Get
    if (typeof get !== 'object' || get === null) throw missing(`transactItems.${index + 1}.member.get`)
    return { input: get as Json, prepared: prepare('GetItem', get as Json, store) }
  })
  await refuseRepeatedItems(steps, store)
  return { Responses: await Promise.all(steps.map((step) => readItems('GetItem', step.input, store))) }
}
