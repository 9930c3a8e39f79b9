/** Policy documents: read, checked as IAM checks them when they are stored, and brought into one form. */
import { isRecord, parseRecord } from '../json.ts'
import { isOperator } from './condition.ts'

/** `identity` is attached to a role and says what it may do; `trust` says who may take the role on; `resource` who may use a resource. */
export type PolicyKind = 'identity' | 'trust' | 'resource'

/** What a statement is about: these, or all but these. */
export interface Selection {
  readonly patterns: readonly string[]
  readonly isInverted: boolean
}

/** Principals by their kind: `AWS`, `Service`, `Federated`; `*` is anyone. */
export interface Principals {
  readonly byKind: Readonly<Record<string, readonly string[]>>
  readonly isInverted: boolean
}

/** Operators of a condition with, for each key, the values of the policy. */
export type Condition = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>

export interface Statement {
  readonly effect: 'Allow' | 'Deny'
  readonly actions: Selection
  /** Absent in trust policies, which are about the role that they belong to. */
  readonly resources?: Selection
  /** Absent in identity policies. */
  readonly principals?: Principals
  readonly condition: Condition
}

export interface PolicyDocument {
  readonly statements: readonly Statement[]
  /** Variables are known from version 2012-10-17 on. */
  readonly hasVariables: boolean
}

const VERSIONS = ['2012-10-17', '2008-10-17']
const SYNTAX = 'Syntax errors in policy.'

/** Why a document is none, in IAM's words. */
export class MalformedPolicy extends Error {
  override readonly name = 'MalformedPolicy'
}

/**
 * Reads a policy. Throws `MalformedPolicy` for what is none (IAM User Guide, grammar of the JSON policy language: elements that exclude
 * each other, required elements; a trust policy names principals and no resources, an identity policy the reverse, a resource's both).
 */
export function parsePolicy(text: string, kind: PolicyKind): PolicyDocument {
  const document = parseRecord(text)
  if (!document) throw new MalformedPolicy('This policy contains invalid Json')
  const { Version: version = '2008-10-17', Statement: given, Id: id, ...others } = document
  if (Object.keys(others).length || (id !== undefined && typeof id !== 'string'))
    throw new MalformedPolicy(SYNTAX)
  if (typeof version !== 'string' || !VERSIONS.includes(version)) throw new MalformedPolicy(SYNTAX)
  const list = Array.isArray(given) ? given : [given]
  if (!list.length || !list.every(isRecord)) throw new MalformedPolicy(SYNTAX)
  refuseRepeatedSids(list)
  return {
    statements: list.map((each) => readStatement(each, kind)),
    hasVariables: version === '2012-10-17',
  }
}

const MEMBERS = [
  'Sid',
  'Effect',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Principal',
  'NotPrincipal',
  'Condition',
]

function refuseRepeatedSids(statements: readonly Record<string, unknown>[]): void {
  const sids = statements.map(({ Sid }) => Sid).filter((sid) => sid !== undefined && sid !== '')
  if (!sids.every((sid) => typeof sid === 'string')) throw new MalformedPolicy(SYNTAX)
  if (new Set(sids).size < sids.length)
    throw new MalformedPolicy('Statement IDs (SID) in a single policy must be unique.')
}

function readStatement(given: Record<string, unknown>, kind: PolicyKind): Statement {
  if (Object.keys(given).some((name) => !MEMBERS.includes(name))) throw new MalformedPolicy(SYNTAX)
  const effect = given.Effect
  if (effect !== 'Allow' && effect !== 'Deny') throw new MalformedPolicy(SYNTAX)
  const actions = readActions(given)
  const condition = readCondition(given.Condition)
  if (kind === 'identity') return { effect, actions, resources: readOnlyResources(given), condition }
  if (kind === 'resource')
    return { effect, actions, resources: readResources(given), principals: readPrincipals(given), condition }
  if (actions.isInverted || !actions.patterns.every((action) => TRUST_ACTION.test(action)))
    throw new MalformedPolicy('AssumeRole policy may only specify STS AssumeRole actions.')
  requireNoResources(given)
  return { effect, actions, principals: readPrincipals(given), condition }
}

