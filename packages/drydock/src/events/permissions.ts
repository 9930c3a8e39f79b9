/** The policy of an event bus: which other accounts may put events on it, and which events. It is judged where events go by. */
import type * as client from '@aws-sdk/client-eventbridge'
import { PolicyLengthExceededException, type PutPermissionRequest } from '@aws-sdk/client-eventbridge'
import { globalArnOf } from '../arn.ts'
import { isRecord, parseRecord } from '../json.ts'
import { MalformedPolicy, parsePolicy } from '../policy/document.ts'
import type { Handlers } from '../wire/handlers.ts'
import { violation } from '../wire/violation.ts'
import { findBus } from './buses.ts'
import { invalid, notFound } from './errors.ts'
import type { Bus, EventsOperationContext } from './state.ts'

/** API Reference, PutPermission: "The permission policy on the event bus cannot exceed 10 KB in size." */
const LARGEST_POLICY = 10 * 1024

type Statement = Readonly<Record<string, unknown>>

export const permissionOperations = {
  PutPermission({ EventBusName, Policy, ...parts }, context) {
    const bus = findBus(EventBusName, context)
    const own = Object.values(parts).filter((part) => part !== undefined)
    if (Policy !== undefined && own.length)
      throw invalid('Policy cannot be given with Action, Principal, StatementId or Condition.')
    const policy = Policy ?? withStatement(bus, statementOf(parts, bus, context))
    requirePolicy(policy)
    keepPolicy(bus, policy, context)
  },

  RemovePermission({ EventBusName, StatementId, RemoveAllPermissions }, context) {
    const bus = findBus(EventBusName, context)
    if (RemoveAllPermissions) return keepPolicy(bus, undefined, context)
    if (!bus.policy) throw notFound('EventBus does not have a policy.')
    const statements = statementsOf(bus)
    const left = statements.filter(({ Sid }) => Sid !== StatementId)
    if (StatementId === undefined || left.length === statements.length)
      throw notFound('Statement with the provided id does not exist.')
    keepPolicy(bus, left.length ? policyOf(left) : undefined, context)
  },
} satisfies Partial<Handlers<typeof client, EventsOperationContext>>

/** API Reference, PutPermission: the parts of a statement for one account, for all, or for those of an organization. */
function statementOf(
  { Action = '', Principal = '', StatementId = '', Condition }: PutPermissionRequest,
  bus: Bus,
  context: EventsOperationContext,
): Statement {
  requireForm('action', Action, /^events:[a-zA-Z]{1,57}$/)
  requireForm('principal', Principal, /^(\d{12}|\*)$/)
  requireForm('statementId', StatementId, /^[a-zA-Z0-9-_]{1,64}$/)
  if (Action !== 'events:PutEvents') throw invalid(`Provided value in parameter 'action' is not supported.`)
  const account = { region: context.region, accountId: Principal }
  const { Type = '', Key = '', Value } = Condition ?? {}
  return {
    Sid: StatementId,
    Effect: 'Allow',
    Principal: Principal === '*' ? '*' : { AWS: globalArnOf('iam', account, 'root') },
    Action,
    Resource: bus.arn,
    ...(Condition && { Condition: { [Type]: { [Key]: Value } } }),
  }
}

function requireForm(member: string, value: string, form: RegExp): void {
  if (form.test(value)) return
  throw violation(member, value, `Member must satisfy regular expression pattern: ${form.source}`)
}

/** A statement takes the place of one of its name, as infrastructure tools change them. */
const withStatement = (bus: Bus, statement: Statement) =>
  policyOf([...statementsOf(bus).filter(({ Sid }) => Sid !== statement.Sid), statement])

const policyOf = (statements: readonly Statement[]) =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements })

function statementsOf({ policy = '{}' }: Bus): Statement[] {
  return [parseRecord(policy)?.Statement ?? []].flat().filter(isRecord)
}

function requirePolicy(text: string): void {
  try {
    parsePolicy(text, 'resource')
  } catch (error) {
    if (!(error instanceof MalformedPolicy)) throw error
    throw invalid(`Parameter Policy is not valid. Reason: ${error.message}`)
  }
  if (Buffer.byteLength(text) > LARGEST_POLICY)
    throw new PolicyLengthExceededException({ message: 'The event bus policy is too long.', $metadata: {} })
}

function keepPolicy(
  { policy: _, ...bus }: Bus,
  policy: string | undefined,
  context: EventsOperationContext,
): void {
  context.state.buses[bus.name] = { ...bus, ...(policy !== undefined && { policy }), modifiedAt: context.now }
}
