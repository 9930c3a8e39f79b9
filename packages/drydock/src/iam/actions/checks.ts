/** What a request must be allowed: each action with each resource, and the condition keys that the request itself gives. */
import { arnOf, globalArnOf, parseArn } from '../../arn.ts'
import { isRecord } from '../../json.ts'
import type { AccessRequest } from '../../policy/evaluate.ts'
import type { Scope } from '../../service.ts'
import type { ActionRow, ServiceActions } from './action.ts'
import { ecrActions, ecsActions } from './ecs.ts'
import { dynamodbActions, eventsActions, lambdaActions, sqsActions } from './messages.ts'
import { discoveryActions, ec2Actions, elbActions, route53Actions } from './network.ts'
import { tagKeysOf } from './tag-keys.ts'
import { cloudwatchActions, iamActions, logsActions, stsActions } from './watching.ts'

/** The services by their names here. */
export const actionsOf: Readonly<Record<string, ServiceActions>> = {
  ecs: ecsActions,
  ecr: ecrActions,
  ec2: ec2Actions,
  elb: elbActions,
  events: eventsActions,
  lambda: lambdaActions,
  route53: route53Actions,
  sqs: sqsActions,
  cloudwatch: cloudwatchActions,
  logs: logsActions,
  discovery: discoveryActions,
  dynamodb: dynamodbActions,
  iam: iamActions,
  sts: stsActions,
}

/**
 * All that must be allowed for a request. `keys` are the condition keys that hold for every one of them. An operation that no row names
 * is its own action, on `*`.
 */
export function checksOf(
  service: string,
  operation: string,
  input: unknown,
  scope: Scope,
  keys: ReadonlyMap<string, readonly string[]>,
): AccessRequest[] {
  const actions = actionsOf[service]
  if (!actions) return [{ action: `${service}:${operation}`, resource: '*', context: keys }]
  if (actions.free?.includes(operation)) return []
  const own = actions.rows.filter((row) => row.operations.includes(operation))
  const rows: ActionRow[] = own.length ? own : [{ operations: [operation] }]
  const tags = tagKeysOf(input)
  const context = new Map([...keys, ...tags])
  const checks = rows.flatMap((row) => checksOfRow(row, operation, input, { actions, scope, context }))
  const isTagged = actions.tagging !== undefined && isMaking(operation) && tags.size > 0
  return isTagged ? [...checks, ...taggingOf(checks, operation, actions)] : checks
}

const isMaking = (operation: string) => /^(Create|Register|Run|Put)/.test(operation)

/** Making something with tags needs the permission to tag it (IAM User Guide, controlling access with tags). */
function taggingOf(
  checks: readonly AccessRequest[],
  operation: string,
  { prefix, tagging = '' }: ServiceActions,
): AccessRequest[] {
  const made = checks.filter(({ action }) => action.startsWith(`${prefix}:`))
  return made.map(({ resource, context }) => ({
    action: tagging,
    resource,
    context: new Map([...context, [`${prefix}:createaction`, [operation]]]),
  }))
}

interface Around {
  readonly actions: ServiceActions
  readonly scope: Scope
  readonly context: ReadonlyMap<string, readonly string[]>
}

function checksOfRow(row: ActionRow, operation: string, input: unknown, around: Around): AccessRequest[] {
  const { each, ...ofEntry } = row
  if (each !== undefined)
    return valuesAt(input, each).flatMap((entry) => checksOfRow(ofEntry, operation, entry, around))
  const { action = operation } = row
  const name = action.includes(':') ? action : `${around.actions.prefix}:${action}`
  const context = new Map([...around.context, ...keysOf(row, input, around)])
  return resourcesOf(row, input, around).map((resource) => ({ action: name, resource, context }))
}

function resourcesOf(row: ActionRow, input: unknown, around: Around): string[] {
  const { member, form, isOptional, absent } = row
  if (form === undefined) return ['*']
  const names = member === undefined ? [] : textsAt(input, member)
  if (!names.length && isOptional) return []
  const given = names.length ? names : [absent ?? '*']
  return [...new Set(given.map((name) => resourceOf(name, form, row, input, around)))]
}

