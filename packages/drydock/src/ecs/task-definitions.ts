/** Task definitions: families of numbered revisions that never change once registered. */

import type { TaskDefinition } from '@aws-sdk/client-ecs'
import * as client from '@aws-sdk/client-ecs'
import { rootArn } from '../arn.ts'
import type { Handlers } from '../wire/handlers.ts'
import { requireIncludes, requireOneOf } from './enums.ts'
import { clientError, invalidParameter } from './errors.ts'
import { shortName, taskDefinitionArn } from './names.ts'
import { byItself, requestedPage } from './page.ts'
import type { EcsOperationContext, EcsState, TaskDefinitionRecord } from './state.ts'
import { announceTags, parseTags, tagList } from './tags.ts'
import { parseTaskDefinition } from './task-definition-rules.ts'

const MOST_DELETED = 10

export const taskDefinitionOperations = {
  RegisterTaskDefinition(input, context) {
    const definition = parseTaskDefinition(input)
    const tags = parseTags(input.tags)
    const family = input.family ?? ''
    const revision = (context.state.lastRevisions[family] ?? 0) + 1
    const record: TaskDefinitionRecord = {
      arn: taskDefinitionArn(context, family, revision),
      family,
      revision,
      status: 'ACTIVE',
      definition,
      registeredAt: context.now,
      registeredBy: rootArn(context),
      tags,
      tagVersion: 0,
    }
    context.state.lastRevisions[family] = revision
    context.state.taskDefinitions[record.arn] = record
    announceTags(context, { record, type: 'task-definition', arn: record.arn }, Object.keys(tags))
    return { taskDefinition: definitionView(record), tags: tagList(tags) }
  },
  DescribeTaskDefinition(input, { state }) {
    requireIncludes(input.include, client.TaskDefinitionField)
    const record = lookUp(state, input.taskDefinition ?? '')
    if (!record) throw clientError('Unable to describe task definition.')
    const tags = input.include?.includes('TAGS') ? { tags: tagList(record.tags) } : {}
    return { taskDefinition: definitionView(record), ...tags }
  },
  DeregisterTaskDefinition(input, context) {
    const name = shortName(input.taskDefinition ?? '')
    if (!/:\d+$/.test(name)) throw clientError('Invalid revision number. Specify a family and a revision.')
    const record = lookUp(context.state, name)
    if (!record) throw clientError('The specified task definition does not exist.')
    if (record.status === 'ACTIVE') {
      record.status = 'INACTIVE'
      record.deregisteredAt = context.now
    }
    return { taskDefinition: definitionView(record) }
  },
  DeleteTaskDefinitions(input, context) {
    const names = input.taskDefinitions ?? []
    if (!names.length) throw invalidParameter('Specify at least one task definition.')
    if (names.length > MOST_DELETED)
      throw invalidParameter(`At most ${MOST_DELETED} task definitions can be deleted.`)
    const results = names.map((name) => ({ name, ...deleteDefinition(context, name) }))
    return {
      taskDefinitions: results.flatMap(({ record }) => (record ? [definitionView(record)] : [])),
      failures: results.flatMap(({ name, reason }) => (reason ? [{ arn: name, reason }] : [])),
    }
  },
  ListTaskDefinitions(input, { state }) {
    requireOneOf('status', input.status, client.TaskDefinitionStatus)
    requireOneOf('sort', input.sort, client.SortOrder)
    const status = input.status ?? 'ACTIVE'
    const records = Object.values(state.taskDefinitions)
      .filter((record) => record.status === status)
      .filter(({ family }) => !input.familyPrefix || family === input.familyPrefix)
    const form = { isDescending: input.sort === 'DESC' }
    const { items, nextToken } = requestedPage(records, orderOf, input, form)
    return { taskDefinitionArns: items.map(({ arn }) => arn), nextToken }
  },
  ListTaskDefinitionFamilies(input, { state }) {
    requireOneOf('status', input.status, client.TaskDefinitionFamilyStatus)
    const active = new Set(activeDefinitions(state).map(({ family }) => family))
    const all = new Set(Object.values(state.taskDefinitions).map(({ family }) => family))
    const status = input.status ?? 'ACTIVE'
    const families = [...all]
      .filter((family) => status === 'ALL' || active.has(family) === (status === 'ACTIVE'))
      .filter((family) => family.startsWith(input.familyPrefix ?? ''))
    const { items, nextToken } = requestedPage(families, byItself, input)
    return { families: items, nextToken }
  },
} satisfies Partial<Handlers<typeof client, EcsOperationContext>>

/** By family, then by revision as a number; the space comes before every character that a family may have. */
const orderOf = ({ family, revision }: TaskDefinitionRecord) =>
  `${family} ${String(revision).padStart(10, '0')}`

const activeDefinitions = (state: EcsState) =>
  Object.values(state.taskDefinitions).filter(({ status }) => status === 'ACTIVE')

/** The definition of a family (its newest ACTIVE revision), `family:revision` or ARN; whatever its status if named. */
function lookUp(state: EcsState, nameOrArn: string): TaskDefinitionRecord | undefined {
  const [family = '', revision] = shortName(nameOrArn).split(':')
  const records = Object.values(state.taskDefinitions).filter((record) => record.family === family)
  if (revision !== undefined) return records.find((record) => String(record.revision) === revision)
  return records.filter(({ status }) => status === 'ACTIVE').sort((a, b) => b.revision - a.revision)[0]
}

/** The definition that tasks can be started with. Throws ClientException if there is none or it is not ACTIVE. */
export function findTaskDefinition(state: EcsState, nameOrArn: string | undefined): TaskDefinitionRecord {
  const record = lookUp(state, nameOrArn ?? '')
  if (!record) throw clientError('TaskDefinition not found.')
  if (record.status !== 'ACTIVE') throw clientError('TaskDefinition is inactive')
  return record
}

/** Marks for deletion what has been deregistered. Its tasks and services go on (API Reference: DeleteTaskDefinitions). */
function deleteDefinition(context: EcsOperationContext, name: string) {
  const record = lookUp(context.state, name)
  if (!record) return { reason: 'MISSING' }
  if (record.status === 'ACTIVE')
    return {
      reason:
        'The specified task definition is still in ACTIVE status. Please deregister the target and try again.',
    }
  record.status = 'DELETE_IN_PROGRESS'
  record.deleteRequestedAt ??= context.now
  return { record }
}

/** A definition as the API shows it. */
function definitionView(record: TaskDefinitionRecord): TaskDefinition {
  const { deregisteredAt, deleteRequestedAt } = record
  return {
    ...record.definition,
    taskDefinitionArn: record.arn,
    revision: record.revision,
    status: record.status,
    registeredAt: new Date(record.registeredAt),
    registeredBy: record.registeredBy,
    ...(deregisteredAt !== undefined && { deregisteredAt: new Date(deregisteredAt) }),
    ...(deleteRequestedAt !== undefined && { deleteRequestedAt: new Date(deleteRequestedAt) }),
  }
}