const TRUST_ACTION = /^(sts:(AssumeRole\w*|TagSession|SetSourceIdentity|SetContext|\*)|\*)$/i
const ACTION = /^(\*|[\w-]+:[\w*?-]+)$/

function readActions(given: Record<string, unknown>): Selection {
  const actions = readSelection(given, 'Action', 'NotAction', 'Policy statement must contain actions.')
  if (!actions.patterns.every((action) => ACTION.test(action)))
    throw new MalformedPolicy('Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.')
  return actions
}

function readOnlyResources(given: Record<string, unknown>): Selection {
  if (given.Principal !== undefined || given.NotPrincipal !== undefined)
    throw new MalformedPolicy('Policy document should not specify a principal.')
  return readResources(given)
}

function requireNoResources(given: Record<string, unknown>): void {
  for (const field of ['Resource', 'NotResource'])
    if (given[field] !== undefined) throw new MalformedPolicy(`Has prohibited field ${field}`)
}

function readResources(given: Record<string, unknown>): Selection {
  const resources = readSelection(
    given,
    'Resource',
    'NotResource',
    'Policy statement must contain resources.',
  )
  for (const resource of resources.patterns) {
    if (resource === '*') continue
    if (!resource.startsWith('arn:'))
      throw new MalformedPolicy(`Resource ${resource} must be in ARN format or "*".`)
    if (resource.split(':').length < 6) throw new MalformedPolicy('The policy failed legacy parsing')
  }
  return resources
}

function readPrincipals(given: Record<string, unknown>): Principals {
  const { Principal: plain, NotPrincipal: inverted } = given
  if (plain === undefined && inverted === undefined)
    throw new MalformedPolicy('Missing required field Principal')
  if (plain !== undefined && inverted !== undefined) throw new MalformedPolicy(SYNTAX)
  const isInverted = inverted !== undefined
  const principals = plain ?? inverted
  if (principals === '*') return { byKind: { AWS: ['*'] }, isInverted }
  if (!isRecord(principals) || !Object.keys(principals).length) throw new MalformedPolicy(SYNTAX)
  const byKind = Object.entries(principals).map(([kind, value]) => [kind, stringsOf(value)] as const)
  return { byKind: Object.fromEntries(byKind), isInverted }
}

function readSelection(
  given: Record<string, unknown>,
  plain: string,
  inverted: string,
  absent: string,
): Selection {
  if (given[plain] !== undefined && given[inverted] !== undefined) throw new MalformedPolicy(SYNTAX)
  const isInverted = given[inverted] !== undefined
  const value = isInverted ? given[inverted] : given[plain]
  if (value === undefined) throw new MalformedPolicy(absent)
  const patterns = stringsOf(value)
  if (!patterns.length) throw new MalformedPolicy(absent)
  return { patterns, isInverted }
}

function readCondition(given: unknown): Condition {
  if (given === undefined) return {}
  if (!isRecord(given)) throw new MalformedPolicy(SYNTAX)
  const condition = Object.entries(given).map(([operator, keys]) => {
    if (!isOperator(operator)) throw new MalformedPolicy(`Invalid Condition type : ${operator}.`)
    if (!isRecord(keys)) throw new MalformedPolicy(SYNTAX)
    const values = Object.entries(keys).map(([key, value]) => [key, stringsOf(value)] as const)
    return [operator, Object.fromEntries(values)] as const
  })
  return Object.fromEntries(condition)
}

/** One string or a list of them; numbers and booleans may stand in conditions without quotation marks. */
function stringsOf(value: unknown): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value]
  return list.map((each) => {
    if (typeof each === 'string') return each
    if (typeof each === 'number' || typeof each === 'boolean') return String(each)
    throw new MalformedPolicy(SYNTAX)
  })
}