function resourceOf(
  given: string,
  form: string,
  row: ActionRow,
  input: unknown,
  { actions, scope }: Around,
): string {
  const isArn = given.startsWith('arn:')
  if (isArn && !form.includes('{#') && !form.startsWith('log-group:')) return given
  const name = isArn ? (parseArn(given)?.resource.replace(/^log-group:|:\*$/g, '') ?? '*') : nameOf(given)
  const revised = row.revision !== undefined && !name.includes(':') ? name + row.revision : name
  const resource = filled(form, revised, input, scope)
  if (resource.startsWith('arn:')) return resource
  if (actions.arns === 'bare') return `arn:aws:${actions.prefix}:::${resource}`
  return actions.arns === 'global'
    ? globalArnOf(actions.prefix, scope, resource)
    : arnOf(actions.prefix, scope, resource)
}

/** The name in a queue's URL, a zone's path (`/hostedzone/Z1`) or a partial ARN of a function (`123456789012:function:web`). */
function nameOf(given: string): string {
  if (/^(https?:\/\/|\/(hostedzone|healthcheck|change)\/)/.test(given))
    return given.slice(given.lastIndexOf('/') + 1)
  return given.replace(/^(\d{12}:)?function:/, '')
}

/** Puts names and members into a form, as `ActionRow.form` says. */
function filled(form: string, name: string, input: unknown, { accountId }: Scope): string {
  return form.replace(/\{([^}]*)\}/g, (_, slot: string) => {
    if (slot === '') return name
    if (slot === '@account') return accountId
    if (slot.startsWith('#')) return name.split('/')[Number(slot.slice(1))] ?? '*'
    if (slot === '@bus') return busPart(input)
    const [before, after] = slot.split('|')
    if (after !== undefined) return withEnd(before ?? '', textsAt(input, after)[0])
    const [path = '', byDefault = '*'] = slot.split('=')
    return endOf(textsAt(input, path)[0] ?? byDefault)
  })
}

const withEnd = (before: string, text: string | undefined) => (text === undefined ? '' : before + text)

/** Rules of the default bus have no bus in their ARN. */
function busPart(input: unknown): string {
  const bus = endOf(textsAt(input, 'EventBusName')[0] ?? 'default')
  return bus === 'default' ? '' : `${bus}/`
}

function endOf(text: string): string {
  const arn = parseArn(text)
  return arn ? arn.resource.slice(arn.resource.lastIndexOf('/') + 1) : text
}

/** Condition keys of a row. Where a key is of a cluster or a function that is named, its value is the ARN. */
function keysOf({ keys = {} }: ActionRow, input: unknown, { scope }: Around): [string, string[]][] {
  return Object.entries(keys).flatMap(([key, member]): [string, string[]][] => {
    if (member.startsWith('=')) return [[key.toLowerCase(), [member.slice(1)]]]
    const values = key === 'ecs:cluster' ? [textsAt(input, member)[0] ?? 'default'] : textsAt(input, member)
    const shown = values.map((value) => arnOfKey(key, value, scope))
    return shown.length ? [[key.toLowerCase(), shown]] : []
  })
}

function arnOfKey(key: string, value: string, scope: Scope): string {
  if (parseArn(value)) return value
  if (key === 'ecs:cluster') return arnOf('ecs', scope, `cluster/${value}`)
  return key === 'lambda:FunctionArn' ? arnOf('lambda', scope, `function:${nameOf(value)}`) : value
}

/** The strings at a path of members; `a|b` is the first of them that is there. */
function textsAt(input: unknown, path: string): string[] {
  for (const one of path.split('|')) {
    const texts = valuesAt(input, one).filter((value) => typeof value === 'string' && value !== '')
    if (texts.length) return texts.map(String)
  }
  return []
}

function valuesAt(input: unknown, path: string): unknown[] {
  let values: unknown[] = [input]
  for (const name of path.split('.')) {
    values = values.flatMap((value): unknown[] => {
      if (!isRecord(value)) return []
      if (name === '{keys}') return Object.keys(value)
      const next = value[name]
      return Array.isArray(next) ? next : [next]
    })
  }
  return values
}
